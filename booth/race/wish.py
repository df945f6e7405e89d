"""What is wanted of one car, whoever drives it. Pure."""

from __future__ import annotations

from typing import NamedTuple

WIDEST_LANE_MM = 60.0


class Wish(NamedTuple):
    """A wanted motion: speed 0 to 1200 mm/s (0 stands), lane offset from the road's centre in mm, right positive,
    at most `WIDEST_LANE_MM` to either side. `flash` makes the lights flash once: a hit, a shot."""

    speed_mm_s: int = 0
    lane_mm: float = 0.0
    accel_mm_s2: int = 1000
    flash: bool = False


STAND = Wish()
