"""What a car's sensors make of the road: codes read or missed, speeds and wheel distances with their noise.

Figures: opcau/anki, the 300 mm/s run (debug.bck) and the run at 1000 to 1500 mm/s (debug-fast.filtered). Nothing
was measured between 300 and 1000 mm/s; the way from one to the other is an assumption.
"""

from __future__ import annotations

import random
from bisect import bisect_right

from protocol.track import PieceKind
from rig.sim.car.chance import CorrelatedNoise, stream
from rig.sim.car.road import RoadPiece

TRANSITION_READ = 0.98
SPEED_LAG1 = 0.15
GARBAGE_HILLS = (255, 255)
GARBAGE_WHEELS_CM = (5, 179)
WHEEL_TRACK_MM = 45.0
MOST_CM = 255

_READ_AT_300 = 0.95
_READ_AT_700 = 0.90
_READ_AT_1300 = {
    PieceKind.STRAIGHT: 0.35,
    PieceKind.CURVE: 0.004,
    PieceKind.START_LONG: 0.19,
    PieceKind.FINISH_SHORT: 0.77,
}
_READ_AT_1300_ELSEWHERE = 0.35
_SLOWEST_READ_MM_S = 80.0
_WHOLE_READ_MM_S = 250.0  # below, codes are missed while the bars are still read (Leicas)

_NOISE_MM_S = ((0.0, 2.0), (300.0, 8.2), (1300.0, 63.0), (1500.0, 90.0))
"""Speed noise beside the codes' own bias; both together give sd 11, 64 and 91."""

_CODE_BIAS_MM_S = {  # (piece id, column): what a code adds to the reported speed, measured at 300 mm/s
    (34, 0): -15.3,
    (34, 1): -1.5,
    (33, 0): 8.1,
    (18, 0): -16.8,
    (18, 1): -3.3,
    (20, 0): 8.1,
    (20, 1): 1.2,
    (23, 0): 2.1,
    (17, 0): -2.4,
    (36, 0): -4.2,
    (36, 1): 6.6,
    (36, 2): 8.1,
}
_SKID_PER_S = (0.036, 0.79)  # at 300 and 1300 mm/s
_HILLS_FROM_MM_S = 600.0
_HILL_AT_1300 = {True: 0.79, False: 0.30}  # on curves: 436 of 553; on straights: assumed
_LEFT_WHEEL, _RIGHT_WHEEL = 0.985, 0.995
_WHEEL_SLIP_AT_1300 = {True: (1.050, 1.115), False: (1.044, 1.055)}  # curve 42.7/54.1 cm, straight 57.6/58.8
_WHEEL_COUNT_MM = {PieceKind.START_LONG: 340.0, PieceKind.FINISH_SHORT: 220.0}
"""The wheel counters place the bar between 34 and 33 about 10 mm earlier than the clock does (tenbergen)."""


def skids_per_s(speed_mm_s: float, grip: float) -> float:
    """How often a car alone on the track reports a skid (0x4d)."""
    if speed_mm_s < 50.0:
        return 0.0
    share = (min(speed_mm_s, 1600.0) - 300.0) / 1000.0
    rate: float = _SKID_PER_S[0] * (_SKID_PER_S[1] / _SKID_PER_S[0]) ** share
    return rate / grip


def read_probability(kind: PieceKind, speed_mm_s: float, quality: float = 1.0) -> float:
    """How likely a car reads one printed code at a wheel speed."""
    if speed_mm_s < _WHOLE_READ_MM_S:
        share = max(0.0, (speed_mm_s - _SLOWEST_READ_MM_S) / (_WHOLE_READ_MM_S - _SLOWEST_READ_MM_S))
        return quality * _READ_AT_300 * share
    if speed_mm_s <= 700.0:
        share = max(0.0, speed_mm_s - 300.0) / 400.0
        return quality * (_READ_AT_300 + share * (_READ_AT_700 - _READ_AT_300))
    fast = _READ_AT_1300.get(kind, _READ_AT_1300_ELSEWHERE)
    if speed_mm_s <= 1300.0:
        return quality * (_READ_AT_700 + (speed_mm_s - 700.0) / 600.0 * (fast - _READ_AT_700))
    return quality * fast * (1300.0 / speed_mm_s) ** 2


