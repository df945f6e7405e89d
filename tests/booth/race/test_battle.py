"""Battle: shots, energy, standing and recovering, score."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booth.race.battle import along_mm, may_shoot, target_of
from booth.race.events import CarOut, Fire
from booth.show.records import Hit, RaceFinished
from tests.booth.race.making import BATTLE, LAP_MM, RACE, Told


def battle(*places, mode=BATTLE):
    """Cars at these places of the lap in mm, by seat from 1, at second 0."""
    told = Told(mode, seats=len(places)).green()
    for seat, place in enumerate(places, start=1):
        told.at(seat, place, 0.0)
    return told


@pytest.mark.parametrize(
    ("places", "victim"),
    [
        pytest.param((1000, 1500, 1300), 3, id="the nearest ahead"),
        pytest.param((1000, 1601, 900), None, id="out of range, or behind"),
        pytest.param((1000, 1600, 400), 2, id="at the end of the range"),
        pytest.param((2900, 300, 2800), 2, id="ahead across the line"),
        pytest.param((1000, 1000, 0), 2, id="side by side"),
        pytest.param((1000, 1200, 1200), 2, id="two as near: the lower seat"),
    ],
)
def test_a_shot_hits_the_next_car_ahead_in_range(places, victim):
    told = battle(*places)
    assert told.tell(Fire(1.0, 1)) == (() if victim is None else (Hit(7, 1, victim),))


def test_a_hit_costs_energy_and_scores():
    told = battle(0, 300)
    told.tell(Fire(1.0, 1))
    assert told.racer(2).fight.energy == 1
    assert told.racer(1).fight.score == 1


def test_a_gun_reloads():
    told = battle(0, 300)
    assert told.tell(Fire(1.0, 1), Fire(2.9, 1)) == (Hit(7, 1, 2),)
    assert told.tell(Fire(3.0, 1)) == (Hit(7, 1, 2),)


def test_a_miss_is_a_shot_too():
    told = battle(0, 2000)
    told.tell(Fire(1.0, 1))
    told.at(2, 300, 1.5)
    assert told.tell(Fire(2.0, 1)) == ()


def test_without_energy_a_car_stands_is_left_alone_and_recovers_with_all_of_it():
    told = battle(0, 300)
    told.tell(Fire(1.0, 1), Fire(3.0, 1))
    down = told.racer(2)
    assert told.racer(1).fight.score == 4, "a hit, and a hit that disables"
    assert down.is_disabled(3.0)
    assert down.is_disabled(6.9)
    assert not down.is_disabled(7.0)
    assert (down.fight.energy, down.fight.times_disabled) == (2, 1)
    assert told.tell(Fire(5.0, 1), Fire(5.5, 2)) == (), "neither hit nor shooting while it stands"
    assert told.tell(Fire(7.0, 1)) == (Hit(7, 1, 2),)


def test_a_hit_greater_than_what_is_left_leaves_nothing_and_not_less():
    told = battle(0, 300, mode=replace(BATTLE, energy=3, hit=2))
    told.tell(Fire(1.0, 1))
    assert told.racer(2).fight.energy == 1
    told.tell(Fire(3.0, 1))
    assert told.racer(2).is_disabled(3.0)


def test_cars_that_are_out_neither_shoot_nor_are_hit():
    told = battle(0, 300)
    told.tell(CarOut(1.0, 12, "battery empty"))
    assert told.tell(Fire(2.0, 1), Fire(2.0, 2)) == ()


def test_nobody_is_hit_whose_place_nobody_knows():
    told = Told(BATTLE, seats=2).green()
    assert told.tell(Fire(1.0, 1)) == ()
    told.at(1, 100, 1.0)
    assert told.tell(Fire(4.0, 1)) == ()


def test_a_place_is_carried_on_for_a_moment():
    told = Told(BATTLE, seats=2).green()
    told.at(1, 2900, 1.0, 600)
    racer = told.racer(1)
    assert along_mm(told.race, racer, 1.25) == pytest.approx(3050 % LAP_MM)
    assert along_mm(told.race, racer, 9.0) == pytest.approx(200)


def test_shooting_is_for_battles_and_while_they_are_on():
    assert battle(0, 300, mode=RACE).tell(Fire(1.0, 1)) == ()
    told = Told(BATTLE, seats=2)
    told.at(1, 0, 0.0)
    told.at(2, 300, 0.0)
    assert told.tell(Fire(1.0, 1)) == ()


def test_score_wins_then_who_stood_less_then_laps():
    told = battle(0, 300, 1500, 1800)
    told.tell(Fire(1.0, 1), Fire(1.0, 3), Fire(3.0, 3))
    told.crossings(2, 1.0, 5.0)
    said = told.tick(61.0)
    assert isinstance(said[-1], RaceFinished)
    assert told.order == [3, 1, 2, 4]
    assert told.race.result.winner == 3
    assert [s.score for s in told.race.result.standings] == [4, 1, 0, 0]


def test_nobody_wins_a_battle_without_a_hit():
    told = battle(0, 2000)
    told.tick(61.0)
    assert told.race.result.winner is None
    assert told.race.result.rerun == "nobody hit anybody"


def test_no_number_of_laps_ends_a_battle():
    told = battle(0, 300)
    told.crossings(1, 1.0, 5.0, 9.0, 13.0, 17.0)
    told.tick(40.0)
    assert told.race.result is None
    assert len(told.racer(1).laps) == 4


def test_may_shoot_and_target_are_what_a_screen_may_ask():
    told = battle(0, 300)
    assert may_shoot(told.race, told.racer(1), 1.0)
    assert target_of(told.race, told.racer(1), 1.0).seat == 2
    assert target_of(told.race, told.racer(2), 1.0) is None
