"""The steps of a build: each says on one line what it is and how long it took."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from rig.clock import process_time_s
from tests.guest.cache import cache_folder
from tests.guest.errors import BuildError
from tests.guest.processes import finished

LIMIT_S = 1800.0


async def phase(name: str, command: Sequence[str | Path], log: Path, folder: Path | None = None) -> None:
    """Runs one step.

    Raises:
        BuildError: it failed or took longer than half an hour; its log is kept in the cache.
    """
    began = process_time_s()
    print(f"guest: {name} ...", end="", flush=True)
    try:
        code: int | None = await finished(command, log, limit_s=LIMIT_S, folder=folder)
    except TimeoutError:
        code = None
    print(f" {process_time_s() - began:.0f} s", flush=True)
    if code != 0:
        kept = cache_folder() / "failed-build.log"
        shutil.copy(log, kept)
        how = f"exit {code}" if code is not None else f"no end within {LIMIT_S:.0f} s"
        raise BuildError(f"{name} failed ({how}); see {kept}")