def speed_noise_mm_s(speed_mm_s: float) -> float:
    """Standard deviation of reported speed within one code."""
    at = min(max(1, bisect_right(_NOISE_MM_S, (speed_mm_s, 0.0))), len(_NOISE_MM_S) - 1)
    (low, noise_low), (high, noise_high) = _NOISE_MM_S[at - 1], _NOISE_MM_S[at]
    return noise_low + (speed_mm_s - low) / (high - low) * (noise_high - noise_low)


class Senses:
    """One car's reading of the road; every draw comes from its own seeded stream."""

    __slots__ = ("_codes", "_factor", "_hills", "_noise", "_quality", "_wheels")

    def __init__(self, seed: int, identifier: int, *, read_quality: float, speed_noise: float) -> None:
        self._codes = stream(seed, identifier, "codes")
        self._hills = stream(seed, identifier, "hills")
        self._wheels = stream(seed, identifier, "wheels")
        self._noise = CorrelatedNoise(stream(seed, identifier, "speed"), SPEED_LAG1)
        self._quality = read_quality
        self._factor = speed_noise

    def reads_code(self, piece: RoadPiece, speed_mm_s: float) -> bool:
        """Whether the next code on a piece is read."""
        return self._codes.random() < read_probability(piece.kind, speed_mm_s, self._quality)

    def reads_bar(self) -> bool:
        """Whether the transition bar at the end of a piece is seen."""
        return self._codes.random() < TRANSITION_READ

    def speed_mm_s(self, piece: RoadPiece, column: int, wheel_mm_s: float) -> int:
        """The speed a position update reports."""
        bias = _CODE_BIAS_MM_S.get((piece.piece_id, column), 0.0) * min(1.0, wheel_mm_s / 300.0)
        noisy = wheel_mm_s + bias + self._factor * speed_noise_mm_s(wheel_mm_s) * self._noise.draw()
        return max(0, round(noisy))

    def hills(self, piece: RoadPiece, speed_mm_s: float) -> tuple[int, int]:
        """Uphill and downhill counters of a piece: nothing when slow, noise when fast."""
        share = min(1.2, max(0.0, (speed_mm_s - _HILLS_FROM_MM_S) / (1300.0 - _HILLS_FROM_MM_S)))
        if share == 0.0:
            return 0, 0
        likely = share * _HILL_AT_1300[piece.is_curve]
        return self._hill(likely), self._hill(likely / 3.0)

    def _hill(self, likely: float) -> int:
        if self._hills.random() >= likely:
            return 0
        return min(MOST_CM, 1 + int(self._hills.expovariate(1 / 40.0)))

    def wheels_mm(self, piece: RoadPiece, lane_mm: float, speed_mm_s: float) -> tuple[float, float]:
        """What the left and right wheel counters gain over one whole piece."""
        half = WHEEL_TRACK_MM / 2.0
        fixed = _WHEEL_COUNT_MM.get(piece.kind)
        left = fixed or piece.length_mm(lane_mm - half)
        right = fixed or piece.length_mm(lane_mm + half)
        slip = min(1.3, max(0.0, (speed_mm_s - 300.0) / 1000.0))
        inner, outer = _WHEEL_SLIP_AT_1300[piece.is_curve]
        if left > right:
            inner, outer = outer, inner
        left *= _LEFT_WHEEL * (1.0 + slip * (inner - 1.0))
        right *= _RIGHT_WHEEL * (1.0 + slip * (outer - 1.0))
        spread = 2.0 + 6.0 * slip
        return max(0.0, self._wheels.gauss(left, spread)), max(0.0, self._wheels.gauss(right, spread))


def whole_cm(wheels_mm: tuple[float, float]) -> tuple[int, int]:
    """Wheel counters as sent: whole centimetres in one byte."""
    return min(MOST_CM, round(wheels_mm[0] / 10.0)), min(MOST_CM, round(wheels_mm[1] / 10.0))


def skid_sides(chance: random.Random) -> tuple[int, int]:
    """(side_on, front_back) of a skid report: nearly always side-on in the recording."""
    return (1, 0) if chance.random() < 0.92 else (0, 1)
