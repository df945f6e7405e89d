"""Bringing cars to the start by themselves: slowly to the line, each on a lane of its own, and there they stand. Pure.

After a race cars stand anywhere on the track. Lined up behind the line, on the long half of the start piece, they all
cross it within a moment of green, so that the same clock is fair to all.
"""

from __future__ import annotations

from booth.race.drivers import LANES_MM
from booth.race.state import Spot
from booth.race.wish import STAND, Wish, safe

GRID_MM = 300.0
"""This far before the line, at most, a car is on the grid: the long half of the start piece is 340 mm long."""
TO_GRID_MM_S = 400
NEARLY_MM_S = 250
NEARLY_MM = 900.0


def lane_of(seat: int) -> float:
    """The lane on which a seat's car stands on the grid, mm from the road's centre."""
    return LANES_MM[(seat - 1) % len(LANES_MM)]


def is_on_grid(spot: Spot | None) -> bool:
    """Whether a car was last read on the grid."""
    return spot is not None and spot.lap_mm - spot.along_mm <= GRID_MM


def wish_to_grid(seat: int, spot: Spot | None, cap_mm_s: int) -> Wish:
    """What brings a seat's car to the grid, from wherever it was last read; None: it was not yet read anywhere."""
    lane_mm = lane_of(seat)
    if spot is not None and is_on_grid(spot):
        return STAND._replace(lane_mm=lane_mm)
    is_near = spot is not None and spot.lap_mm - spot.along_mm <= NEARLY_MM
    return safe(Wish(NEARLY_MM_S if is_near else TO_GRID_MM_S, lane_mm), cap_mm_s)
