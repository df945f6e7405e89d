"""Speed profiles: closed formulas that agree with brute-force integration."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.sim.car.motion import Grounding, at_rest, ramp, slip_share

SPEEDS = st.floats(0.0, 1600.0)
ACCELS = st.floats(-100.0, 30_000.0)


def integrated_mm(profile, until_s, steps=4000):
    step = until_s / steps
    return sum(profile.ground_mm_s((n + 0.5) * step) for n in range(steps)) * step


@settings(deadline=None)
@given(SPEEDS, SPEEDS, ACCELS, st.floats(0.1, 5.0))
def test_distance_is_the_integral_of_speed(start, target, accel, until_s):
    profile = ramp(0.0, start, target, accel, Grounding(1.01, 0.9))
    assert profile.distance_mm(0.0, until_s) == pytest.approx(
        integrated_mm(profile, until_s), rel=0.01, abs=2.0
    )


@settings(deadline=None)
@given(SPEEDS, st.floats(50.0, 1600.0), ACCELS, st.floats(0.0, 3.0), st.floats(1.0, 3000.0))
def test_time_after_inverts_distance(start, target, accel, since_s, distance_mm):
    profile = ramp(0.0, start, target, accel, Grounding())
    due_s = profile.time_after(since_s, distance_mm)
    assert due_s is not None
    assert profile.distance_mm(since_s, due_s) == pytest.approx(distance_mm, rel=1e-6, abs=1e-6)


@settings(deadline=None)
@given(SPEEDS, ACCELS, st.floats(0.0, 10_000.0))
def test_a_stopping_car_never_gets_further_than_its_braking_distance(start, accel, distance_mm):
    profile = ramp(0.0, start, 0.0, accel, Grounding())
    reach_mm = profile.distance_mm(0.0, 1e4)
    due_s = profile.time_after(0.0, distance_mm)
    assert (due_s is None) == (distance_mm > reach_mm + 1e-6) or distance_mm == pytest.approx(
        reach_mm, abs=1e-5
    )


def test_the_ramp_follows_the_commanded_acceleration_and_overshoots_by_five_per_cent():
    """opcau/anki: 1000 to 1500 at 1000 mm/s2 reports 1294 after 0.34 s and at most 1570."""
    profile = ramp(0.0, 1000.0, 1500.0, 1000.0, Grounding())
    assert profile.wheel_mm_s(0.30) == pytest.approx(1300.0, abs=10.0)
    assert max(profile.wheel_mm_s(n / 1000) for n in range(2000)) == pytest.approx(1570.0, abs=5.0)
    assert profile.wheel_mm_s(5.0) == 1500.0


def test_absurd_accelerations_are_what_tyres_can_do():
    assert ramp(0.0, 0.0, 1000.0, 30_000.0, Grounding()).wheel_mm_s(0.1) == pytest.approx(400.0)
    assert math.isfinite(ramp(0.0, 0.0, 1000.0, -5.0, Grounding()).steady_from_s)


def test_slip_is_none_at_300_and_a_fifth_at_1300():
    assert slip_share(300.0, 1.0) == 0.0
    assert slip_share(1300.0, 1.0) == pytest.approx(0.20)
    assert slip_share(1300.0, 0.25) == pytest.approx(0.40)
    assert Grounding(trim=1.02).of(300.0) == pytest.approx(1.006 * 306.0)


def test_a_car_at_rest_stays():
    assert at_rest(3.0).time_after(3.0, 1.0) is None
    assert at_rest(3.0).distance_mm(3.0, 100.0) == 0.0
