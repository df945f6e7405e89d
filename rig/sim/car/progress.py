"""Along the road: which piece, how far into it, and when the next printed mark comes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum

from rig.sim.car.motion import Grounding, SpeedProfile, at_rest, ramp
from rig.sim.car.road import Code, Road

_PIECE_SPREAD = 0.011
"""Relative spread of the time a car needs for one and the same piece: 23 of 1851 ms on the recorded straight,
less the 9 ms of the sniffer's clock."""

_NEARLY_MM = 1e-6


class Mark(Enum):
    """What lies ahead on a piece."""

    CODE = "code"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next mark and when the car is over it."""

    mark: Mark
    due_s: float
    code: Code | None = None


class Progress:
    """The longitudinal state of one car.

    `along_mm` is measured on the car's own line at `at_s`; distance then follows the speed profile. `began_at`
    is the share of the piece that lay behind the car when it came onto it: 0 but after a hand or a U-turn.
    """

    __slots__ = (
        "_chance",
        "_codes",
        "_ground",
        "_next",
        "_stretch",
        "along_mm",
        "at_s",
        "backwards",
        "began_at",
        "index",
        "length_mm",
        "piece",
        "profile",
        "road",
    )

    def __init__(self, road: Road, chance: random.Random, ground: Grounding, now_s: float) -> None:
        self.road = road
        self._chance = chance
        self._ground = ground
        self._stretch = 1.0
        self.backwards = False
        self.index = 0
        self.piece = road.piece(0, backwards=False)
        self.length_mm = self.piece.length_mm(0.0)
        self.along_mm = 0.0
        self.began_at = 0.0
        self.at_s = now_s
        self.profile: SpeedProfile = at_rest(now_s)
        self._codes: tuple[Code, ...] = ()
        self._next = 0

    @property
    def fraction(self) -> float:
        """How far into the piece the car was at `at_s`, 0 to 1."""
        return self.along_mm / self.length_mm

    def place(self, now_s: float, index: int, fraction: float, lane_mm: float, *, backwards: bool) -> None:
        """Puts the car on a piece, standing."""
        self.backwards = backwards
        self.profile = at_rest(now_s)
        self._enter(now_s, index % len(self.road.layout.pieces), lane_mm)
        self._begin_at(min(0.999, max(0.0, fraction)))

    def command(self, now_s: float, target_mm_s: float, accel_mm_s2: float) -> None:
        """A new speed from now on."""
        self.bring_forward(now_s)
        self.profile = ramp(now_s, self.profile.wheel_mm_s(now_s), target_mm_s, accel_mm_s2, self._ground)

    def halt(self, now_s: float) -> None:
        """The car stands from now on, without a ramp."""
        self.bring_forward(now_s)
        self.profile = at_rest(now_s)

    def bring_forward(self, now_s: float) -> None:
        """Moves the car on to `now_s`, never past the next mark."""
        if now_s <= self.at_s:
            return
        moved = self.profile.distance_mm(self.at_s, now_s) / self._stretch
        self.along_mm = min(self.along_mm + moved, self._next_mark_mm())
        self.at_s = now_s

    def change_line(self, lane_mm: float) -> None:
        """The car is on another line of the same piece: same share of the way, other codes ahead."""
        fraction = self.fraction
        self.length_mm = self.piece.length_mm(lane_mm)
        self._codes = self.piece.codes(lane_mm)
        self._move_to(fraction * self.length_mm)

    def turn_round(self, now_s: float, lane_mm: float) -> None:
        """The car faces the other way on the same spot."""
        fraction = self.fraction
        self.backwards = not self.backwards
        self._enter(now_s, self.index, lane_mm)
        self._begin_at(min(0.999, 1.0 - fraction))

    def ahead(self) -> Ahead | None:
        """The next mark; None when the car stops before it."""
        way = (self._next_mark_mm() - self.along_mm) * self._stretch
        due = self.profile.time_after(self.at_s, way)
        if due is None:
            return None
        if self._next < len(self._codes):
            return Ahead(Mark.CODE, due, self._codes[self._next])
        return Ahead(Mark.BAR, due)

    def pass_code(self, due_s: float) -> None:
        """The car is over the end of the next code."""
        self.along_mm = self._codes[self._next][0]
        self.at_s = due_s
        self._next += 1

    def pass_bar(self, due_s: float, lane_mm: float) -> None:
        """The car enters the next piece."""
        self._enter(due_s, self.road.index_after(self.index, backwards=self.backwards), lane_mm)

    def _enter(self, now_s: float, index: int, lane_mm: float) -> None:
        self.index = index
        self.piece = self.road.piece(index, backwards=self.backwards)
        self.length_mm = self.piece.length_mm(lane_mm)
        self._codes = self.piece.codes(lane_mm)
        self._next = 0
        self._stretch = max(0.9, self._chance.gauss(1.0, _PIECE_SPREAD))
        self.along_mm = 0.0
        self.began_at = 0.0
        self.at_s = now_s

    def _begin_at(self, fraction: float) -> None:
        self.began_at = fraction
        self._move_to(fraction * self.length_mm)

    def _move_to(self, along_mm: float) -> None:
        self.along_mm = along_mm
        self._next = sum(code[0] <= along_mm + _NEARLY_MM for code in self._codes)

    def _next_mark_mm(self) -> float:
        return self._codes[self._next][0] if self._next < len(self._codes) else self.length_mm
