"""The duty cycle of a life: races at changing speeds, and rests between them. Pure, decided by the seed alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rig.soak.schedule import derived_seed

_STEP_MM_S = 10


@dataclass(frozen=True, slots=True)
class Duty:
    """`race_s` seconds of driving, then `rest_s` of standing, over and over. While racing, a new speed from
    `least_mm_s` to `most_mm_s` is drawn every `change_every_s`; the car gets there with `accel_mm_s2`."""

    race_s: float = 150.0
    rest_s: float = 30.0
    least_mm_s: int = 700
    most_mm_s: int = 1000
    change_every_s: float = 10.0
    accel_mm_s2: int = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """What a car shall do now: its speed (0: rest), until this second of duty."""

    speed_mm_s: int
    until_s: float


def pace_at(duty: Duty, duty_s: float, *, seed: int, car: int, life: int) -> Pace:
    """What a car shall do after `duty_s` seconds of driving and resting in this life."""
    whole_s = duty.race_s + duty.rest_s
    round_number = math.floor(duty_s / whole_s + 1e-9)
    begun_s = round_number * whole_s
    race_ends_s = begun_s + duty.race_s
    if duty_s >= race_ends_s - 1e-6:
        return Pace(0, begun_s + whole_s)
    stretch = max(0, math.floor((duty_s - begun_s) / duty.change_every_s + 1e-9))
    until_s = min(race_ends_s, begun_s + (stretch + 1) * duty.change_every_s)
    steps = (duty.most_mm_s - duty.least_mm_s) // _STEP_MM_S
    drawn = derived_seed(seed, "pace", car, life, round_number, stretch) % (steps + 1)
    return Pace(duty.least_mm_s + drawn * _STEP_MM_S, until_s)
