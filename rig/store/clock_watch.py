"""Tells when the machine's wall clock was set, or the machine slept, by comparing it with the uptime. Pure.

Durations never come from the wall clock; it only says when in the world things happened, and how long a gap over a
reboot was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rig.clock import Uptime

LEAST_STEP_S = 5.0
SLEW = 0.001
"""A clock that is being disciplined gains or loses up to 0.05 % (adjtimex(2)); twice that is no step."""
LEAST_SLEEP_S = 1.0

Event = tuple[Literal["stepped", "asleep"], float]


def stepped_s(wall_s: float, passed_s: float) -> float | None:
    """By how much a clock was set that advanced by `wall_s` while `passed_s` passed; None when it was not."""
    by_s = wall_s - passed_s
    return by_s if abs(by_s) > LEAST_STEP_S + SLEW * abs(passed_s) else None


class ClockWatch:
    """Looks again and again, within one boot."""

    def __init__(self, now: datetime, uptime: Uptime) -> None:
        self._now = now
        self._uptime = uptime

    def look(self, now: datetime, uptime: Uptime) -> list[Event]:
        """What the clock did since the last look."""
        events: list[Event] = []
        by_s = stepped_s((now - self._now).total_seconds(), uptime.seconds - self._uptime.seconds)
        if by_s is not None:
            events.append(("stepped", round(by_s, 3)))
        slept_s = uptime.asleep_s - self._uptime.asleep_s
        if slept_s > LEAST_SLEEP_S:
            events.append(("asleep", round(slept_s, 3)))
        self._now, self._uptime = now, uptime
        return events


@dataclass(frozen=True, slots=True)
class Away:
    """How long nobody watched: `for_s` seconds. `stepped_s` is by how much the wall clock was set meanwhile, None when it
    was not; `at_least` says that only a lower bound is known."""

    for_s: float
    stepped_s: float | None = None
    at_least: bool = False


def away_since(last_at: datetime, boot_id: str, last_uptime_s: float, now: datetime, uptime: Uptime) -> Away:
    """How long ago the last sign of life was.

    Within one boot the uptime says it exactly. Over a reboot there is only the wall clock; when that lies before the
    last sign of life, or says less than this boot has lasted, it was set back or lost (a board without a battery), and
    what is known is that this boot has lasted so long.
    """
    wall_s = (now - last_at).total_seconds()
    if boot_id and boot_id == uptime.boot_id:
        passed_s = max(0.0, uptime.seconds - last_uptime_s)
        return Away(passed_s, stepped_s(wall_s, passed_s))
    if boot_id and wall_s < uptime.seconds - LEAST_STEP_S:
        return Away(uptime.seconds, wall_s - uptime.seconds, at_least=True)
    return Away(max(0.0, wall_s))
