"""Where a car is on its lap, from what is read on the road. Pure."""

from __future__ import annotations

from dataclasses import replace

from booth.race.events import Moved
from booth.race.state import Racer, Spot
from booth.race.wish import SLOWEST_MM_S

_JUST_BELOW_ONE = 0.999
_WRAPPED = 0.5
"""A share that falls by more than this has passed the line."""
_JUST_CROSSED_S = 1.0
_WELL_ON = 0.3


def read_at(racer: Racer, event: Moved, *, is_on: bool) -> Racer | None:
    """The racer where it is now; None when the reading is older than the last, or none.

    `is_on`: the race is. Detectors that begin while a car stands just before the line miss its first crossing now and
    then. A car that was read before the line, behind it, and then well on its way has started all the same; the time
    of the lap it is on is not to be trusted.
    """
    spot = _spot(racer, event)
    if spot is None:
        return None
    before = racer.spot
    racer = replace(racer, spot=spot)
    share = spot.along_mm / spot.lap_mm
    if not is_on:
        return replace(racer, is_past_line=share < _WRAPPED)
    if racer.last_s is not None or before is None:
        return racer
    if before.along_mm / before.lap_mm - share > _WRAPPED:
        since_s = spot.along_mm / max(spot.speed_mm_s, SLOWEST_MM_S)
        return replace(racer, passed_s=max(before.at_s, spot.at_s - since_s))
    if racer.passed_s is not None and share > _WELL_ON:
        return replace(racer, first_s=racer.passed_s, is_broken=True, spot=replace(spot, share=share))
    return racer


def _spot(racer: Racer, event: Moved) -> Spot | None:
    """Where the car is now; None when the reading is older than the last, or none.

    The line is passed when the crossing is counted, not when a code behind it is read, or the car would seem to fall
    back by a lap meanwhile.
    """
    if event.lap_mm <= 0:
        return None
    before = racer.spot
    if before is not None and event.at_s < before.at_s:
        return None
    along_mm = event.along_mm % event.lap_mm
    share = along_mm / event.lap_mm
    if before is not None and before.share - share > _WRAPPED:
        share = _JUST_BELOW_ONE
    last_s = racer.last_s
    if share > _WRAPPED and last_s is not None and event.at_s - last_s < _JUST_CROSSED_S:
        share = 0.0
    return Spot(event.at_s, along_mm, event.lap_mm, max(0, event.speed_mm_s), event.lane_mm, share)


def spot_after_crossing(spot: Spot | None, crossed_s: float) -> Spot | None:
    """The spot once a crossing is counted: at the line, or what was read behind it since."""
    if spot is None:
        return None
    along_share = spot.along_mm / spot.lap_mm
    is_behind = spot.at_s >= crossed_s and along_share < _WRAPPED
    return replace(spot, share=along_share if is_behind else 0.0)
