"""Keeps a car on its lane. Pure.

A car left alone follows now this printed row, now the next, in the end over the edge. It goes by the offset it
believes in, so it is told to change lanes only when a code has just shown that the belief is true.
"""

from __future__ import annotations

from protocol import Message, PositionUpdate, core_of
from protocol.track import location_of
from rig.driving.session import LANE_CHANGE_S, OFFSET_TOLERANCE_MM

STRAY_MM = 6.0
"""Rows are 9 mm apart, so that the next one is already astray. The outermost codes, at 67.5 mm, are all that a car still
reads that is over the edge with half its wheels: there no row farther out can be told from them."""
AGAIN_AFTER_S = LANE_CHANGE_S + 2.0
"""A change may get lost; sooner it may still be under way."""


class LaneKeeper:
    """Says when a car must be told to change to `lane_mm` (right of the road's centre positive)."""

    __slots__ = ("_told_s", "lane_mm")

    def __init__(self, lane_mm: float) -> None:
        self.lane_mm = lane_mm
        self._told_s = float("-inf")

    def hear(self, at_s: float, message: Message) -> bool:
        """One frame of the moving car; whether it is to be told now."""
        update = core_of(message)
        if not isinstance(update, PositionUpdate) or at_s - self._told_s < AGAIN_AFTER_S:
            return False
        place = location_of(update.piece_id, update.location_id, update.is_reverse_parsed)
        if place is None or place.offset_mm is None:
            return False
        if abs(place.offset_mm - update.offset_mm) > OFFSET_TOLERANCE_MM:
            return False
        if abs(place.offset_mm - self.lane_mm) <= STRAY_MM:
            return False
        self._told_s = at_s
        return True
