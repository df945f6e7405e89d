"""The road as one car meets it: each piece in its direction of travel, with its codes on the car's row."""

from __future__ import annotations

from functools import cache

from protocol.track import (
    BLOCK_MM,
    CURVE_RADIUS_MM,
    PieceKind,
    codes_per_row,
    location_id_for,
    piece_kind,
    piece_length_mm,
    report_points_mm,
    row_at_offset,
)
from rig.sim.track_layout import TrackLayout, centre_length_mm

Code = tuple[float, int, int]
"""(how far into the piece its last mark lies, location id, column)"""

_CROSSING: tuple[Code, ...] = ((190.0, 0, 0), (390.0, 0, 1))
"""The two lines of an intersection, in and out; where exactly they lie is not public."""

LANE_LIMIT_MM = 90.0
"""Beyond this a wheel is off the 184 mm wide road."""


class RoadPiece:
    """One piece as driven: `reverse` when its codes are read against their printed direction."""

    __slots__ = ("is_curve", "kind", "piece_id", "reverse")

    def __init__(self, piece_id: int, reverse: bool) -> None:
        self.piece_id = piece_id
        self.reverse = reverse
        self.kind = piece_kind(piece_id)
        self.is_curve = self.kind is PieceKind.CURVE

    def length_mm(self, lane_mm: float) -> float:
        """How far a car drives on the piece, `lane_mm` right (+) or left (-) of the centre."""
        length = piece_length_mm(self.piece_id, reverse=self.reverse, offset_mm=lane_mm)
        return centre_length_mm(self.piece_id) if length is None else length

    def codes(self, lane_mm: float) -> tuple[Code, ...]:
        """The codes on the row under the car, in the order it meets them."""
        return _codes(self.piece_id, self.reverse, row_at_offset(lane_mm, reverse=self.reverse))

    @property
    def pull(self) -> int:
        """Where the piece pushes a car: 1 to the right (a left curve), -1 to the left, 0 nowhere."""
        if not self.is_curve:
            return 0
        return -1 if self.reverse else 1

    def radius_mm(self, lane_mm: float) -> float | None:
        """Radius of the car's line; None where the road is straight."""
        if not self.is_curve:
            return None
        return CURVE_RADIUS_MM + (-lane_mm if self.reverse else lane_mm)


@cache
def _codes(piece_id: int, reverse: bool, row: int) -> tuple[Code, ...]:
    counts = codes_per_row(piece_id)
    if piece_kind(piece_id) is PieceKind.INTERSECTION:
        return _CROSSING
    if not counts:
        return ()
    columns = counts[row]
    points = report_points_mm(piece_id, row, reverse=reverse) or _even_points_mm(piece_id, columns)
    order = range(columns - 1, -1, -1) if reverse else range(columns)
    return tuple(
        (point, location_id_for(piece_id, row, column), column)
        for point, column in zip(points, order, strict=True)
    )


def _even_points_mm(piece_id: int, columns: int) -> tuple[float, ...]:
    """Report points on pieces nobody measured: blocks of 160 mm spread evenly."""
    length = centre_length_mm(piece_id)
    gap = max(0.0, length - columns * BLOCK_MM) / (columns + 1)
    return tuple((n + 1) * (gap + BLOCK_MM) for n in range(columns))


class Road:
    """A layout driven in either direction."""

    __slots__ = ("_backward", "_forward", "layout")

    def __init__(self, layout: TrackLayout) -> None:
        self.layout = layout
        self._forward = tuple(RoadPiece(piece.piece_id, piece.reverse) for piece in layout.pieces)
        self._backward = tuple(RoadPiece(piece.piece_id, not piece.reverse) for piece in layout.pieces)

    def piece(self, index: int, *, backwards: bool) -> RoadPiece:
        """The piece at an index of the layout, driven along it or against it."""
        return (self._backward if backwards else self._forward)[index % len(self._forward)]

    def index_after(self, index: int, *, backwards: bool) -> int:
        """The index of the next piece."""
        return (index + (-1 if backwards else 1)) % len(self._forward)
