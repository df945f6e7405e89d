"""The only door to the time.

Durations and deadlines come from the running event loop (`loop.time()`), so that a virtual-time loop
can skip idle hours. Wall-clock instants come from a `Clock`, which the command line chooses once.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long the machine has been up, by a clock that nobody can set: `seconds` since the boot of this id, of which it
    slept `asleep_s`. An empty id means that this system does not tell boots apart."""

    boot_id: str
    seconds: float
    asleep_s: float = 0.0


class Clock(Protocol):
    """Where wall-clock instants come from, which somebody may set, and the uptime beside them, which nobody can."""

    def utc_now(self) -> datetime:
        """The current instant, timezone-aware, UTC."""
        ...

    def uptime(self) -> Uptime:
        """How long the machine has been up."""
        ...


class SystemClock:
    """The machine's own clock."""

    def utc_now(self) -> datetime:
        """The current instant, timezone-aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this module is the door

    def uptime(self) -> Uptime:
        """How long the machine has been up, sleep included, as Linux counts it."""
        awake_s = time.monotonic()  # noqa: TID251 - as above
        try:
            boot_id = _BOOT_ID.read_text(encoding="ascii").strip()
            seconds = time.clock_gettime(time.CLOCK_BOOTTIME)
        except (OSError, AttributeError):  # no Linux
            return Uptime("", awake_s)
        return Uptime(boot_id, seconds, seconds - awake_s)


class LoopClock:
    """Wall-clock time derived from the running loop: `epoch` is the instant at which `loop.time()` is 0."""

    def __init__(self, epoch: datetime) -> None:
        self._epoch = epoch

    def utc_now(self) -> datetime:
        """The current instant, timezone-aware, UTC."""
        return self._epoch + timedelta(seconds=asyncio.get_running_loop().time())

    def uptime(self) -> Uptime:
        """The loop's own time, as of one boot."""
        return Uptime("loop", asyncio.get_running_loop().time())


def process_time_s() -> float:
    """Seconds of real time on a monotonic clock, for progress display only; never stored as a result."""
    return time.monotonic()  # noqa: TID251 - this module is the door
