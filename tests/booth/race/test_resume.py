"""A race that comes back from its records is the race that was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booth.race.engine import step
from booth.race.events import BeginCountdown, CarBack, CarOut, Correct, Fire, Interrupted, Lapped, Stop
from booth.race.resume import SURELY_STARTED_S, races_of
from booth.race.state import Phase
from booth.show.records import PlayerLeft, RaceLinedUp, from_body, to_body
from tests.booth.race.making import BATTLE, MODES, Told


def again(told, *, now_s, more=()):
    """The race from its records, which went to disk and back; each is as old as its event."""
    written = [(now_s - at_s, from_body(*to_body(record))) for at_s, record in (*told.timed, *more)]
    return races_of(written, now_s, MODES.__getitem__).get(told.race.race)


class Timed(Told):
    """Remembers when each record was written."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.timed = [(0.0, record) for record in self.said]

    def tell(self, *happenings):
        said = ()
        for event in happenings:
            new = super().tell(event)
            self.timed += [(event.at_s, record) for record in new]
            said += new
        return said


def known(race):
    """What records can tell: not where cars were, nor when they first crossed the line."""
    racers = tuple(
        replace(racer, spot=None, first_s=None, passed_s=None, is_past_line=False, is_broken=False)
        for racer in race.racers
    )
    return replace(race, racers=racers, starts_s=None)


def a_race():
    told = Timed(seats=3).green(5.0)
    told.crossings(1, 6.0, 10.0, 14.0)
    told.crossings(2, 6.0, 11.0)
    told.tell(CarOut(12.0, 12, "silent"), CarOut(12.0, 13, "silent"), CarBack(15.0, 12))
    return told


def test_a_race_under_way_comes_back_with_its_laps():
    told = a_race()
    assert known(again(told, now_s=20.0)) == known(told.race)


def test_the_first_crossing_after_a_restart_ends_the_lap_under_way():
    told = a_race()
    race = again(told, now_s=20.0)
    race, _ = step(race, Interrupted(20.0, 3.0))
    for car, laps in ((11, 3), (12, 2), (13, 1)):
        race, _ = step(race, Lapped(22.0, car, 21.9, is_first=True))
        assert len(race.of_car(car).laps) == laps
    assert race.ends_s == 68.0


def test_right_after_green_nobody_has_started_yet():
    told = Timed(seats=1).green(5.0)
    assert again(told, now_s=5.0 + SURELY_STARTED_S - 0.1).racers[0].first_s is None
    assert again(told, now_s=5.0 + SURELY_STARTED_S).racers[0].first_s == 5.0


def test_a_finished_race_keeps_every_result():
    told = a_race()
    told.tell(Lapped(18.0, 11, 18.0, 4.0))
    told.tick(60.0)
    told.tell(Correct(70.0, (2, 1, 3), "pushed", "crew"))
    race = again(told, now_s=80.0)
    assert race.phase is Phase.FINISHED
    assert race.history == told.race.history


def test_a_battle_comes_back_with_energy_and_score():
    told = Timed(BATTLE, seats=2).green(5.0)
    told.at(1, 0, 5.0)
    told.at(2, 300, 5.0)
    told.tell(Fire(6.0, 1), Fire(8.0, 1), Fire(12.5, 1))
    race = again(told, now_s=13.0)
    assert [racer.fight for racer in race.racers] == [racer.fight for racer in told.race.racers]


@pytest.mark.parametrize(("begin", "phase"), [(False, Phase.LINED_UP), (True, Phase.STOPPED)])
def test_before_green_and_stopped(begin, phase):
    told = Timed()
    if begin:
        told.tell(BeginCountdown(1.0, 5.0), Stop(2.0, "a shoe", "crew"))
    assert again(told, now_s=3.0).phase is phase


def test_an_interruption_comes_back():
    told = a_race()
    told.tell(Interrupted(16.0, 2.5))
    race = again(told, now_s=20.0)
    assert race.held_s == 2.5
    assert all(racer.is_broken for racer in race.racers)


def test_a_player_who_left_has_left():
    told = a_race()
    race = again(
        told, now_s=20.0, more=[(16.0, PlayerLeft("p1", "silent", 1)), (17.0, PlayerLeft("p9", "left"))]
    )
    assert race.racers[0].entry.player is None
    assert race.racers[0].entry.grade is not None


def test_races_of_a_mode_that_is_gone_and_records_of_other_things_are_left_out():
    told = Timed()
    gone = [(1.0, RaceLinedUp(9, "gone", "A", told.said[0].entries)), (0.5, PlayerLeft("p", "left", 1))]
    assert races_of(gone, 10.0, MODES.__getitem__) == {}
