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
ENDING_LIMIT_S = 10.0
"""How long the warden may take to end what it started."""


@contextlib.asynccontextmanager
async def guarded(
    command: Sequence[str | Path],
    log: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command running under a warden, its words appended to `log`; leaving the context ends all it started."""
    with log.open("ab") as words:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(WARDEN), *map(str, command),
            stdin=asyncio.subprocess.PIPE, stdout=words, stderr=words,
            cwd=folder, env={**os.environ, **(environment or {})}, start_new_session=True,
        )  # fmt: skip
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), ENDING_LIMIT_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def finished(
    command: Sequence[str | Path], log: Path, *, limit_s: float, folder: Path | None = None
) -> int:
    """Runs a command to its end and returns its exit code.

    Raises:
        TimeoutError: it took longer than `limit_s`; all it started is gone.
    """
    async with guarded(command, log, folder=folder) as process, asyncio.timeout(limit_s):
        return await process.wait()
