"""Counting crossings of the line, each once. The order they are heard in, and how often, makes no difference."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from booth.race.events import Lapped
from booth.race.state import Fairness, LapTime, Racer


def counted(racer: Racer, event: Lapped, green_s: float, fairness: Fairness) -> Racer | None:
    """The racer with the lap that `event` ends, or with its clock started; None when the crossing says nothing new.

    The first crossing after the detector began anew ends the lap that was under way: the cars stayed where they were.
    A lap that began before green is one only for a car that stood behind the line then; for one lined up before the
    line its end is the start.
    """
    if not math.isfinite(event.crossed_s) or _is_known(racer, event.crossed_s, fairness.min_lap_s):
        return None
    before_s = max((s for s in _crossings(racer) if s < event.crossed_s), default=None)
    if before_s is None and (event.is_first or _is_start(racer, event, green_s)):
        return replace(racer, first_s=event.crossed_s, is_broken=False)
    time_s = event.time_s
    if time_s is None or not math.isfinite(time_s) or event.is_first:
        time_s = None if before_s is None else event.crossed_s - before_s
    if time_s is None or time_s < fairness.min_lap_s:
        return None
    is_whole = not (racer.is_broken or event.is_first)
    laps = in_order((*racer.laps, LapTime(event.crossed_s, time_s, is_whole)))
    return replace(racer, laps=laps, is_broken=False)


def _is_start(racer: Racer, event: Lapped, green_s: float) -> bool:
    began_s = None if event.time_s is None else event.crossed_s - event.time_s
    return began_s is not None and began_s < green_s and not racer.is_past_line


def in_order(laps: Iterable[LapTime]) -> tuple[LapTime, ...]:
    """The laps in the order they were completed."""
    return tuple(sorted(laps, key=lambda lap: lap.crossed_s))


def _crossings(racer: Racer) -> tuple[float, ...]:
    first = () if racer.first_s is None else (racer.first_s,)
    return (*first, *(lap.crossed_s for lap in racer.laps))


def _is_known(racer: Racer, crossed_s: float, min_lap_s: float) -> bool:
    return any(abs(crossed_s - known_s) < min_lap_s for known_s in _crossings(racer))
