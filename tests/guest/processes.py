"""Starting commands so that none outlives the runner."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

WARDEN = Path(__file__).with_name("warden.py")


@contextlib.asynccontextmanager
async def guarded(
    command: Sequence[str | Path],
    log: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command running in a group of its own, its words appended to `log`; leaving the context ends the group."""
    with log.open("ab") as words:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(WARDEN), *map(str, command),
            stdin=asyncio.subprocess.PIPE, stdout=words, stderr=words,
            cwd=folder, env={**os.environ, **(environment or {})}, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()


async def finished(
    command: Sequence[str | Path], log: Path, *, limit_s: float, folder: Path | None = None
) -> int:
    """Runs a command to its end and returns its exit code.

    Raises:
        TimeoutError: it took longer than `limit_s`; its whole group is gone.
    """
    async with guarded(command, log, folder=folder) as process, asyncio.timeout(limit_s):
        return await process.wait()
