"""Lives on record as figures: only deaths count as such, late starts enter late, what stands out is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rig.soak.battery.figures import CarLives, diagnosis_of, judge_car, judge_set, observations_of
from rig.soak.battery.limits import Figure, Limit, Scope
from rig.soak.outcome import Outcome
from rig.statistics.survival import Ended, Observation
from rig.store.lives import ChargeRow, LifeRow, ReadingRow

LIFE = LifeRow(
    leg=1,
    identifier=7,
    life=1,
    set_name="A",
    end="battery death",
    began_s=10.0,
    ended_s=1510.0,
    start_mv=4170,
    end_mv=3320,
    start_full=True,
    drive_s=1200.0,
    rest_s=240.0,
    low_s=1300.0,
    gaps=0,
    gap_s=0.0,
    stalls=0,
    off_tracks=0,
    distance_m=1000.0,
    speed_held=0.99,
    temperature_c=None,
    bay="A1",
    error=None,
)
CHARGE = ChargeRow(1, 7, 1, "full flag", 1600.0, 2080.0, 96.0, 470.0, 880.0, "A1", None)


def car(*lives, charges=(), readings=(), label="Skull A1"):
    return CarLives(label, tuple(lives), tuple(charges), tuple(readings))


def resting(age_s, mv, life=1):
    return ReadingRow(1, 7, life, 10.0 + age_s, age_s, "rest", mv, 0, None, False, False)


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        ("battery death", Ended.EVENT),
        ("limit reached", Ended.CENSORED),
        ("cut", Ended.CENSORED),
        ("bench void", Ended.CENSORED),
        ("radio loss", Ended.COMPETING),
        ("stall", Ended.COMPETING),
        ("off track", Ended.COMPETING),
        ("taken off", Ended.COMPETING),
    ],
)
def test_only_a_death_is_an_event(end, ended):
    (seen,) = observations_of(car(replace(LIFE, end=end)), Figure.LIFE)
    assert seen == Observation(1440.0, ended, end)


def test_a_car_that_was_not_brought_up_has_no_life_and_is_excluded():
    lives = car(replace(LIFE, end="not started", drive_s=0.0, rest_s=0.0, error="CarNotFound"))
    assert observations_of(lives, Figure.LIFE) == []
    assert "could not be brought up (CarNotFound)" in lives.excluded[0][1]


def test_a_late_start_enters_where_the_full_life_had_come_down_to_the_same_voltage():
    late = replace(LIFE, life=2, start_full=False, start_mv=3900, drive_s=600.0, rest_s=120.0)
    readings = [resting(0.0, 4170), resting(150.0, 4050), resting(330.0, 3890), resting(510.0, 3800)]
    observations = observations_of(car(LIFE, late, readings=readings), Figure.LIFE)
    assert observations[1] == Observation(330.0 + 720.0, Ended.EVENT, "battery death", 330.0)


def test_a_late_start_that_cannot_be_placed_is_left_out_with_the_reason():
    lives = car(replace(LIFE, start_full=False, start_mv=3900))
    assert observations_of(lives, Figure.LIFE) == []
    assert lives.excluded[0][1] == "left out: it did not begin full (3900 mV), nor is known how late"


def test_charges_count_from_dead_alone_and_one_given_up_on_is_at_least_so_long():
    limited = replace(LIFE, life=2, end="limit reached")
    dead = replace(LIFE, life=3)
    charges = [CHARGE, replace(CHARGE, life=2), replace(CHARGE, life=3, end="limit reached", ended_s=2800.0)]
    seen = observations_of(car(LIFE, limited, dead, charges=charges), Figure.CHARGE)
    assert [(o.time_s, o.ended) for o in seen] == [(480.0, Ended.EVENT), (1200.0, Ended.CENSORED)]


def test_speed_held_needs_driving_and_disturbed_lives_are_counted():
    short = replace(LIFE, end="stall", drive_s=20.0)
    assert len(observations_of(car(LIFE, short), Figure.SPEED_HELD)) == 1
    told = observations_of(car(LIFE, short, replace(LIFE, end="bench void")), Figure.UNDISTURBED)
    assert [o.time_s for o in told] == [1.0, 0.0]


def test_a_limit_on_a_set_pools_its_cars():
    limit = Limit(Figure.LIFE, Scope.SET, 0.85, 900.0, at_least=True, quantile=0.25)
    cars = [car(LIFE, replace(LIFE, life=2), label=f"car {n}") for n in range(4)]
    (verdict,) = judge_set("set A", cars, [limit])
    assert (verdict.outcome, verdict.n) == (Outcome.PASS, 8)
    assert judge_car(cars[0], [limit]) == ()


def test_means_are_those_of_full_lives_and_charges():
    lives = car(LIFE, replace(LIFE, life=2, end="stall"), charges=[CHARGE])
    assert (lives.life_s, lives.charge_s, lives.charge_mah) == (1440.0, 480.0, 96.0)
    assert car().life_s is None
    assert car().speed_held is None


def test_a_faded_cell_is_told_from_a_car_that_draws_more():
    mates = [car(LIFE, charges=[CHARGE], label="mate")] * 3
    short = replace(LIFE, drive_s=600.0, rest_s=120.0)
    faded = car(short, charges=[replace(CHARGE, charge_mah=50.0)])
    hungry = car(short, charges=[CHARGE])
    assert diagnosis_of(faded, mates) == (
        "Skull A1: it lasts 50 % as long as its set-mates,"
        " and its cell takes 52 % of their charge: the battery has faded"
    )
    assert diagnosis_of(hungry, mates).endswith("100 % of their charge: something in it draws more")
    assert diagnosis_of(mates[0], mates[1:]) is None
    stalled = car(LIFE, replace(LIFE, life=2, end="stall"), charges=[CHARGE])
    assert diagnosis_of(stalled, mates) == "Skull A1: 1 of 2 lives ended by stall, not by the battery"
