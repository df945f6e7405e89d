"""Road piece ids, the kinds of piece they are, and how long each is.

Ids: `MasterAirscrachDev/Anki-Partydrive:OverdriveServer/Tracking/Tracks.cs`, straights and curves also in
`adessoSE/anki-drive-java` (`roadpieces/StraightRoadpiece.java` and its neighbours). Lengths: the app's geometry as
published in `taoist80` (`tools/gen_road_piece_geometry.py`); the start piece is two pieces on the air, 350 and
210 mm by a ruler (`iavofficial/IAV_Distortion:src/LocationService/TrackPieces.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum

FINISH_SHORT = 33
"""The short half of the start piece, just after the line when driving forward."""

START_LONG = 34
"""The long half of the start piece (the grid), just before the line when driving forward."""

INTERSECTION = 10
STRAIGHTS = frozenset({36, 39, 40, 48, 51})
CURVES = frozenset({17, 18, 20, 23, 24, 27})
JUMP_RAMPS = frozenset({43, 58})
JUMP_LANDINGS = frozenset({46, 63})
SPECIALS = frozenset({53, 54, 57})
"""Fast & Furious power zone and its kin."""

STRAIGHT_MM = 560.0
START_LONG_MM = 350.0
FINISH_SHORT_MM = 210.0
INTERSECTION_MM = 560.0
"""Edge to edge across the square."""

CURVE_RADIUS_MM = 280.0
"""Centre line of a 90 degree curve: an arc of 439.8 mm."""

QUARTER_TURN_RAD = math.pi / 2


class PieceKind(Enum):
    """What a piece is to a driver."""

    STRAIGHT = "straight"
    CURVE = "curve"
    FINISH_SHORT = "finish"
    START_LONG = "start"
    INTERSECTION = "intersection"
    JUMP_RAMP = "jump ramp"
    JUMP_LANDING = "jump landing"
    SPECIAL = "special"
    DRIVE_MAT = "drive mat"
    UNKNOWN = "unknown"


class CurveDirection(Enum):
    """Which way a curve bends for the car that drives it."""

    LEFT = "left"
    RIGHT = "right"


GEN1_MATS: dict[str, range] = {
    "Oval": range(70, 78),
    "Bottleneck": range(78, 92),
    "Crossroads": range(92, 106),
    "Double Cross": range(213, 223),
    "F1": range(230, 245),
}
"""Piece ids of the printed mats of the first generation (`Tracks.cs:219-223`): no pieces to click together."""

_KINDS: dict[int, PieceKind] = {
    FINISH_SHORT: PieceKind.FINISH_SHORT,
    START_LONG: PieceKind.START_LONG,
    INTERSECTION: PieceKind.INTERSECTION,
    **dict.fromkeys(STRAIGHTS, PieceKind.STRAIGHT),
    **dict.fromkeys(CURVES, PieceKind.CURVE),
    **dict.fromkeys(JUMP_RAMPS, PieceKind.JUMP_RAMP),
    **dict.fromkeys(JUMP_LANDINGS, PieceKind.JUMP_LANDING),
    **dict.fromkeys(SPECIALS, PieceKind.SPECIAL),
    **{piece_id: PieceKind.DRIVE_MAT for mat in GEN1_MATS.values() for piece_id in mat},
}

_LENGTHS_MM: dict[PieceKind, float] = {
    PieceKind.STRAIGHT: STRAIGHT_MM,
    PieceKind.CURVE: CURVE_RADIUS_MM * QUARTER_TURN_RAD,
    PieceKind.FINISH_SHORT: FINISH_SHORT_MM,
    PieceKind.START_LONG: START_LONG_MM,
    PieceKind.INTERSECTION: INTERSECTION_MM,
}


def piece_kind(piece_id: int) -> PieceKind:
    """The kind of any piece id; UNKNOWN for ids nobody has shown."""
    return _KINDS.get(piece_id, PieceKind.UNKNOWN)


def gen1_mat(piece_id: int) -> str | None:
    """The name of the first-generation mat a piece id belongs to."""
    return next((name for name, ids in GEN1_MATS.items() if piece_id in ids), None)


def curve_direction(reverse: bool) -> CurveDirection:
    """Which way a curve bends, from the reverse-parsing flag (0x40) of its position updates.

    One curve id serves both ways: parsed forward it is a left turn, reversed a right turn. The rule stands in
    com2m, xerodotc and super-anki, and captures agree: forward curves have the longer right wheel.
    """
    return CurveDirection.RIGHT if reverse else CurveDirection.LEFT


def piece_length_mm(piece_id: int, *, reverse: bool = False, offset_mm: float = 0.0) -> float | None:
    """How far a car drives on a piece, `offset_mm` right (+) or left (-) of the road's centre.

    None for pieces whose geometry is not public: jumps, specials, mats, unknown ids.
    """
    kind = piece_kind(piece_id)
    if kind is PieceKind.CURVE:
        outwards = -offset_mm if reverse else offset_mm
        return (CURVE_RADIUS_MM + outwards) * QUARTER_TURN_RAD
    return _LENGTHS_MM.get(kind)


def lap_length_mm(pieces: Iterable[tuple[int, bool]], *, offset_mm: float = 0.0) -> float:
    """How far one lap is over `(piece_id, reverse)` pairs, held at one offset from the road's centre.

    Raises:
        ValueError: a piece has no public geometry.
    """
    total = 0.0
    for piece_id, reverse in pieces:
        length = piece_length_mm(piece_id, reverse=reverse, offset_mm=offset_mm)
        if length is None:
            raise ValueError(f"the length of piece {piece_id} ({piece_kind(piece_id).value}) is not public")
        total += length
    return total
