"""What a finished life says of itself that cannot all be so: a gauge or a flag of the car is broken. Pure.

Such a car is not failed for it: the life was told apart by the evidence that agreed, and counts as it is. But whoever
races it would not be warned in time.
"""

from __future__ import annotations

from collections.abc import Iterable

from rig.soak.battery.ends import End
from rig.store.lives import LifeRow

UNWARNED = "died of its battery without ever saying that it was low"
GAUGE_STUCK = "read the same voltage from full until its battery died"
GAUGE_HIGH = "read a healthy voltage until its battery died"
_HEALTHY_ABOVE_DYING_MV = 300.0
_LONG_ENOUGH_S = 60.0
"""A flag or a gauge that is read every few seconds had its chance by then."""


def contradictions(lives: Iterable[LifeRow], dying_mv: float) -> dict[str, int]:
    """What is wrong and in how many lives; `dying_mv` is what the plan takes for a dying cell."""
    found: dict[str, int] = {}
    for life in lives:
        for words in _of(life, dying_mv):
            found[words] = found.get(words, 0) + 1
    return found


def _of(life: LifeRow, dying_mv: float) -> Iterable[str]:
    if life.end != End.BATTERY or life.life_s < _LONG_ENOUGH_S:
        return
    if life.low_s is None:
        yield UNWARNED
    if life.end_mv is None:
        return
    if life.start_full and life.start_mv == life.end_mv:
        yield GAUGE_STUCK
    elif life.end_mv > dying_mv + _HEALTHY_ABOVE_DYING_MV:
        yield GAUGE_HIGH
