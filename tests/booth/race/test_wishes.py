"""From a thumb or an AI to a wish, and from a wish to what the race allows."""

from __future__ import annotations

import math
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.race.drivers import LANES_MM, Driver, Motion, fires, motion_of, wish_of
from booth.race.events import CarOut, Fire, TakenOver
from booth.race.grid import is_on_grid, lane_of, wish_to_grid
from booth.race.leave import ROLL_ON_MM_S, allowed
from booth.race.state import Spot
from booth.race.steering import Wheel, beaten, is_heard, steered, wish_of_wheel
from booth.race.wish import SLOWEST_MM_S, STAND, WIDEST_LANE_MM, Wish, safe
from tests.booth.race.making import BATTLE, LAP_MM, Told

CAP = 900
BEAT_S = 1.5
nan, inf = math.nan, math.inf


def said(wheel=Wheel(), number=1, throttle=1.0, lane=0.0, at_s=10.0):  # noqa: B008 - a wheel is a value
    return steered(wheel, at_s, number=number, throttle=throttle, lane=lane, heartbeat_s=BEAT_S)


def wish(wheel, now_s=10.0, cap=CAP):
    return wish_of_wheel(wheel, now_s, cap_mm_s=cap, heartbeat_s=BEAT_S)


@pytest.mark.parametrize(
    ("throttle", "speed"),
    [
        (1.0, 900),
        (0.5, 525),
        (0.0, 0),
        (0.03, 0),
        (0.04, 180),
        (7.0, 900),
        (-1.0, 0),
        (nan, 0),
        (inf, 0),
        (-inf, 0),
    ],
)
def test_the_throttle_goes_from_standing_to_the_cap(throttle, speed):
    assert wish(said(throttle=throttle)).speed_mm_s == speed


@pytest.mark.parametrize(
    ("lane", "lane_mm"), [(-1.0, -60.0), (0.0, 0.0), (0.5, 30.0), (9.0, 60.0), (nan, 0.0), (-inf, 0.0)]
)
def test_the_lane_goes_from_edge_to_edge(lane, lane_mm):
    assert wish(said(lane=lane)).lane_mm == lane_mm


@pytest.mark.parametrize("sent", ["1", None, [1.0], True, 10**400, -(10**400)])
def test_what_is_no_number_stands(sent):
    held = wish(said(throttle=sent, lane=sent))
    assert 0 <= held.speed_mm_s <= CAP
    assert abs(held.lane_mm) <= WIDEST_LANE_MM
    assert isinstance(held.speed_mm_s, int)


def test_a_silent_phone_stands_on_its_lane():
    wheel = said(lane=0.5)
    assert wish(wheel, 11.5).speed_mm_s == CAP
    assert wish(wheel, 11.6) == STAND._replace(lane_mm=30.0)
    assert wish(beaten(wheel, 11.6), 12.0).speed_mm_s == CAP
    assert wish(Wheel()) == STAND
    assert not is_heard(Wheel(), 0.0, BEAT_S)


def test_the_latest_word_wins_and_an_older_one_only_shows_that_the_phone_is_there():
    wheel = said(said(number=5, throttle=0.2), number=4, throttle=1.0, at_s=10.5)
    assert (wheel.number, wheel.throttle, wheel.heard_s) == (5, 0.2, 10.5)
    assert said(wheel, number=5, throttle=0.9, at_s=10.6).throttle == 0.2
    assert said(wheel, number=6, throttle=0.9, at_s=10.6).throttle == 0.9


def test_a_page_loaded_anew_counts_from_the_beginning():
    wheel = said(number=500, throttle=1.0)
    assert said(wheel, number=1, throttle=0.3, at_s=12.0).throttle == 0.3


def test_a_cap_below_the_slowest_is_kept():
    assert wish(said(), cap=100).speed_mm_s == 100


@given(
    st.builds(
        Wish,
        st.one_of(st.floats(), st.integers(-(10**30), 10**30), st.none()),
        st.one_of(st.floats(), st.none(), st.text()),
        st.floats(),
        st.booleans(),
    ),
    st.one_of(st.integers(-5, 2000), st.floats()),
)
def test_nothing_unsafe_comes_through(hostile, cap):
    made = safe(hostile, cap)
    most = min(max(cap, 0), 1200) if math.isfinite(cap) else 0
    assert made.speed_mm_s == 0 or min(SLOWEST_MM_S, int(most)) <= made.speed_mm_s <= most
    assert abs(made.lane_mm) <= WIDEST_LANE_MM
    assert 100 <= made.accel_mm_s2 <= 2500
    assert safe(made, cap) == made


def driven_mm_s(grade, seat=1, races=20):
    """The average speed of many laps on a track that is half curves."""
    return fmean(
        wish_of(Driver(3, race, seat, grade), Motion(lap, share / 6, is_curve=share % 2 == 0), CAP).speed_mm_s
        for race in range(races)
        for lap in range(5)
        for share in range(6)
    )


@pytest.mark.parametrize(
    ("worse", "better"), [(0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0), (0.55, 0.65)]
)
def test_a_better_driver_is_faster_on_average(worse, better):
    assert driven_mm_s(better) > 1.03 * driven_mm_s(worse)


def test_a_better_driver_does_not_always_win_and_wavers_less():
    paces = {
        grade: [wish_of(Driver(3, race, 1, grade), Motion(), CAP).speed_mm_s for race in range(200)]
        for grade in (0.1, 0.55, 0.65, 0.9)
    }
    upsets = sum(worse > better for worse, better in zip(paces[0.55], reversed(paces[0.65]), strict=True))
    assert 10 < upsets < 90
    assert max(paces[0.1]) - min(paces[0.1]) > max(paces[0.9]) - min(paces[0.9])


