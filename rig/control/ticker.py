"""A tick that keeps its schedule: deadline n is `start + n * period`, however late the ones before it came.

Ticks come from a Linux timerfd, because asyncio's own timers go through epoll, whose whole milliseconds round
every sleep up: 0.8 ms late in the median against 0.1 ms. Where there is no timerfd (other systems) and in
virtual time, the loop's timers keep the same absolute schedule.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rig.control.timerfd import ExpiryTimer, timerfd_available
from rig.virtual_time import in_virtual_time

Source = Literal["timerfd", "loop"]

SHORTEST_PERIOD_S = 1e-4  # a loop that only ticks is no use to anyone


@dataclass(frozen=True, slots=True)
class Tick:
    """One call of the ticker.

    `number` counts deadlines from 1, missed ones included; `intended_s` is the deadline in loop time;
    `late_s` (>= 0) how long after it the call came; `missed` how many deadlines before this one passed
    without a call of their own.
    """

    number: int
    intended_s: float
    late_s: float
    missed: int


class Ticker:
    """Calls `on_tick` at every deadline until stopped.

    A loop that was held up gets one call for all the deadlines it slept through, not a burst of them.
    `ticks` counts calls and `missed` the deadlines without one.
    """

    def __init__(self, period_s: float, on_tick: Callable[[Tick], None]) -> None:
        """`period_s` at least 0.1 ms.

        Raises:
            ValueError: the period is shorter, or not a number.
        """
        if not period_s >= SHORTEST_PERIOD_S or math.isinf(period_s):
            raise ValueError(
                f"a tick period of {period_s} s is not between {SHORTEST_PERIOD_S} s and for ever"
            )
        self.period_s = period_s
        self.ticks = 0
        self.missed = 0
        self.source: Source = "loop"
        self._on_tick = on_tick
        self._start_s = 0.0
        self._number = 0
        self._timer: ExpiryTimer | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_running(self) -> bool:
        """Whether ticks are to come."""
        return self._loop is not None

    def start(self) -> None:
        """Starts the schedule now, on the running loop; the first tick comes one period later.

        Raises:
            RuntimeError: already running, or no loop runs.
        """
        if self._loop is not None:
            raise RuntimeError("the ticker is already running")
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._start_s = loop.time()
        self._number = 0
        if timerfd_available() and not in_virtual_time():
            # asyncio's loop.time() is CLOCK_MONOTONIC, the clock the timerfd counts on
            self._timer = ExpiryTimer(self._start_s + self.period_s, self.period_s)
            self.source = "timerfd"
            loop.add_reader(self._timer.fd, self._expired)
        else:
            self.source = "loop"
            self._handle = loop.call_at(self._deadline_s(1), self._due)

    def stop(self) -> None:
        """No tick comes after this. Harmless when not running."""
        loop, self._loop = self._loop, None
        if self._timer is not None and loop is not None:
            loop.remove_reader(self._timer.fd)
            self._timer.close()
            self._timer = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _deadline_s(self, number: int) -> float:
        return self._start_s + number * self.period_s

    def _expired(self) -> None:
        assert self._timer is not None
        passed = self._timer.expirations()
        if passed:
            self._tick(passed)

    def _due(self) -> None:
        assert self._loop is not None
        # a loop timer may fire up to its clock's resolution early; that still is deadline _number + 1
        passed = max(1, int((self._loop.time() - self._start_s) / self.period_s) - self._number)
        self._handle = self._loop.call_at(self._deadline_s(self._number + passed + 1), self._due)
        self._tick(passed)

    def _tick(self, passed: int) -> None:
        assert self._loop is not None
        self._number += passed
        self.ticks += 1
        self.missed += passed - 1
        intended_s = self._deadline_s(self._number)
        late_s = max(0.0, self._loop.time() - intended_s)
        self._on_tick(Tick(self._number, intended_s, late_s, passed - 1))
