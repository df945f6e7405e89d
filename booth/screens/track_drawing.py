"""The show's track as an SVG path that begins at the line, in driving direction. Pure.

The plane is in mm, x to the right, y down as SVG has it; the cars drive to the right over the line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from protocol.track import (
    CURVE_RADIUS_MM,
    FINISH_SHORT,
    FINISH_SHORT_MM,
    START_LONG,
    START_LONG_MM,
    STRAIGHT_MM,
    PieceKind,
    lap_length_mm,
    piece_kind,
)

_ROAD_MM = 210.0
_STRAIGHT = {
    PieceKind.STRAIGHT: STRAIGHT_MM,
    PieceKind.FINISH_SHORT: FINISH_SHORT_MM,
    PieceKind.START_LONG: START_LONG_MM,
    PieceKind.INTERSECTION: STRAIGHT_MM,
}


@dataclass(frozen=True, slots=True)
class TrackDrawing:
    """`path` for the `d` of an SVG path along the road's middle, `view_box` around the road, `lap_mm` its length."""

    path: str
    view_box: str
    lap_mm: float
    road_mm: float = _ROAD_MM


def draw_track(pieces: Sequence[str]) -> TrackDrawing | None:
    """The drawing of a track as its file lists it (`"17"`, `"23r"` for a curve to the right); None when a piece's shape
    is not public or it has no start."""
    read = [(int(piece.rstrip("r")), piece.endswith("r")) for piece in pieces]
    ids = [piece for piece, _ in read]
    if FINISH_SHORT not in ids or START_LONG not in ids:
        return None
    first = ids.index(FINISH_SHORT)
    walk = _Walk()
    for piece, is_right in (*read[first:], *read[:first]):
        kind = piece_kind(piece)
        if kind is PieceKind.CURVE:
            walk.turn(is_right=is_right)
        elif kind in _STRAIGHT:
            walk.ahead(_STRAIGHT[kind])
        else:
            return None
    return TrackDrawing(walk.path, walk.view_box, lap_length_mm(read))


class _Walk:
    def __init__(self) -> None:
        self._x = self._y = 0.0
        self._heading = 0.0
        self._corners = [(0.0, 0.0)]
        self._steps = ["M0 0"]

    @property
    def path(self) -> str:
        return " ".join(self._steps)

    @property
    def view_box(self) -> str:
        edge = _ROAD_MM / 2 + 45
        xs = [x for x, _ in self._corners]
        ys = [y for _, y in self._corners]
        left, top = min(xs) - edge, min(ys) - edge
        return f"{left:.0f} {top:.0f} {max(xs) + edge - left:.0f} {max(ys) + edge - top:.0f}"

    def ahead(self, length_mm: float) -> None:
        self._go(length_mm * math.cos(self._heading), length_mm * math.sin(self._heading))
        self._steps.append(f"L{self._x:.1f} {self._y:.1f}")

    def turn(self, *, is_right: bool) -> None:
        side = 1 if is_right else -1  # y grows downwards
        before = self._heading
        self._heading += side * math.pi / 2
        self._go(
            CURVE_RADIUS_MM * (math.cos(before) + math.cos(self._heading)),
            CURVE_RADIUS_MM * (math.sin(before) + math.sin(self._heading)),
        )
        self._steps.append(
            f"A{CURVE_RADIUS_MM:.0f} {CURVE_RADIUS_MM:.0f} 0 0 {int(is_right)} {self._x:.1f} {self._y:.1f}"
        )

    def _go(self, dx: float, dy: float) -> None:
        self._x += dx
        self._y += dy
        self._corners.append((self._x, self._y))
