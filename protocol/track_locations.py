"""Location ids: which printed code a car has just read, and where on the piece that is.

A piece carries 16 coded rows, 9 mm apart; ids count along a row, then on to the next row. The scheme per kind is
the table of `MasterAirscrachDev/Anki-Partydrive:OverdriveServer/TrackData/offsetInfo.json` and fits every id in
the `opcau/anki` logs. Row 0 lies left of the centre for a car that parses forward, right of it for one that
parses reversed; on a curve row 0 is always the inside.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.track_pieces import (
    CURVE_RADIUS_MM,
    INTERSECTION,
    QUARTER_TURN_RAD,
    PieceKind,
    piece_kind,
    piece_length_mm,
)

ROWS = 16
ROW_PITCH_MM = 9.0
"""The offset steps in captures are exactly 9.0 mm; other projects say 8.5 to 9.06."""

OUTER_ROW_MM = 67.5
"""Distance of rows 0 and 15 from the road's centre."""

BLOCK_MM = 160.0
"""A printed code: seven bits and an end mark, 20 mm each (`NoveroResearch/tragediy`). A car reports a code
when it has read its last mark."""

_CODES_PER_ROW: dict[PieceKind, tuple[int, ...]] = {
    PieceKind.STRAIGHT: (3,) * 16,
    PieceKind.CURVE: (2,) * 10 + (3,) * 6,
    PieceKind.FINISH_SHORT: (1,) * 16,
    PieceKind.START_LONG: (2,) * 16,
    PieceKind.INTERSECTION: (1,) * 16,
    PieceKind.JUMP_RAMP: (2,) * 16,
    PieceKind.JUMP_LANDING: (3,) * 16,
    PieceKind.SPECIAL: (2,) * 9 + (3,) * 7,
}

_STRAIGHT_REPORTS_MM: dict[PieceKind, tuple[float, ...]] = {
    PieceKind.STRAIGHT: (204.0, 364.0, 527.0),
    PieceKind.START_LONG: (186.5, 340.5),
    PieceKind.FINISH_SHORT: (196.0,),
}
"""Measured on the 300 mm/s run of `opcau/anki:oracle/AnkiNodeDrive/logs/debug.bck`, as shares of the piece's
time: 0.364 0.650 0.941 (straight), 0.533 0.973 (34), 0.933 (33)."""

_CURVE_LEAD_MM = 69.0
"""Where the first code of a curve begins; same run, rows 7 and 8: reports at 229 and 389 mm on both arcs."""

_CURVE_LEAD_SHARE = 0.61
"""Inferred for the other rows: the share of the room left over by the codes that lies before the first."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a location id is.

    `row` 0..15 and `column` count as printed, whatever the direction. `offset_mm` is the car's distance from the
    road's centre, right positive in its own direction of travel; `along_mm` how far it has come on the piece, on
    this row's own line, when it reports the code. Both are None where the geometry is not public.
    """

    row: int
    column: int
    columns_in_row: int
    offset_mm: float | None
    along_mm: float | None


def codes_per_row(piece_id: int) -> tuple[int, ...]:
    """How many codes each of the 16 rows holds; empty for a piece without a known scheme."""
    return _CODES_PER_ROW.get(piece_kind(piece_id), ())


def location_of(piece_id: int, location_id: int, reverse: bool) -> Location | None:
    """Where a location id is on a piece, parsed forward or reversed (flag 0x40).

    None for an id the piece does not have: a misread code is normal input. On an intersection (id 10) the row is
    the id itself, a 4-bit code: see `intersection_entrance`.
    """
    remaining = location_id
    for row, columns in enumerate(codes_per_row(piece_id)):
        if 0 <= remaining < columns:
            points = report_points_mm(piece_id, row, reverse=reverse)
            place = columns - 1 - remaining if reverse else remaining
            return Location(
                row,
                remaining,
                columns,
                None if piece_id == INTERSECTION else row_offset_mm(row, reverse=reverse),
                points[place] if points else None,
            )
        remaining -= columns
    return None


def location_id_for(piece_id: int, row: int, column: int) -> int:
    """The location id of a printed code.

    Raises:
        ValueError: the piece has no such row or column.
    """
    counts = codes_per_row(piece_id)
    if not (0 <= row < len(counts) and 0 <= column < counts[row]):
        raise ValueError(f"piece {piece_id} has no code in row {row}, column {column}")
    return sum(counts[:row]) + column


def intersection_entrance(location_id: int) -> tuple[int, int] | None:
    """(entrance 0..3, lane group 0..3) of an intersection's 4-bit code; None outside 0..15.

    Entrances 0 and 2 are the two directions of one axis (code 0 lies opposite 11, 1 opposite 10, …), 1 and 3
    those of the other (`offsetInfo.json`).
    """
    if not 0 <= location_id < ROWS:
        return None
    return divmod(location_id, 4)


def row_offset_mm(row: int, *, reverse: bool = False) -> float:
    """Distance of a row from the road's centre, right positive in the direction of travel.

    Raises:
        ValueError: `row` is not in 0..15.
    """
    if not 0 <= row < ROWS:
        raise ValueError(f"row {row} is not in 0..{ROWS - 1}")
    left = OUTER_ROW_MM - ROW_PITCH_MM * row
    return left if reverse else -left


def row_at_offset(offset_mm: float, *, reverse: bool = False) -> int:
    """The row nearest to an offset (right positive in the direction of travel), clamped to 0..15."""
    from_left = -offset_mm if reverse else offset_mm
    return min(max(round((from_left + OUTER_ROW_MM) / ROW_PITCH_MM), 0), ROWS - 1)


def curve_row_radius_mm(row: int) -> float:
    """Radius of a row on a 90 degree curve: 212.5 (row 0, inside) to 347.5 mm."""
    return CURVE_RADIUS_MM + row_offset_mm(row)


def row_length_mm(piece_id: int, row: int) -> float | None:
    """How far a car drives on one row of a piece; None where the geometry is not public."""
    return piece_length_mm(piece_id, offset_mm=row_offset_mm(row))


def report_points_mm(piece_id: int, row: int, *, reverse: bool = False) -> tuple[float, ...]:
    """How far into a piece, on a row's own line, its codes are reported, in the order a car meets them.

    Forward points on straights, the start piece and curve rows 7 and 8 are measured, the rest is inferred: blocks
    of 160 mm that keep their place, read from their other end when reversed. Empty where nothing is known.
    """
    kind = piece_kind(piece_id)
    if kind is PieceKind.CURVE:
        length = curve_row_radius_mm(row) * QUARTER_TURN_RAD
        forward = _curve_reports_mm(length, _CODES_PER_ROW[kind][row])
        block = forward[1] - forward[0]
    elif kind in _STRAIGHT_REPORTS_MM:
        length = piece_length_mm(piece_id) or 0.0
        forward, block = _STRAIGHT_REPORTS_MM[kind], BLOCK_MM
    else:
        return ()
    if not reverse:
        return forward
    return tuple(length - (point - block) for point in reversed(forward))


def _curve_reports_mm(length_mm: float, codes: int) -> tuple[float, ...]:
    block = min(BLOCK_MM, length_mm / codes)
    lead = min(_CURVE_LEAD_MM, _CURVE_LEAD_SHARE * (length_mm - codes * block))
    return tuple(lead + block * (n + 1) for n in range(codes))
