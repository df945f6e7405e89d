"""How track pieces lie one after another, and whether they close to a loop.

A layout is written as piece ids in driving order; an `r` behind an id says that the piece lies the other way
round than its codes are printed (a car reports it with the reverse-parsing flag 0x40). On a curve that decides
the turn: printed way left, reversed right. Jump and special pieces have no public length and count as straights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from protocol.track import (
    CURVE_RADIUS_MM,
    STRAIGHT_MM,
    PieceKind,
    piece_kind,
    piece_length_mm,
)
from rig.errors import InputError
from rig.toml_tables import parse_toml

_DRIVABLE = frozenset(PieceKind) - {PieceKind.DRIVE_MAT, PieceKind.UNKNOWN}
_CLOSES_WITHIN_MM = 30.0
"""Pieces click with some play; a real loop of eleven pieces forgives about this much."""


@dataclass(frozen=True, slots=True)
class LaidPiece:
    """One piece on the floor; `reverse` when it lies against its printed direction."""

    piece_id: int
    reverse: bool = False

    def __str__(self) -> str:
        return f"{self.piece_id}r" if self.reverse else str(self.piece_id)


@dataclass(frozen=True, slots=True)
class TrackLayout:
    """A closed loop of pieces in driving order."""

    name: str
    pieces: tuple[LaidPiece, ...]

    def lap_mm(self) -> float:
        """Length of one lap on the centre line."""
        return sum(centre_length_mm(piece.piece_id) for piece in self.pieces)


def centre_length_mm(piece_id: int) -> float:
    """Centre-line length of a piece; that of a straight where none is public."""
    return piece_length_mm(piece_id) or STRAIGHT_MM


def parse_piece(text: str) -> LaidPiece:
    """A piece as written in a track file: `36` or `36r`.

    Raises:
        InputError: not a piece a car can drive on.
    """
    digits = text.removesuffix("r")
    if not digits.isascii() or not digits.isdigit():
        raise InputError(
            f"'{text}' is no track piece: write its number, with an r behind it if it lies reversed"
        )
    piece_id = int(digits)
    if piece_kind(piece_id) not in _DRIVABLE:
        raise InputError(f"piece {piece_id} is not a known OVERDRIVE track piece")
    return LaidPiece(piece_id, text != digits)


def closing_gap(pieces: Sequence[LaidPiece]) -> tuple[float, float]:
    """How far the end lies from the beginning: (millimetres, degrees from -180 to 180)."""
    x = y = heading = 0.0
    for piece in pieces:
        if piece_kind(piece.piece_id) is PieceKind.CURVE:
            side = -1.0 if piece.reverse else 1.0
            centre_x = x - side * CURVE_RADIUS_MM * math.sin(heading)
            centre_y = y + side * CURVE_RADIUS_MM * math.cos(heading)
            heading += side * math.pi / 2
            x = centre_x + side * CURVE_RADIUS_MM * math.sin(heading)
            y = centre_y - side * CURVE_RADIUS_MM * math.cos(heading)
        else:
            length = centre_length_mm(piece.piece_id)
            x += length * math.cos(heading)
            y += length * math.sin(heading)
    turn = math.degrees(math.remainder(heading, 2 * math.pi))
    return math.hypot(x, y), turn


def layout_of(name: str, pieces: Sequence[str]) -> TrackLayout:
    """The layout with this name and these pieces.

    Raises:
        InputError: an unknown piece, or a loop that does not close; the message says by how much.
    """
    laid = tuple(parse_piece(text) for text in pieces)
    if not laid:
        raise InputError(f"track '{name}' has no pieces")
    gap_mm, turn = closing_gap(laid)
    if gap_mm > _CLOSES_WITHIN_MM or abs(turn) > 1.0:
        raise InputError(
            f"track '{name}' does not close: its end lies {gap_mm:.0f} mm and {abs(turn):.0f} degrees off its beginning"
        )
    return TrackLayout(name, laid)


def parse_track(text: str, *, source: str) -> TrackLayout:
    """The layout in a track file.

    Raises:
        InputError: one sentence naming the file and what is wrong with it.
    """
    table = parse_toml(text, source=source)
    name = table.text("name")
    pieces = table.texts("pieces")
    table.text("description", "")
    table.finish()
    try:
        return layout_of(name, pieces)
    except InputError as error:
        raise InputError(f"{source}: {error}") from error


STARTER_OVAL = layout_of("starter-oval", ("34", "33", "20", "23", "36", "17", "18"))
"""The oval of the recorded session: opcau/anki, debug.bck."""
