"""Work that nobody waits for any longer but that has not ended: what was asked of an adapter that hangs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

_log = logging.getLogger("pitboard.radio")


class Stragglers:
    """Keeps such tasks until they have ended by themselves, each within limits of its own."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def give(self, tasks: Iterable[asyncio.Task[Any]], limit_s: float) -> None:
        """Waits for the tasks, at most `limit_s` seconds; then, or when the caller is cancelled, lets them lag.

        Those are cancelled, and left alone while they hold that back.
        """
        given = set(tasks)
        for task in given:
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        try:
            if given:
                await asyncio.wait(given, timeout=limit_s)
        finally:
            for task in given:
                task.cancel()

    async def all_ended(self, limit_s: float) -> None:
        """Waits for those that still lag, at most `limit_s` seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=limit_s)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.debug("ended late: %r", error)
