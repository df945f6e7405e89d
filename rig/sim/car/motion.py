"""How fast a car's wheels turn and how far it gets: piecewise linear, so that every time is a closed formula.

A speed command becomes a ramp at the commanded acceleration, a small overshoot and a steady end. Wheel speed
(what the car reports) and ground speed (what moves it) differ by slip, which grows with speed: at 1300 mm/s the
measured lap shows about 1040 mm/s over ground. Sources: opcau/anki (debug.bck, debug-fast.filtered).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

GROUND_PER_REPORTED = 1.006
"""At 300 mm/s the recorded car reports 299.8 while it covers a straight at 301.5 to 302.5."""

SLIP_FROM_MM_S = 300.0
SLIP_AT_1300 = 0.20
MOST_SLIP = 0.6
OVERSHOOT_OF_STEP = 0.14
OVERSHOOT_OF_TARGET = 0.05
LEAST_ACCEL_MM_S2 = 50.0
MOST_ACCEL_MM_S2 = 4000.0
"""The tyres cannot do more, whatever is commanded (libraries send up to 30000)."""


def slip_share(wheel_mm_s: float, grip: float) -> float:
    """The share of the wheels' travel lost to slip at a steady wheel speed; `grip` 1 is the recorded car."""
    if wheel_mm_s <= SLIP_FROM_MM_S:
        return 0.0
    return min(MOST_SLIP, SLIP_AT_1300 * (wheel_mm_s - SLIP_FROM_MM_S) / 1000.0 / math.sqrt(grip))


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time in which wheel and ground speed change linearly; the last phase never ends."""

    start_s: float
    end_s: float
    wheel_mm_s: float
    wheel_slope: float
    ground_mm_s: float
    ground_slope: float

    def distance_mm(self, elapsed_s: float) -> float:
        """Ground covered in the first `elapsed_s` of the phase."""
        return elapsed_s * (self.ground_mm_s + 0.5 * self.ground_slope * elapsed_s)

    def elapsed_for(self, distance_mm: float) -> float | None:
        """Seconds into the phase at which `distance_mm` is covered; None when the car stops before."""
        speed, slope = self.ground_mm_s, self.ground_slope
        if abs(slope) < 1e-9:
            return distance_mm / speed if speed > 0.0 else None
        under_root = speed * speed + 2.0 * slope * distance_mm
        if under_root < 0.0:
            return None
        divisor = speed + math.sqrt(under_root)
        return 2.0 * distance_mm / divisor if divisor > 0.0 else None


class SpeedProfile:
    """The wheel and ground speed of a car from one speed command to the next."""

    __slots__ = ("phases", "target_mm_s")

    def __init__(self, phases: tuple[Phase, ...], target_mm_s: float) -> None:
        self.phases = phases
        self.target_mm_s = target_mm_s

    @property
    def steady_from_s(self) -> float:
        """When the last ramp ends."""
        return self.phases[-1].start_s

    def at(self, now_s: float) -> Phase:
        """The phase in force."""
        for phase in self.phases:
            if now_s < phase.end_s:
                return phase
        return self.phases[-1]

    def wheel_mm_s(self, now_s: float) -> float:
        """Speed of the wheels' rim."""
        phase = self.at(now_s)
        return max(0.0, phase.wheel_mm_s + phase.wheel_slope * max(0.0, now_s - phase.start_s))

    def ground_mm_s(self, now_s: float) -> float:
        """Speed over the track."""
        phase = self.at(now_s)
        return max(0.0, phase.ground_mm_s + phase.ground_slope * max(0.0, now_s - phase.start_s))

    def distance_mm(self, since_s: float, now_s: float) -> float:
        """Ground covered from `since_s` to `now_s`."""
        total = 0.0
        for phase in self.phases:
            begin, end = max(since_s, phase.start_s), min(now_s, phase.end_s)
            if end > begin:
                total += phase.distance_mm(end - phase.start_s) - phase.distance_mm(begin - phase.start_s)
        return total

    def time_after(self, since_s: float, distance_mm: float) -> float | None:
        """When `distance_mm` of ground will be covered, counted from `since_s`; None when the car stops before."""
        left = distance_mm
        for phase in self.phases:
            if phase.end_s <= since_s:
                continue
            begin = max(since_s, phase.start_s)
            before = phase.distance_mm(begin - phase.start_s)
            whole = (
                phase.distance_mm(phase.end_s - phase.start_s) - before
                if phase.end_s < math.inf
                else math.inf
            )
            if left <= whole or phase.end_s == math.inf:
                elapsed = phase.elapsed_for(before + left)
                return None if elapsed is None else max(since_s, phase.start_s + elapsed)
            left -= whole
        return None


def at_rest(now_s: float) -> SpeedProfile:
    """A car that stands."""
    return SpeedProfile((Phase(now_s, math.inf, 0.0, 0.0, 0.0, 0.0),), 0.0)


def ramp(
    now_s: float, wheel_mm_s: float, target_mm_s: float, accel_mm_s2: float, ground_share: Grounding
) -> SpeedProfile:
    """The profile after a speed command.

    Args:
        now_s: when the car begins to obey.
        wheel_mm_s: the wheel speed at that moment.
        target_mm_s: the wheel speed asked for, 0 to stop.
        accel_mm_s2: the acceleration asked for; kept within what tyres can do.
        ground_share: turns wheel speed into ground speed.
    """
    accel = min(MOST_ACCEL_MM_S2, max(LEAST_ACCEL_MM_S2, accel_mm_s2))
    step = target_mm_s - wheel_mm_s
    peak = target_mm_s
    if step > 0.0:
        peak += min(OVERSHOOT_OF_STEP * step, OVERSHOOT_OF_TARGET * target_mm_s)
    phases: list[Phase] = []
    begin = now_s
    for start, end, slope in ((wheel_mm_s, peak, accel), (peak, target_mm_s, accel / 2.0)):
        if abs(end - start) < 1e-6:
            continue
        lasts = abs(end - start) / slope
        ground, ground_end = ground_share.of(start), ground_share.of(end)
        phases.append(
            Phase(begin, begin + lasts, start, (end - start) / lasts, ground, (ground_end - ground) / lasts)
        )
        begin += lasts
    phases.append(Phase(begin, math.inf, target_mm_s, 0.0, ground_share.of(target_mm_s), 0.0))
    return SpeedProfile(tuple(phases), target_mm_s)


@dataclass(frozen=True, slots=True)
class Grounding:
    """What a car's tyres make of wheel speed: `trim` is its calibration error, `grip` its tyres."""

    trim: float = 1.0
    grip: float = 1.0

    def of(self, wheel_mm_s: float) -> float:
        """Ground speed at a steady wheel speed."""
        return wheel_mm_s * GROUND_PER_REPORTED * self.trim * (1.0 - slip_share(wheel_mm_s, self.grip))
