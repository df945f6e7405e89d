"""Time trial: the best lap within the limit."""

from __future__ import annotations

import pytest

from booth.race.events import BeginCountdown, CarOut, Interrupted, Lapped, Ticked
from booth.race.state import Fairness, FalseStart
from tests.booth.race.making import TRIAL, Told


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        pytest.param((1.0, 5.0, 8.5), (1.0, 4.9, 8.9), [1, 2], id="the best lap, not the best sum"),
        pytest.param((1.0, 5.0), (1.0, 6.0, 10.0), [1, 2], id="alike: who drove it earlier"),
        pytest.param((), (1.0, 40.0), [2, 1], id="any lap beats none"),
        pytest.param((), (), [1, 2], id="nothing at all: the lower seat"),
        pytest.param((1.0, 59.9), (1.0, 50.0, 60.1), [2, 1], id="a lap ended after the limit is none"),
    ],
)
def test_the_best_lap_wins(first, second, order):
    told = Told(TRIAL, seats=2).green()
    told.crossings(1, *first)
    told.crossings(2, *second)
    told.tick(60.5)
    assert told.order == order


def test_it_lasts_until_the_limit_however_many_laps():
    told = Told(TRIAL, seats=1).green()
    told.crossings(1, *(float(n) for n in range(1, 60, 4)))
    told.tick(60.4)
    assert told.race.result is None
    told.tick(60.5)
    assert told.race.result.standings[0].laps == 14


def test_a_lap_that_was_interrupted_is_nobodys_best():
    told = Told(TRIAL, seats=1).green()
    told.crossings(1, 1.0, 9.0)
    told.tell(Interrupted(10.0, 0.5), Lapped(13.0, 11, 13.0, 4.0))
    told.tick(99.0)
    assert told.race.result.standings[0].best_lap_s == 8.0
    assert told.race.result.winner == 1


def test_only_interrupted_laps_win_nothing():
    told = Told(TRIAL, seats=1).green()
    told.crossings(1, 1.0)
    told.tell(CarOut(2.0, 11, "silent"), Lapped(13.0, 11, 13.0, 12.0))
    told.tick(99.0)
    assert told.race.result.winner is None
    assert told.race.result.rerun == "nobody completed a lap"


def test_a_penalty_counts_for_the_best_lap():
    told = Told(TRIAL, seats=2, fairness=Fairness(false_start=FalseStart.PENALTY))
    told.tell(BeginCountdown(0.0, 5.0), Lapped(3.0, 11, 2.9, is_first=True), Ticked(5.0))
    told.crossings(1, 6.0, 10.0)
    told.crossings(2, 6.0, 12.0)
    told.tick(99.0)
    assert told.order == [2, 1]
