"""A track as a car has driven it, and its picture in text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.track import (
    FINISH_SHORT,
    START_LONG,
    CurveDirection,
    PieceKind,
    piece_kind,
    piece_length_mm,
)
from rig.driving.lap_events import Direction

Cell = tuple[int, int]
Heading = tuple[int, int]

_EAST: Heading = (1, 0)
_ON_THE_GRID = frozenset({PieceKind.STRAIGHT, PieceKind.CURVE, PieceKind.INTERSECTION})
_ARROWS: dict[Heading, str] = {(1, 0): "═▶═", (-1, 0): "═◀═", (0, 1): " ▲ ", (0, -1): " ▼ "}
_CORNERS = {  # the two open sides of a curve's cell, as headings out of it
    frozenset({(1, 0), (0, -1)}): " ┏━",
    frozenset({(-1, 0), (0, -1)}): "━┓ ",
    frozenset({(1, 0), (0, 1)}): " ┗━",
    frozenset({(-1, 0), (0, 1)}): "━┛ ",
}


@dataclass(frozen=True, slots=True)
class TrackPiece:
    """One piece as driven. `piece_id` None: never read, its kind follows from the wheels."""

    kind: PieceKind
    piece_id: int | None = None
    turn: CurveDirection | None = None
    reverse: bool = False

    @property
    def length_mm(self) -> float | None:
        """Length on the centre line; None where it is not public."""
        if self.piece_id is not None:
            return piece_length_mm(self.piece_id)
        return {PieceKind.STRAIGHT: piece_length_mm(36), PieceKind.CURVE: piece_length_mm(17)}.get(self.kind)

    def __str__(self) -> str:
        """Id and turn, e.g. `20L`; `?` for an id never read."""
        name = "?" if self.piece_id is None else str(self.piece_id)
        return name + ({CurveDirection.LEFT: "L", CurveDirection.RIGHT: "R"}[self.turn] if self.turn else "")


@dataclass(frozen=True, slots=True)
class TrackMap:
    """A closed track in driving order, beginning after the line: 33 … 34 forward, 34 … 33 in reverse."""

    pieces: tuple[TrackPiece, ...]
    direction: Direction

    @property
    def lap_mm(self) -> float | None:
        """One lap on the centre line; None when a piece's length is not public."""
        lengths = [piece.length_mm for piece in self.pieces]
        known = [length for length in lengths if length is not None]
        return sum(known) if len(known) == len(lengths) else None

    @property
    def is_closed(self) -> bool | None:
        """Whether the pieces make a loop on the table; None when a piece's shape is not public."""
        placed = _placed(self.pieces)
        return None if placed is None else placed[1]

    def __str__(self) -> str:
        """The sequence, e.g. `33 → 20L → 23L → 36 → 17L → 18L → 34`."""
        return " → ".join(str(piece) for piece in self.pieces)


def track_from_body(body: Sequence[TrackPiece], direction: Direction) -> TrackMap:
    """The map of a track whose pieces between the two halves of the start piece are `body`."""
    reverse = direction is Direction.REVERSE
    short = TrackPiece(piece_kind(FINISH_SHORT), FINISH_SHORT, reverse=reverse)
    long = TrackPiece(piece_kind(START_LONG), START_LONG, reverse=reverse)
    first, last = (long, short) if reverse else (short, long)
    return TrackMap((first, *body, last), direction)


def draw(track: TrackMap) -> list[str]:
    """The track seen from above as lines of text, the start driven to the right (▶).

    Every piece but the two halves of the start is a square of 560 mm, so the track is drawn on that grid.
    Empty when a piece has no place on it (jumps, specials, printed mats).
    """
    placed = _placed(track.pieces)
    if placed is None:
        return []
    cells, _ = placed
    xs = [x for x, _ in cells]
    ys = [y for _, y in cells]
    return [
        "".join(cells.get((x, y), "   ") for x in range(min(xs), max(xs) + 1)).rstrip()
        for y in range(max(ys), min(ys) - 1, -1)
    ]


def _placed(pieces: Sequence[TrackPiece]) -> tuple[dict[Cell, str], bool] | None:
    """Every grid cell with its glyph, and whether the walk ends where it began; None off the grid."""
    cells: dict[Cell, str] = {(0, 0): _ARROWS[_EAST]}
    at: Cell = (1, 0)
    heading = _EAST
    for piece in pieces:
        if piece.kind in {PieceKind.FINISH_SHORT, PieceKind.START_LONG}:
            continue
        if piece.kind not in _ON_THE_GRID:
            return None
        came_from = (-heading[0], -heading[1])
        if piece.turn is CurveDirection.LEFT:
            heading = (-heading[1], heading[0])
        elif piece.turn is CurveDirection.RIGHT:
            heading = (heading[1], -heading[0])
        glyph = _glyph(piece, frozenset({came_from, heading}))
        if at in cells:  # a bridge
            glyph = "═╬▶" if at == (0, 0) else "━╋━"
        cells[at] = glyph
        at = (at[0] + heading[0], at[1] + heading[1])
    return cells, at == (0, 0) and heading == _EAST


def _glyph(piece: TrackPiece, open_sides: frozenset[Heading]) -> str:
    if piece.kind is PieceKind.INTERSECTION:
        return "━╋━"
    return _CORNERS.get(open_sides) or ("━━━" if (1, 0) in open_sides else " ┃ ")
