"""The duty cycle from its seed, and what frames say about driving."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import PositionUpdate, StatusUpdate, TransitionUpdateDrive
from rig.soak.battery.duty import Duty, pace_at
from rig.soak.battery.odometer import Odometer

DUTY = Duty(race_s=60.0, rest_s=15.0, least_mm_s=600, most_mm_s=900, change_every_s=20.0)


@given(st.floats(0.0, 5000.0), st.integers(0, 2**32), st.integers(1, 5))
def test_every_instant_has_a_pace_that_ends_later(duty_s, seed, life):
    pace = pace_at(DUTY, duty_s, seed=seed, car=7, life=life)
    assert pace.until_s > duty_s - 1e-6
    assert pace.speed_mm_s == 0 or 600 <= pace.speed_mm_s <= 900
    rests = duty_s % 75.0 >= 60.0
    if 1e-5 < duty_s % 75.0 < 75.0 - 1e-5 and abs(duty_s % 75.0 - 60.0) > 1e-5:
        assert (pace.speed_mm_s == 0) is rests


def test_the_pace_depends_on_seed_car_life_and_stretch_alone():
    def speeds(**key):
        return [pace_at(DUTY, s, **key).speed_mm_s for s in range(0, 600, 20)]

    assert speeds(seed=1, car=7, life=1) == speeds(seed=1, car=7, life=1)
    assert speeds(seed=1, car=7, life=1) != speeds(seed=1, car=7, life=2)
    assert speeds(seed=1, car=7, life=1) != speeds(seed=2, car=7, life=1)


def test_walking_from_pace_to_pace_covers_races_and_rests():
    duty_s, driven, rested = 0.0, 0.0, 0.0
    while duty_s < 750.0:
        pace = pace_at(DUTY, duty_s, seed=3, car=1, life=1)
        if pace.speed_mm_s:
            driven += pace.until_s - duty_s
        else:
            rested += pace.until_s - duty_s
        duty_s = pace.until_s
    assert (driven, rested) == (pytest.approx(600.0), pytest.approx(150.0))


def position(speed_mm_s):
    return PositionUpdate(4, 36, 0.0, speed_mm_s, 0x07, 255, 255, 0, speed_mm_s)


def test_distance_is_what_the_wheels_turned_and_long_silences_do_not_count():
    odometer = Odometer()
    odometer.order(0.0, 500)
    for at_s in (1.0, 2.0, 3.0, 9.0, 10.0):
        odometer.hear(at_s, position(500))
    assert odometer.distance_mm == pytest.approx(1500.0)
    assert odometer.moved_s == 10.0
    odometer.hear(11.0, StatusUpdate(True, False, False, False))
    assert odometer.moved_s == 10.0
    odometer.hear(12.0, TransitionUpdateDrive(0, 0.0, True))
    assert odometer.moved_s == 12.0


def test_speed_held_counts_steady_reports_only():
    odometer = Odometer()
    assert odometer.speed_held is None
    odometer.order(0.0, 1000)
    odometer.hear(0.5, position(300))
    odometer.hear(2.0, position(900))
    odometer.order(10.0, 500)
    odometer.hear(10.5, position(900))
    odometer.hear(12.0, position(500))
    assert odometer.speed_held == pytest.approx(1400 / 1500)
    odometer.order(20.0, 0)
    odometer.hear(21.5, position(3))
    assert odometer.speed_held == pytest.approx(1400 / 1500)