DRIVERS = st.builds(Driver, st.integers(), st.integers(), st.integers(1, 4), st.floats(-1, 2))


@given(
    DRIVERS,
    st.builds(Motion, st.integers(0, 50), st.floats(0, 1), st.booleans(), st.just(100.0), st.just(15.0)),
)
def test_a_driver_is_the_same_for_a_seed_and_keeps_the_rules(driver, motion):
    wished = wish_of(driver, motion, CAP)
    assert wished == wish_of(driver, motion, CAP) == safe(wished, CAP)
    assert wished.speed_mm_s > 250


def test_drivers_use_the_whole_road_and_differ():
    lanes = {wish_of(Driver(3, 1, 1, 0.5), Motion(lap), CAP).lane_mm for lap in range(40)}
    assert lanes == set(LANES_MM)
    paces = {wish_of(Driver(3, 1, seat, 0.5), Motion(), CAP).speed_mm_s for seat in range(1, 5)}
    assert len(paces) > 2


def test_a_driver_behind_another_changes_lanes_or_slows_down():
    alone = {lap: wish_of(Driver(3, 1, 1, 0.5), Motion(lap), CAP) for lap in range(100)}
    behind = {
        lap: wish_of(Driver(3, 1, 1, 0.5), Motion(lap, 0.0, False, 150.0, wished.lane_mm), CAP)
        for lap, wished in alone.items()
    }
    passing = [lap for lap, wished in alone.items() if abs(behind[lap].lane_mm - wished.lane_mm) > 25.0]
    waiting = [lap for lap, wished in alone.items() if behind[lap].speed_mm_s < wished.speed_mm_s]
    assert sorted(passing + waiting) == list(range(100))
    assert len(passing) > 40
    assert len(waiting) > 10


def test_a_driver_knows_the_car_ahead():
    told = Told(seats=3).green()
    assert motion_of(told.race, 1, 0.0) == Motion()
    told.at(1, 2900, 0.0)
    told.at(2, 100, 0.0)
    told.at(3, 2800, 0.0)
    motion = motion_of(told.race, 1, 0.0, is_curve=True)
    assert motion == Motion(0, pytest.approx(2900 / LAP_MM), True, 200.0, 0.0)
    assert motion_of(told.race, 9, 0.0) == Motion()


def test_a_better_driver_shoots_sooner():
    told = Told(BATTLE, seats=2).green()
    assert not fires(Driver(3, 7, 1, 1.0), told.race, 0.0)
    told.at(1, 0, 0.0)
    told.at(2, 300, 0.0)
    shots = {
        grade: sum(fires(Driver(3, 7, 1, grade), told.race, n / 2) for n in range(200))
        for grade in (0.0, 0.5, 1.0)
    }
    assert 10 < shots[0.0] < shots[0.5] < shots[1.0] < 190
    told.tell(Fire(0.5, 1))
    assert not any(fires(Driver(3, 7, 1, 1.0), told.race, 0.5 + n / 10) for n in range(20))
    assert not fires(Driver(3, 7, 9, 1.0), told.race, 9.0)


FAST = Wish(800, 30.0)


def test_the_race_says_when_a_car_may_drive():
    told = Told(seats=2)
    stand = STAND._replace(lane_mm=30.0)
    assert allowed(told.race, 1, FAST, 0.0, CAP) == stand
    told.green(1.0)
    assert allowed(told.race, 1, FAST, 1.0, CAP) == FAST
    assert allowed(told.race, 1, FAST, 1.0, 500) == FAST._replace(speed_mm_s=500)
    assert allowed(told.race, 9, FAST, 1.0, CAP) == stand
    told.tell(TakenOver(2.0, 1, 0.5))
    assert allowed(told.race, 1, FAST, 2.0, CAP) == FAST
    told.tell(CarOut(2.0, 12, "silent"))
    assert allowed(told.race, 2, FAST, 2.0, CAP) == stand
    told.crossings(1, 2.0, 6.0, 10.0, 14.0)
    assert allowed(told.race, 1, FAST, 14.0, CAP) == FAST._replace(speed_mm_s=ROLL_ON_MM_S)
    told.tick(99.0)
    assert allowed(told.race, 1, FAST, 99.0, CAP) == stand


def test_a_shot_and_a_hit_flash_and_a_disabled_car_stands_flashing():
    told = Told(BATTLE, seats=3).green()
    told.at(1, 0, 0.0)
    told.at(2, 300, 0.0)
    told.tell(Fire(1.0, 1))
    assert [allowed(told.race, seat, FAST, 1.5, CAP).flash for seat in (1, 2, 3)] == [True, True, False]
    assert not allowed(told.race, 1, FAST, 1.7, CAP).flash
    told.tell(Fire(3.0, 1))
    assert allowed(told.race, 2, FAST, 6.9, CAP) == Wish(0, 30.0, flash=True)
    assert allowed(told.race, 2, FAST, 7.0, CAP) == FAST


def spot(along_mm):
    return Spot(0.0, along_mm, LAP_MM, 0, 0.0, along_mm / LAP_MM)


def test_cars_come_to_the_grid_each_on_its_lane():
    assert {lane_of(seat) for seat in (1, 2, 3, 4)} == set(LANES_MM)
    assert not is_on_grid(None)
    assert wish_to_grid(2, None, CAP) == Wish(400, -15.0)
    assert wish_to_grid(2, spot(500.0), CAP) == Wish(400, -15.0)
    assert wish_to_grid(2, spot(2500.0), CAP) == Wish(250, -15.0)
    assert is_on_grid(spot(2800.0))
    assert wish_to_grid(2, spot(2800.0), CAP) == STAND._replace(lane_mm=-15.0)
