"""Across the road: where a car is, where it believes to be, and changes of lane.

A car never corrects its believed offset from the codes it reads (Leicas README); it only adds up the lane changes
it was told to make. The true place also drifts by a row now and then (opcau/anki: row 7 to 8 and 9 in minutes).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from protocol import OFFSET_UNKNOWN_MM

UNSET_OFFSET_MM = OFFSET_UNKNOWN_MM
"""What a car reports until a host has told it an offset."""

CLAMP_MM = 68.0
WIDE_CLAMP_MM = 86.0
"""With a road network's meta data (0x49) the clamp is wider, by how much is not public."""

LEAST_SPEED_MM_S = 20.0
LEAST_ACCEL_MM_S2 = 100.0
_ERROR_SHARE = 0.02
_DRIFT_PER_CURVE = 0.016
_OUTWARDS = 0.9
_BACK_PER_ROW = 0.4
_ROW_MM = 9.0
_FARTHEST_MM = 1e6


@dataclass(frozen=True, slots=True)
class LaneChange:
    """One change of lane under way, at constant horizontal speed."""

    begin_s: float
    end_s: float
    from_mm: float
    to_mm: float
    true_from_mm: float
    true_to_mm: float
    speed_mm_s: int
    change_id: int

    def share(self, now_s: float) -> float:
        """How much of it is done, 0 to 1."""
        if self.end_s <= self.begin_s:
            return 1.0
        return min(1.0, max(0.0, (now_s - self.begin_s) / (self.end_s - self.begin_s)))


class LaneKeeping:
    """The lateral state of one car; lateral positions are right positive in driving direction."""

    __slots__ = ("_chance", "_drift", "_drifted_mm", "believed_mm", "change", "clamp_mm", "true_mm")

    def __init__(self, chance: random.Random, true_mm: float, drift: float) -> None:
        self._chance = chance
        self._drift = drift
        self._drifted_mm = 0.0
        self.true_mm = true_mm
        self.believed_mm = UNSET_OFFSET_MM
        self.change: LaneChange | None = None
        self.clamp_mm = CLAMP_MM

    @property
    def knows_offset(self) -> bool:
        """Whether a host has set an offset."""
        return self.believed_mm != UNSET_OFFSET_MM

    def place(self, true_mm: float) -> None:
        """A hand has put the car somewhere; what it believes stays."""
        self.true_mm = true_mm
        self._drifted_mm = 0.0
        self.change = None

    def set_offset(self, offset_mm: float) -> None:
        """The host says where the car is."""
        self.believed_mm = _plausible(offset_mm) if math.isfinite(offset_mm) else UNSET_OFFSET_MM

    def adjust_offset(self, by_mm: float) -> None:
        """The host corrects the offset; ignored while there is none."""
        if self.knows_offset and math.isfinite(by_mm):
            self.believed_mm = _plausible(self.believed_mm + by_mm)

    def begin(
        self, now_s: float, target_mm: float, speed_mm_s: float, accel_mm_s2: float, change_id: int
    ) -> LaneChange:
        """Starts towards an offset (clamped); a change under way is left where it is."""
        self.settle(now_s)
        target = min(self.clamp_mm, max(-self.clamp_mm, target_mm))
        way = target - self.believed_mm
        error = self._chance.gauss(0.0, _ERROR_SHARE)
        speed = max(LEAST_SPEED_MM_S, speed_mm_s)
        lasts = abs(way) / speed + (speed / max(LEAST_ACCEL_MM_S2, accel_mm_s2) if way else 0.0)
        self.change = LaneChange(
            now_s,
            now_s + lasts,
            self.believed_mm,
            target,
            self.true_mm,
            self.true_mm + way * (1.0 + error),
            round(speed),
            change_id,
        )
        return self.change

    def settle(self, now_s: float) -> None:
        """Brings the position forward to `now_s`; ends a change that is over."""
        change = self.change
        if change is None:
            return
        done = change.share(now_s)
        self.believed_mm = change.from_mm + done * (change.to_mm - change.from_mm)
        self.true_mm = change.true_from_mm + done * (change.true_to_mm - change.true_from_mm)
        if done >= 1.0:
            self.change = None

    def cancel(self, now_s: float) -> None:
        """Stops a change and merges with the nearest 9 mm row."""
        self.settle(now_s)
        if self.change is None:
            return
        self.change = None
        merged = round(self.believed_mm / _ROW_MM) * _ROW_MM
        self.true_mm += merged - self.believed_mm
        self.believed_mm = merged

    def turn_round(self, side_step_mm: float) -> None:
        """After a U-turn left is right, and the car stands one turning circle further to the middle."""
        towards_middle = -side_step_mm if self.true_mm > 0.0 else side_step_mm
        self.true_mm = -(self.true_mm + towards_middle)
        if self.knows_offset:
            self.believed_mm = -(self.believed_mm + towards_middle)
        self._drifted_mm = 0.0
        self.change = None

    def drift(self, pull: int) -> None:
        """At the end of a curve: now and then the car has come to follow the next row, first mostly the outer
        one, then mostly back.

        `pull` is where a curve pushes the car: 1 right, -1 left, 0 nowhere.
        """
        draw = self._chance.random()
        likely = _DRIFT_PER_CURVE * self._drift
        if pull == 0 or self.change is not None or draw >= likely:
            return
        rows_out = pull * self._drifted_mm / _ROW_MM
        step = pull * _ROW_MM if draw < likely * (_OUTWARDS - _BACK_PER_ROW * rows_out) else -pull * _ROW_MM
        self._drifted_mm += step
        self.true_mm += step


def _plausible(offset_mm: float) -> float:
    """An offset that still fits the wire after any number of adjustments."""
    return min(_FARTHEST_MM, max(-_FARTHEST_MM, offset_mm))
