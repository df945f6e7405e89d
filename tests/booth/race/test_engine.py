"""A race from line-up to result: its life, laps once each, and what is fair when something goes wrong."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from booth.race.engine import line_up, step, why_not
from booth.race.events import (
    BeginCountdown,
    CarBack,
    CarOut,
    Correct,
    Fire,
    Green,
    Interrupted,
    Lapped,
    Moved,
    Stop,
    TakenOver,
    Ticked,
)
from booth.race.state import Fairness, FalseStart, Phase
from booth.show import records
from booth.show.records import Entry, LapDone, RaceFinished, RaceLinedUp, RaceStarted, RaceStopped
from tests.booth.race.making import RACE, Told, entries


def finished(told):
    return told.race.phase is Phase.FINISHED


def test_a_race_is_lined_up_with_its_record():
    race, said = line_up(7, RACE, "A", entries(2), rerun_of=6)
    assert race.phase is Phase.LINED_UP
    assert said == (RaceLinedUp(7, "race", "A", entries(2), rerun_of=6),)


@pytest.mark.parametrize(
    "wrong", [(), (Entry(1, 11, "p"), Entry(1, 12, "q")), (Entry(1, 11, "p"), Entry(2, 11, "q"))]
)
def test_a_seat_and_a_car_are_entered_once(wrong):
    with pytest.raises(ValueError, match="race 7"):
        line_up(7, RACE, "A", wrong)


def test_the_countdown_ends_in_green():
    told = Told()
    assert told.tell(BeginCountdown(10.0, 5.0)) == ()
    assert told.tick(14.9) == ()
    assert told.tick(15.0) == (RaceStarted(7),)
    assert told.race.green_s == 15.0
    assert told.tell(Green(16.0), BeginCountdown(17.0, 5.0)) == ()


def test_green_needs_no_countdown():
    assert Told().tell(Green(3.0)) == (RaceStarted(7),)


def test_a_countdown_never_lasts_for_ever():
    told = Told()
    told.tell(BeginCountdown(0.0, 1e12))
    assert told.tick(60.0) == (RaceStarted(7),)


@pytest.mark.parametrize("before", [(), (BeginCountdown(0.0, 5.0),), (Green(0.0),)])
def test_a_race_can_be_stopped_any_time_and_stays_so(before):
    told = Told()
    told.tell(*before)
    assert told.tell(Stop(1.0, "a shoe on the track", "crew")) == (
        RaceStopped(7, "a shoe on the track", "crew"),
    )
    assert told.tell(Green(2.0), Ticked(1e6), Stop(3.0, "again", "crew"), CarOut(4.0, 11, "x")) == ()
    assert told.race.result is None


def test_the_first_to_complete_the_laps_wins_and_the_others_end_their_lap():
    told = Told().green()
    told.crossings(2, 1.0, 5.0, 9.0, 13.0)
    told.crossings(1, 1.0, 6.0, 11.0, 16.0)
    told.crossings(3, 1.0, 7.0, 13.5)
    assert finished(told)
    assert told.said[-1] == RaceFinished(7, told.race.result.standings, winner=2)
    assert told.order == [2, 1, 3]
    assert [(s.laps, s.time_s, s.best_lap_s) for s in told.race.result.standings] == [
        (3, 13.0, 4.0), (3, 16.0, 5.0), (2, 13.5, 6.0),
    ]  # fmt: skip


def test_laps_are_told_with_their_number_and_both_times():
    told = Told().green(10.0)
    assert told.crossings(2, 11.0, 15.5, 20.5) == (LapDone(7, 2, 1, 4.5, 5.5), LapDone(7, 2, 2, 5.0, 10.5))


def test_who_crosses_first_wins_although_it_is_heard_of_later():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 5.0, 9.0)
    told.crossings(2, 1.0, 5.0, 8.9)
    told.tell(Lapped(13.2, 11, 13.1, 4.1))
    assert not finished(told), "another may have crossed before and be heard of late"
    told.tell(Lapped(13.3, 12, 13.0, 4.1))
    told.tick(13.7)
    assert told.order == [2, 1]


def test_who_is_late_has_the_grace_of_a_slow_lap_and_no_more():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 5.0, 9.0, 13.0)
    told.crossings(2, 1.0, 7.0)
    told.tick(22.4)
    assert not finished(told)
    told.tick(22.5)  # 13 + 1.5 times 6 s, and the half second for what is heard late
    assert finished(told)
    assert told.order == [1, 2]


def test_after_the_flag_a_crossing_is_the_last():
    told = Told().green()
    told.crossings(1, 1.0, 5.0, 9.0, 13.0)
    told.crossings(2, 1.0, 6.0, 13.2)
    assert told.tell(Lapped(14.5, 12, 14.4, 1.2)) == ()
    assert len(told.racer(2).laps) == 2


def test_the_limit_ends_a_race_that_nobody_completes():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 30.0)
    told.crossings(2, 1.0, 29.0)
    told.tick(60.4)
    assert not finished(told)
    told.tell(Lapped(60.45, 12, 59.9, 30.9))
    told.tell(Lapped(60.45, 11, 60.1, 30.1))
    told.tick(60.5)
    assert finished(told)
    assert told.order == [2, 1]
    assert [s.laps for s in told.race.result.standings] == [2, 1], "after the limit no crossing counts"


@pytest.mark.parametrize("late_s", [0.0, 0.3, 5.0])
def test_a_crossing_counts_once_however_often_it_is_heard(late_s):
    told = Told().green()
    told.crossings(1, 1.0, 5.0)
    before = told.race
    said = told.tell(
        Lapped(5.1 + late_s, 11, 5.0, 4.0),
        Lapped(5.1 + late_s, 11, 5.9, 4.9),
        Lapped(5.1 + late_s, 11, 1.0, is_first=True),
        Lapped(5.1 + late_s, 11, 4.2, is_first=True),
    )
    assert said == ()
    assert told.race == before


def test_the_order_in_which_crossings_are_heard_makes_no_difference():
    crossings = [
        (11, 1.0, None),
        (11, 5.0, 4.0),
        (11, 9.0, 4.0),
        (12, 1.5, None),
        (12, 5.2, 3.7),
        (12, 9.1, 3.9),
    ]
    results = set()
    for order in itertools.permutations(crossings):
        told = Told(seats=2).green()
        for car, crossed_s, time_s in order:
            told.tell(Lapped(10.0, car, crossed_s, time_s, is_first=time_s is None))
        told.tick(99.0)
        results.add(told.race.result)
    assert len(results) == 1


def test_an_unknown_car_and_numbers_that_are_none_change_nothing():
    told = Told().green()
    before = told.race
    nan, inf = math.nan, math.inf
    said = told.tell(
        Lapped(1.0, 99, 1.0, is_first=True),
        CarOut(1.0, 99, "?"),
        CarBack(1.0, 99),
        CarBack(1.0, 11),
        TakenOver(1.0, 9, 0.5),
        Moved(1.0, 99, 1.0, 3000.0),
        Moved(1.0, 11, nan, 3000.0),
        Moved(1.0, 11, 1.0, 0.0),
        Moved(1.0, 11, 1.0, -5.0),
        Moved(1.0, 11, 1.0, 3000.0, 400, inf),
        Lapped(1.0, 11, nan, is_first=True),
        Lapped(1.0, 11, inf, 4.0),
        Lapped(1.0, 11, 5.0, 0.01),
        Lapped(1.0, 11, 5.0, None),
        Ticked(nan),
        Ticked(inf),
        Interrupted(1.0, nan),
        BeginCountdown(inf, 1.0),
        Fire(1.0, 1),
        Fire(1.0, 99),
    )
    assert said == ()
    assert told.race == before


@pytest.mark.parametrize(
    ("rule", "penalties", "out"),
    [(FalseStart.FORGIVEN, 0, None), (FalseStart.PENALTY, 1, None), (FalseStart.OUT, 1, "false start")],
)
def test_a_false_start_costs_what_the_rules_say(rule, penalties, out):
    told = Told(fairness=Fairness(false_start=rule))
    told.tell(
        BeginCountdown(0.0, 5.0), Lapped(3.0, 11, 2.9, is_first=True), Lapped(4.0, 11, 2.9, is_first=True)
    )
    told.tick(5.0)
    assert (told.racer(1).false_starts, told.racer(1).out) == (penalties, out)
    told.tell(Lapped(8.0, 11, 7.9, 5.0))
    assert len(told.racer(1).laps) == 1, "what it drove since is a lap all the same"


def test_a_penalty_is_added_to_the_time():
    told = Told(seats=2, fairness=Fairness(false_start=FalseStart.PENALTY))
    told.tell(BeginCountdown(0.0, 5.0), Lapped(3.0, 11, 2.9, is_first=True), Ticked(5.0))
    told.crossings(1, 6.0, 10.0, 14.0, 18.0)
    told.crossings(2, 6.0, 11.0, 16.0, 19.0)
    assert told.order == [2, 1]
    assert told.race.result.standings[1].time_s == 16.0


def test_a_crossing_while_lined_up_is_the_car_coming_to_the_grid():
    told = Told(fairness=Fairness(false_start=FalseStart.OUT))
    assert told.tell(Lapped(1.0, 11, 0.9, is_first=True)) == ()


def test_a_start_no_detector_saw_is_seen_by_where_the_car_was_read():
    told = Told(seats=2)
    told.at(1, 2900.0, -1.0)
    told.green()
    told.at(1, 200.0, 1.0, 400)
    told.at(1, 1500.0, 3.0, 400)
    assert told.racer(1).first_s == 0.5
    assert told.tell(Lapped(6.0, 11, 5.5, is_first=True)) == (LapDone(7, 1, 1, 5.0, 5.5, is_whole=False),)


def test_a_start_that_was_seen_is_not_seen_again():
    told = Told(seats=2)
    told.at(1, 2900.0, -1.0)
    told.green()
    told.at(1, 200.0, 1.0, 400)
    told.tell(Lapped(1.2, 11, 0.8, is_first=True))
    told.at(1, 1500.0, 3.0, 400)
    assert told.racer(1).first_s == 0.8


def test_a_car_that_dies_keeps_its_laps_and_holds_nobody_up():
    told = Told().green()
    told.crossings(1, 1.0, 5.0, 9.0)
    assert told.tell(CarOut(9.5, 11, "battery empty")) == (records.CarOut(7, 1, "battery empty"),)
    assert told.tell(CarOut(9.6, 11, "battery empty")) == ()
    told.crossings(2, 1.0, 6.0, 11.0, 16.0)
    told.crossings(3, 1.0, 7.0, 16.1)
    told.tick(16.6)
    assert finished(told)
    assert told.order == [2, 1, 3], "of two laps each, its own were sooner"
    assert [s.out for s in told.race.result.standings] == [None, "battery empty", None]


def test_a_car_that_comes_back_goes_on_with_its_laps():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 5.0)
    told.tell(CarOut(6.0, 11, "silent"))
    assert told.tell(CarBack(8.0, 11)) == (records.CarBack(7, 1),)
    assert told.tell(Lapped(12.1, 11, 12.0, is_first=True)) == (LapDone(7, 1, 2, 7.0, 12.0, is_whole=False),)
    assert told.racer(1).best_lap_s == 4.0
    assert told.tell(Lapped(16.1, 11, 16.0, 4.0)) == (LapDone(7, 1, 3, 4.0, 16.0),)


def test_a_moment_out_at_the_flag_costs_nobody_their_lap():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 5.0, 9.0, 13.0)
    told.crossings(2, 1.0, 6.0, 11.0)
    told.tell(CarOut(13.2, 12, "silent"))
    told.tick(14.0)
    assert not finished(told)
    told.tell(CarBack(14.1, 12), Lapped(16.2, 12, 16.1, 5.1), Ticked(16.3))
    assert finished(told)
    assert [s.laps for s in told.race.result.standings] == [3, 3]


def test_when_every_car_is_out_the_race_ends_a_little_later():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 5.0)
    told.tell(CarOut(6.0, 11, "radio"), CarOut(6.0, 12, "radio"))
    told.tick(10.9)
    assert not finished(told)
    told.tick(11.0)
    assert finished(told)
    assert told.race.result.winner == 1


def test_nobody_wins_a_race_without_a_lap_and_a_rerun_is_offered():
    told = Told().green()
    told.crossings(1, 1.0)
    said = told.tick(61.0)
    assert said[-1].winner is None
    assert said[-1].rerun == "nobody completed a lap"
    assert told.order == [1, 2, 3]


def test_a_leader_that_dies_on_its_last_lap_is_offered_a_rerun():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 5.0, 9.0)
    told.crossings(2, 1.0, 6.0, 11.0)
    told.tell(CarOut(11.5, 11, "battery empty"))
    told.tell(Lapped(16.1, 12, 16.0, 5.0), Ticked(17.0))
    assert told.race.result.winner == 2
    assert told.race.result.rerun == "car 1 led on its last lap when it went out"


@pytest.mark.parametrize("laps", [0, 1])
def test_no_rerun_for_a_car_that_did_not_lead_or_had_laps_to_go(laps):
    told = Told(seats=2).green()
    told.crossings(1, 1.0, *(5.0, 9.0)[:laps])
    told.tell(CarOut(9.5, 11, "battery empty"))
    told.crossings(2, 1.0, 6.0, 11.0, 16.0)
    told.tick(17.0)
    assert told.race.result.rerun == ""


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        pytest.param((1.0, 5.0, 9.0), (1.0, 5.0, 9.0), [1, 2], id="alike: the lower seat"),
        pytest.param((1.0, 5.0, 9.1), (1.0, 5.0, 9.0), [2, 1], id="the earlier crossing"),
        pytest.param((1.0, 5.0, 9.0), (1.0, 4.0, 9.0), [2, 1], id="the better best lap"),
        pytest.param((1.0,), (0.9,), [2, 1], id="no lap: who started first"),
        pytest.param((), (20.0,), [2, 1], id="who started at all"),
    ],
)
def test_ties(first, second, order):
    told = Told(seats=2).green()
    told.crossings(1, *first)
    told.crossings(2, *second)
    told.tick(61.0)
    assert told.order == order


def test_what_an_ai_wins_for_a_player_who_left_is_nobodys():
    told = Told(seats=2).green()
    told.tell(TakenOver(3.0, 1, 5.0))
    told.crossings(1, 1.0, 5.0, 9.0, 13.0)
    told.tick(99.0)
    assert told.race.result.standings[0].player is None
    assert told.racer(1).entry.grade == 1.0


def test_while_nobody_watched_the_limit_moves_and_the_lap_is_not_timed():
    told = Told(seats=2).green()
    told.crossings(1, 1.0, 5.0)
    assert told.tell(Interrupted(20.0, 10.0)) == (records.RaceInterrupted(7, 10.0),)
    assert told.race.ends_s == 70.0
    told.tell(Lapped(21.0, 11, 20.9, is_first=True), Lapped(25.0, 11, 24.9, 4.0))
    assert [(lap.time_s, lap.is_whole) for lap in told.racer(1).laps] == [
        (4.0, True), (pytest.approx(15.9), False), (4.0, True),
    ]  # fmt: skip


def test_before_green_an_interruption_only_moves_the_countdown():
    told = Told()
    assert told.tell(Interrupted(0.5, 9.0)) == ()
    told.tell(BeginCountdown(1.0, 5.0))
    assert told.tell(Interrupted(2.0, 3.0), Ticked(8.9)) == ()
    assert told.tick(9.0) == (RaceStarted(7),)


def a_result():
    told = Told().green()
    for seat in (1, 2, 3):
        told.crossings(seat, 1.0, 5.0 + seat, 10.0 + seat, 15.0 + seat)
    told.tick(99.0)
    return told


def test_a_correction_needs_a_result_every_seat_and_a_reason():
    told = Told().green()
    fair = Correct(100.0, (2, 1, 3), "seat 1 was pushed", "crew")
    assert why_not(told.race, fair) == "the race has no result yet, so there is none to correct"
    assert told.tell(fair) == ()
    told = a_result()
    assert (
        why_not(told.race, replace(fair, ranking=(1, 2)))
        == "the ranking must name each of the seats 1, 2, 3 once"
    )
    assert why_not(told.race, replace(fair, ranking=(1, 2, 2))) is not None
    assert why_not(told.race, replace(fair, comment="  ")) == "a correction needs a comment that says why"
    assert told.tell(replace(fair, ranking=(1,)), replace(fair, comment="")) == ()
    assert why_not(told.race, fair) is None


def test_corrections_keep_everything_that_was():
    told = a_result()
    first = told.race.result
    said = told.tell(Correct(100.0, (2, 1, 3), " seat 1 was pushed ", "crew"))
    second = told.race.result
    assert said == (records.ResultCorrected(7, "crew", "seat 1 was pushed", second.standings, winner=2),)
    assert [(s.seat, s.place) for s in second.standings] == [(2, 1), (1, 2), (3, 3)]
    kept = [{s.seat: replace(s, place=0) for s in result.standings} for result in (first, second)]
    assert kept[0] == kept[1]
    told.tell(Correct(101.0, (1, 2, 3), "no, it was not", "crew"))
    assert [result.winner for result in told.race.history] == [1, 2, 1]
    assert told.race.history[0] is first


def test_a_finished_race_hears_nothing_more():
    told = a_result()
    before = told.race
    said = told.tell(
        Lapped(100.0, 11, 99.0, 4.0), Moved(100.0, 11, 5.0, 3000.0), CarOut(100.0, 11, "off"), CarBack(100.0, 11),
        TakenOver(100.0, 1, 0.5), Interrupted(100.0, 5.0), Stop(100.0, "?", "crew"), Ticked(1e9), Fire(100.0, 1),
    )  # fmt: skip
    assert said == ()
    assert told.race == before


def test_step_never_changes_the_race_it_is_given():
    race, _ = line_up(1, RACE, "A", entries())
    step(race, Green(1.0))
    assert race.phase is Phase.LINED_UP
