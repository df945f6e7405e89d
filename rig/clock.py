"""The only door to the time.

Durations and deadlines come from the running event loop (`loop.time()`), so that a virtual-time loop
can skip idle hours. Wall-clock instants come from a `Clock`, which the command line chooses once.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where wall-clock instants come from."""

    def utc_now(self) -> datetime:
        """The current instant, timezone-aware, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def utc_now(self) -> datetime:
        """The current instant, timezone-aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this module is the door


class LoopClock:
    """Wall-clock time derived from the running loop: `epoch` is the instant at which `loop.time()` is 0."""

    def __init__(self, epoch: datetime) -> None:
        self._epoch = epoch

    def utc_now(self) -> datetime:
        """The current instant, timezone-aware, UTC."""
        return self._epoch + timedelta(seconds=asyncio.get_running_loop().time())


def process_time_s() -> float:
    """Seconds of real time on a monotonic clock, for progress display only; never stored as a result."""
    return time.monotonic()  # noqa: TID251 - this module is the door
