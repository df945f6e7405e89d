"""Where along the lap a car was read: the show's track as a ruler. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.track import FINISH_SHORT, location_of
from rig.sim.track_layout import LaidPiece, centre_length_mm


@dataclass(frozen=True, slots=True)
class Place:
    """A read place: `along_mm` from the line in the direction of racing, `lane_mm` right of the centre, `index` of the
    piece on the ruler."""

    along_mm: float
    lane_mm: float
    index: int


class Ruler:
    """The pieces of a lap in order of racing, from the line on."""

    def __init__(self, pieces: Sequence[LaidPiece]) -> None:
        ids = [piece.piece_id for piece in pieces]
        first = ids.index(FINISH_SHORT) if FINISH_SHORT in ids else 0
        ordered = (*pieces[first:], *pieces[:first])
        self._pieces: dict[int, list[int]] = {}
        self._starts_mm: list[float] = []
        reached_mm = 0.0
        for index, piece in enumerate(ordered):
            self._pieces.setdefault(piece.piece_id, []).append(index)
            self._starts_mm.append(reached_mm)
            reached_mm += centre_length_mm(piece.piece_id)
        self.lap_mm = reached_mm

    @property
    def count(self) -> int:
        """How many pieces a lap has."""
        return len(self._starts_mm)

    def place(self, piece_id: int, location_id: int, *, is_reverse: bool, last: int | None) -> Place | None:
        """Where a code lies; None when the track has no such piece or the code no public place. Of several pieces with
        one number it is the next one from the `last` index on, because cars drive on."""
        candidates = self._pieces.get(piece_id)
        found = location_of(piece_id, location_id, is_reverse)
        if candidates is None or found is None or found.along_mm is None:
            return None
        start = 0 if last is None else last
        index = min(candidates, key=lambda candidate: (candidate - start) % self.count)
        return Place(self._starts_mm[index] + found.along_mm, found.offset_mm or 0.0, index)
