"""A car on paper for the lap detector and the track scan: events as a real one would send them.

Read rates and wheel counts follow the published logs: at 300 mm/s codes are read, at 1300 mm/s hardly ever on
curves, and wheels slip (opcau/anki:oracle/AnkiNodeDrive/logs).
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from rig.driving.lap_events import Position, Transition

OVAL = ((33, 0), (20, 1), (23, 1), (36, 0), (17, 1), (18, 1), (34, 0))
"""(piece id, turn: 1 left, -1 right, 0 straight), in driving order from the line on."""

_MM = {33: 210, 34: 350, 36: 560, 39: 560}
_WHEELS_CM = {33: 22.0, 34: 33.8, 36: 55.5, 39: 55.5}
_CODES = {33: ((0.932, 7),), 34: ((0.533, 14), (0.973, 15)), 36: ((0.365, 21), (0.65, 22), (0.941, 23))}
_CURVE_CODES = ((0.53, 14), (0.87, 15))


@dataclass(frozen=True)
class Conditions:
    """Chances of reading a code, by piece kind; ground speed; how long the wheels measure."""

    ground_mm_s: float
    reported_mm_s: int
    read: dict[int, float]
    read_curve: float
    transition: float = 1.0
    stretch: float = 1.0
    wheel_noise_cm: float = 0.4


SLOW = Conditions(300, 300, {33: 0.95, 34: 0.95, 36: 0.95}, 0.94)
RACING = Conditions(1040, 1298, {33: 0.77, 34: 0.19, 36: 0.35}, 0.004, transition=0.98, stretch=1.05)


def drive(laps, conditions=SLOW, *, track=OVAL, seed=1, start_s=10.0, start_at=0, reverse=False):
    """(events, truth): what the car says over `laps` laps from piece number `start_at`, and when it crossed the
    line. `reverse` drives the same loop the other way round."""
    rng = random.Random(seed)
    order = list(track) if not reverse else [(piece, -turn) for piece, turn in reversed(track)]
    events, crossings = [], []
    now_s = start_s
    carried = [0.0, 0.0]
    for number in range(start_at, start_at + laps * len(order)):
        piece, turn = order[number % len(order)]
        length_mm = _MM.get(piece, 440)
        dwell_s = length_mm / conditions.ground_mm_s
        codes = _CODES.get(piece, _CURVE_CODES)
        if reverse:
            codes = tuple((1 - share + 0.06, location) for share, location in reversed(codes))
        chance = conditions.read_curve if turn else conditions.read.get(piece, 0.5)
        for share, location in codes:
            if rng.random() < chance:
                speed = max(1, round(rng.gauss(conditions.reported_mm_s, conditions.reported_mm_s * 0.04)))
                events.append(Position(now_s + share * dwell_s, piece, location, speed, reverse))
        now_s += dwell_s
        spread = 3.8 * turn
        for wheel, extra in enumerate((-spread, spread)):
            carried[wheel] += _WHEELS_CM.get(piece, 43.0) * conditions.stretch + extra
        if rng.random() < conditions.transition:
            left, right = (max(0, round(cm + rng.gauss(0, conditions.wheel_noise_cm))) for cm in carried)
            if number == start_at:
                left, right = 37, 40  # the first one after a start holds garbage
            events.append(Transition(now_s, left, right))
            carried = [0.0, 0.0]
        if piece == (33 if reverse else 34):
            crossings.append(now_s)
    return events, crossings
