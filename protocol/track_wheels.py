"""What a transition's wheel distances tell of the piece just left.

The counters are whole centimetres, 1-2 % short of the truth at 300 mm/s and up to 5 % long when the wheels slip
(`opcau/anki` logs); the two halves of the start piece give themselves away by their length, a rule
`MasterAirscrachDev/Anki-Partydrive` counts laps by.
"""

from __future__ import annotations

from enum import Enum

START_LONG_CM = range(33, 38)
"""Piece 34: 33 to 35 at 300 mm/s, up to 37 with slip."""

FINISH_SHORT_CM = range(21, 24)
"""Piece 33: 21 to 23."""

STRAIGHT_CM = range(53, 61)
"""A straight: 55 to 60 in captures."""

CURVE_MIN_DIFFERENCE_CM = 4
"""Wheels that differ by this much have driven a curve; a 90 degree curve makes 7 or 8 cm."""

IMPOSSIBLE_CM = 150
"""More than any two pieces: the first transition after a start carries garbage (left 5, right 179)."""


class WheelSignature(Enum):
    """The piece that a pair of wheel distances fits."""

    START_LONG = "start"
    FINISH_SHORT = "finish"
    STRAIGHT = "straight"
    LEFT_CURVE = "left curve"
    RIGHT_CURVE = "right curve"
    UNKNOWN = "unknown"


def wheel_signature(left_cm: int, right_cm: int) -> WheelSignature:
    """The piece just left, judged by its wheel distances alone; a longer left wheel means a right curve."""
    if max(left_cm, right_cm) >= IMPOSSIBLE_CM:
        return WheelSignature.UNKNOWN
    if left_cm - right_cm >= CURVE_MIN_DIFFERENCE_CM:
        return WheelSignature.RIGHT_CURVE
    if right_cm - left_cm >= CURVE_MIN_DIFFERENCE_CM:
        return WheelSignature.LEFT_CURVE
    for lengths, signature in (
        (START_LONG_CM, WheelSignature.START_LONG),
        (FINISH_SHORT_CM, WheelSignature.FINISH_SHORT),
        (STRAIGHT_CM, WheelSignature.STRAIGHT),
    ):
        if left_cm in lengths and right_cm in lengths:
            return signature
    return WheelSignature.UNKNOWN
