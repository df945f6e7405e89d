"""What screens see of a race."""

from __future__ import annotations

import pytest

from booth.race.events import BeginCountdown, CarOut, Correct, Fire, Interrupted, Stop
from booth.race.views import race_view, seat_views
from tests.booth.race.making import BATTLE, RACE, TRIAL, Told


def positions(told, now_s=0.0):
    return {view.seat: view.position for view in seat_views(told.race, now_s)}


def test_before_green_there_are_seats_and_a_countdown():
    told = Told(seats=2)
    view = race_view(told.race, 0.0, numbers={11: 4}, away={"p1"})
    assert (view.race, view.mode, view.kind, view.set_name, view.laps) == (7, "race", "race", "A", 3)
    assert view.starts_in_s is None
    one, two = view.seats
    assert (one.number, one.player, one.is_there, one.position) == (4, "p1", False, None)
    assert (two.number, two.grade, two.is_there) == (2, 0.5, True)
    told.tell(BeginCountdown(0.0, 5.0))
    assert race_view(told.race, 2.0).starts_in_s == 3.0


def test_while_it_is_on_the_limit_counts_down_and_whoever_is_ahead_leads():
    told = Told().green()
    told.at(1, 600, 2.0, 500)
    told.at(2, 900, 2.0, 600)
    view = race_view(told.race, 2.0)
    assert view.ends_in_s == 58.0
    assert view.starts_in_s is None
    assert [seat.progress for seat in view.seats] == [0.2, pytest.approx(0.3), None]
    assert view.seats[1].speed_mm_s == 600
    assert positions(told) == {2: 1, 1: 2, 3: 3}


def test_nobody_falls_back_a_lap_between_the_line_and_the_count():
    told = Told(seats=2).green()
    told.crossings(1, 1.0)
    told.crossings(2, 1.0)
    told.at(1, 2900, 5.0)
    told.at(2, 2800, 5.0)
    told.at(1, 150, 5.3)
    assert positions(told) == {1: 1, 2: 2}
    assert seat_views(told.race, 5.3)[0].progress == pytest.approx(0.999)
    told.crossings(1, 5.2)
    assert seat_views(told.race, 5.4)[0].progress == pytest.approx(0.05)
    told.at(2, 2990, 5.5)
    told.crossings(2, 5.6)
    told.at(2, 2995, 5.7)
    assert positions(told) == {1: 1, 2: 2}


def test_an_old_reading_moves_nobody_back():
    told = Told(seats=1).green()
    told.at(1, 1500, 5.0)
    told.at(1, 900, 4.0)
    assert seat_views(told.race, 5.0)[0].progress == 0.5


def test_laps_gaps_and_times():
    told = Told().green()
    told.crossings(1, 1.0, 5.0, 9.0)
    told.crossings(2, 1.0, 5.5, 10.25)
    one, two, three = seat_views(told.race, 11.0)
    assert (one.laps, one.last_lap_s, one.best_lap_s, one.gap_s) == (2, 4.0, 4.0, None)
    assert (two.laps, two.last_lap_s, two.best_lap_s, two.gap_s) == (2, 4.75, 4.5, 1.25)
    assert (three.laps, three.last_lap_s, three.gap_s) == (0, None, None)


def test_whoever_is_in_stays_ahead():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 5.0, 9.0, 13.0)
    told.crossings(2, 1.0, 6.0, 11.0)
    told.at(2, 2900, 13.4)
    assert positions(told) == {1: 1, 2: 2}


def test_the_result_has_a_winner_and_places():
    told = Told(seats=2).green()
    told.crossings(2, 1.0, 5.0)
    told.tick(61.0)
    view = race_view(told.race, 62.0)
    assert view.winner == 2
    assert view.ends_in_s is None
    assert positions(told) == {1: 2, 2: 1}
    told.tell(Correct(70.0, (1, 2), "seat 1 was pushed", "crew"))
    view = race_view(told.race, 70.0)
    assert (view.winner, view.corrected) == (1, "seat 1 was pushed")
    assert positions(told) == {1: 1, 2: 2}


def test_a_battle_shows_energy_score_and_who_stands():
    told = Told(BATTLE, seats=2).green()
    told.at(1, 0, 0.0)
    told.at(2, 300, 0.0)
    told.tell(Fire(1.0, 1), Fire(3.0, 1))
    one, two = seat_views(told.race, 4.0)
    assert (one.energy, one.score, one.is_disabled) == (2, 4, False)
    assert (two.energy, two.score, two.is_disabled) == (2, 0, True)
    assert positions(told) == {1: 1, 2: 2}
    assert race_view(told.race, 4.0).laps is None
    assert seat_views(Told(RACE).race, 0.0)[0].energy is None


def test_a_trial_shows_the_best_lap_ahead():
    told = Told(TRIAL, seats=2).green()
    told.crossings(1, 1.0, 6.0, 11.0)
    told.crossings(2, 1.0, 5.5)
    assert positions(told) == {2: 1, 1: 2}


def test_notes_say_what_a_visitor_should_know():
    told = Told(rerun_of=6).green()
    assert race_view(told.race, 1.0).note is None
    assert race_view(told.race, 1.0).is_rerun
    told.tell(Interrupted(2.0, 1.0))
    assert race_view(told.race, 2.0).note == "The race was interrupted; its time goes on"
    told.tell(CarOut(3.0, 12, "x"))
    assert race_view(told.race, 3.0).note == "Car 2 left the race"
    told.tell(CarOut(3.0, 13, "y"))
    assert race_view(told.race, 3.0).note == "Cars 2, 3 left the race"
    assert seat_views(told.race, 3.0)[1].out == "x"
    told.tell(Stop(4.0, "a shoe", "crew"))
    assert race_view(told.race, 4.0).note == "This race was stopped"
