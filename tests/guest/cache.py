"""Where kernels, images and run logs are kept, and how two builds keep out of each other's way."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import platformdirs

KEPT_RUNS = 12
"""How many run folders stay; older ones go when a new one is made."""


def cache_folder() -> Path:
    """`$PITBOARD_GUEST_CACHE`, or the user's cache folder. Its path may hold no blank: the kernel splits there."""
    named = os.environ.get("PITBOARD_GUEST_CACHE")
    folder = Path(named or platformdirs.user_cache_path("pitboard", appauthor=False) / "guest").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def content_key(ingredients: Mapping[str, str]) -> str:
    """Twenty hex digits that change when any ingredient does, whatever their order."""
    told = "".join(f"{name}\0{value}\0" for name, value in sorted(ingredients.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:20]


@contextlib.asynccontextmanager
async def building(entry: Path) -> AsyncIterator[Path | None]:
    """An empty folder to build in, renamed to `entry` at the end; None when another process made the entry meanwhile.

    One build at a time per cache. A build that fails or is killed leaves no entry; its folder is removed at once, or,
    after a kill, by the next build.
    """
    entry.parent.mkdir(parents=True, exist_ok=True)
    with (entry.parent / ".lock").open("w") as lock:
        waited = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waited:
                    print("guest: another process is building; waiting for it", flush=True)
                waited = True
                await asyncio.sleep(0.5)
        for stale in entry.parent.glob(".building-*"):
            shutil.rmtree(stale, ignore_errors=True)
        if entry.exists():
            yield None
            return
        draft = Path(tempfile.mkdtemp(prefix=".building-", dir=entry.parent))
        try:
            yield draft
            draft.rename(entry)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def new_run_folder(name: str) -> Path:
    """A fresh folder for one run's exchange and logs; all but the newest runs are removed."""
    runs = cache_folder() / "runs"
    runs.mkdir(exist_ok=True)
    by_age = sorted(runs.iterdir(), key=lambda run: run.stat().st_mtime)
    for old in by_age[: -KEPT_RUNS + 1]:
        shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=runs))
