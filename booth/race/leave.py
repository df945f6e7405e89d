"""What a race lets a car do, whatever its driver wishes. Pure."""

from __future__ import annotations

from booth.race.modes import RULES
from booth.race.state import Phase, Race
from booth.race.wish import STAND, Wish, safe

ROLL_ON_MM_S = 300
"""A car that is done rolls on: standing on the road it would be in the others' way."""


def allowed(race: Race, seat: int, wish: Wish, now_s: float, cap_mm_s: int) -> Wish:
    """The wish of a seat's driver, as far as the race allows it at `now_s`.

    Everything stands before green and after the end, and so does a car that is out or disabled; a car that is done
    rolls on. The lights flash while a car is disabled, and shortly after a shot or a hit.
    """
    racer = race.of_seat(seat)
    if racer is None or race.phase is not Phase.RUNNING or racer.out is not None:
        return STAND._replace(lane_mm=safe(wish, cap_mm_s).lane_mm)
    wish = safe(wish, cap_mm_s)
    flashed_s = racer.fight.flashed_s
    flash = flashed_s is not None and now_s - flashed_s < race.fairness.flash_s
    if racer.is_disabled(now_s):
        return wish._replace(speed_mm_s=0, flash=True)
    if RULES[race.mode.kind].is_done(race, racer):
        return safe(wish._replace(speed_mm_s=ROLL_ON_MM_S, flash=flash), cap_mm_s)
    return wish._replace(flash=flash)
