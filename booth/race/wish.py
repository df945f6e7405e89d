"""What is wanted of one car, whoever drives it. Pure."""

from __future__ import annotations

from typing import NamedTuple

WIDEST_LANE_MM = 60.0
FASTEST_MM_S = 1200
SLOWEST_MM_S = 150
"""Slower, a car hardly reads the road; a wish between 0 and this is raised to it."""
STRONGEST_MM_S2 = 2500


class Wish(NamedTuple):
    """A wanted motion: speed 0 to 1200 mm/s (0 stands), lane offset from the road's centre in mm, right positive,
    at most `WIDEST_LANE_MM` to either side. The lights flash for as long as `flash` is wished: a hit, a shot."""

    speed_mm_s: int = 0
    lane_mm: float = 0.0
    accel_mm_s2: int = 1000
    flash: bool = False


STAND = Wish()


def within(value: float, low: float, high: float, otherwise: float) -> float:
    """`value` no lower than `low` and no higher than `high`; `otherwise` when it is infinite or no number at all.

    Takes whatever a client sent: texts, None and numbers too great for a float are no numbers.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return otherwise
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - a NaN is not itself
        return otherwise
    return min(max(value, low), high)


def safe(wish: Wish, cap_mm_s: int = FASTEST_MM_S) -> Wish:
    """The wish as it may reach a car: speed 0 or `SLOWEST_MM_S` to `cap_mm_s`, lane and acceleration in their ranges.
    What is no number stands, keeps to the middle, accelerates as usual. A negative speed stands."""
    cap = int(within(cap_mm_s, 0, FASTEST_MM_S, 0))
    speed = int(within(wish.speed_mm_s, 0, cap, 0))
    if 0 < speed < SLOWEST_MM_S:
        speed = min(SLOWEST_MM_S, cap)
    return Wish(
        speed_mm_s=speed,
        lane_mm=float(within(wish.lane_mm, -WIDEST_LANE_MM, WIDEST_LANE_MM, 0.0)),
        accel_mm_s2=int(within(wish.accel_mm_s2, 100, STRONGEST_MM_S2, STAND.accel_mm_s2)),
        flash=wish.flash is True,
    )
