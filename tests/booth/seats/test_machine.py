"""Queue and seats: who comes first drives first, and nobody waits for whoever does not come."""

from __future__ import annotations

import math

import pytest

from booth.pack.model import Play, ShowCar
from booth.seats.events import (
    CallUp,
    Heard,
    Join,
    Leave,
    NewDay,
    RaceOn,
    RaceOver,
    Rerun,
    SendHome,
    Skip,
    Ticked,
)
from booth.seats.machine import step, why_not
from booth.seats.resume import seats_of
from booth.seats.seating import grade_of, seat_for_race
from booth.seats.state import Seats
from booth.seats.waits import called_s, waits_s
from booth.show.records import (
    Entry,
    PlayerLeft,
    PlayerQueued,
    PlayerSeated,
    RaceFinished,
    RaceLinedUp,
    RaceStarted,
    RaceStopped,
)

PLAY = Play(seats=2, heartbeat_s=1.5, grace_s=8.5, call_up_s=30.0)
CARS = (ShowCar(11, "One", 1), ShowCar(12, "Two", 2))
BOTH = (1, 2)


class Crowd:
    """Seats and everything they had to say, each with its time."""

    def __init__(self, play=PLAY):
        self.seats = Seats(play)
        self.timed = []

    def tell(self, *happenings):
        said = ()
        for event in happenings:
            self.seats, more = step(self.seats, event)
            self.timed += [(event.at_s, record) for record in more]
            said += more
        return said

    def join(self, *players, at_s=0.0):
        return self.tell(*(Join(at_s, player) for player in players))

    def line_up(self, race, at_s, cars=CARS, rerun_of=None):
        self.seats, entries, said = seat_for_race(self.seats, race, cars, at_s)
        self.timed += [(at_s, record) for record in said]
        self.timed.append((at_s, RaceLinedUp(race, "race", "A", entries, rerun_of)))
        return [entry.player for entry in entries], said

    def on(self, at_s):
        self.tell(RaceOn(at_s))
        self.timed.append((at_s, RaceStarted(self.seats.race)))

    def over(self, at_s, *, counts=True):
        race = self.seats.race
        self.tell(RaceOver(at_s, counts))
        self.timed.append((at_s, RaceFinished(race, ()) if counts else RaceStopped(race, "?", "crew")))

    @property
    def called(self):
        return {one.seat: one.player for one in self.seats.called}

    @property
    def seated(self):
        return {one.seat: one.player for one in self.seats.seated}


def racing(*players, play=PLAY, at_s=10.0):
    """These players race, from this second on."""
    crowd = Crowd(play)
    crowd.join(*players)
    crowd.tell(CallUp(1.0, BOTH), *(Heard(at_s, player) for player in players))
    crowd.line_up(7, at_s)
    crowd.on(at_s)
    return crowd


def test_a_player_joins_comes_drives_and_falls_silent():
    crowd = Crowd()
    assert crowd.join("p") == (PlayerQueued("p", 1),)
    crowd.tell(CallUp(1.0, BOTH), Heard(2.0, "p"))
    crowd.seats, entries, said = seat_for_race(crowd.seats, 7, CARS, 5.0)
    assert entries == (Entry(1, 11, "p"), Entry(2, 12, None, 0.65))
    assert said == (PlayerSeated("p", 1, 7, 5.0),)
    crowd.tell(RaceOn(6.0))
    assert crowd.tell(Ticked(12.0)) == ()
    assert crowd.tell(Ticked(12.1)) == (PlayerLeft("p", "silent", 1),)


def test_joining_again_is_the_old_place():
    crowd = Crowd()
    crowd.join("a", "b")
    assert crowd.join("a", "b", "a") == ()
    assert crowd.seats.queue == ("a", "b")
    crowd = racing("a")
    assert crowd.join("a", at_s=11.0) == ()
    assert crowd.seated == {1: "a"}


def test_first_come_first_called_and_the_next_for_whoever_does_not_come():
    crowd = Crowd()
    crowd.join("a", "b", "c", "d")
    crowd.tell(CallUp(0.0, BOTH))
    assert crowd.called == {1: "a", 2: "b"}
    crowd.tell(Heard(20.0, "a"))
    assert crowd.tell(Ticked(30.1)) == (PlayerQueued("b", 4),)
    assert crowd.called == {1: "a", 2: "c"}
    assert crowd.seats.queue == ("d", "b")


def test_whoever_does_not_come_twice_is_out():
    crowd = Crowd()
    crowd.join("a")
    crowd.tell(CallUp(0.0, BOTH))
    assert crowd.tell(Ticked(31.0)) == (PlayerQueued("a", 1),)
    assert crowd.called == {1: "a"}
    assert crowd.tell(Ticked(62.0)) == (PlayerLeft("a", "did not come"),)
    assert crowd.seats.players == ()


def test_a_called_player_whose_phone_is_heard_is_not_passed_over():
    crowd = Crowd()
    crowd.join("a")
    crowd.tell(CallUp(0.0, BOTH), Heard(25.0, "a"))
    assert crowd.tell(Ticked(50.0)) == ()
    assert crowd.tell(Ticked(56.0)) == (PlayerQueued("a", 1),)


def test_whoever_joins_while_a_seat_is_open_is_called_at_once():
    crowd = Crowd()
    crowd.tell(CallUp(0.0, BOTH))
    crowd.join("a", at_s=5.0)
    assert crowd.called == {1: "a"}


def test_who_is_there_sits_and_who_is_not_stays_called():
    crowd = Crowd()
    crowd.join("a", "b", "c")
    crowd.tell(CallUp(0.0, BOTH), Heard(5.0, "b"))
    assert crowd.line_up(7, 6.0)[0] == [None, "b"]
    assert crowd.called == {1: "a"}
    crowd.tell(Heard(8.0, "a"))
    players, said = crowd.line_up(7, 9.0)
    assert players == ["a", "b"]
    assert said == (PlayerSeated("a", 1, 7, 9.0),)
    assert crowd.line_up(7, 9.5) == (["a", "b"], ())
    crowd.on(10.0)
    crowd.tell(Ticked(10.0), CallUp(10.0, BOTH), Heard(11.0, "c"))
    assert crowd.line_up(7, 12.0) == (["a", "b"], ()), "after green nobody sits down any more"


def test_a_called_player_long_silent_is_not_there():
    crowd = Crowd()
    crowd.join("a")
    crowd.tell(CallUp(0.0, BOTH), Heard(1.0, "a"))
    assert crowd.line_up(7, 11.1)[0] == [None, None]


def test_another_seat_when_the_own_has_no_car():
    crowd = Crowd()
    crowd.join("a", "b")
    crowd.tell(CallUp(0.0, BOTH), Heard(1.0, "a"), Heard(1.0, "b"))
    assert crowd.line_up(7, 2.0, cars=CARS[1:])[0] == ["a"]
    assert crowd.seated == {2: "a"}
    assert crowd.called == {2: "b"}


def test_a_player_whose_car_is_taken_out_gets_another_or_waits_first():
    crowd = Crowd()
    crowd.join("a", "c")
    crowd.tell(CallUp(0.0, (1,)), Heard(1.0, "a"))
    assert crowd.line_up(7, 2.0)[0] == ["a", None]
    assert crowd.line_up(7, 3.0, cars=CARS[1:])[0] == ["a"]
    crowd.tell(CallUp(3.0, BOTH), Heard(3.0, "c"))
    crowd.line_up(7, 3.5)
    assert crowd.seated == {1: "c", 2: "a"}
    crowd.line_up(7, 4.0, cars=CARS[:1])
    assert crowd.seated == {1: "c"}
    assert crowd.called == {2: "a"}


def test_fewer_open_seats_send_the_called_back_to_the_front():
    crowd = Crowd()
    crowd.join("a", "b", "c")
    crowd.tell(CallUp(0.0, BOTH), CallUp(1.0, (1,)))
    assert crowd.called == {1: "a"}
    assert crowd.seats.queue == ("b", "c")
    crowd.tell(CallUp(2.0, (2,)))
    assert crowd.called == {2: "a"}, "who was called first stays called"
    crowd.tell(CallUp(3.0, ()))
    assert crowd.seats.queue == ("a", "b", "c")


def test_a_player_leaves_from_anywhere():
    crowd = racing("a", "b")
    crowd.join("c", "d", "e", at_s=11.0)
    assert crowd.called == {1: "c", 2: "d"}
    assert crowd.tell(Leave(12.0, "a"), Leave(12.0, "c"), Leave(12.0, "x")) == (
        PlayerLeft("a", "left", 1), PlayerLeft("c", "left"),
    )  # fmt: skip
    assert crowd.seated == {2: "b"}
    assert crowd.called == {1: "e", 2: "d"}


def test_a_phone_that_comes_back_within_the_grace_keeps_its_seat():
    crowd = racing("a")
    assert not crowd.seats.is_there("a", 11.6)
    crowd.tell(Ticked(19.9), Heard(19.9, "a"))
    assert crowd.seats.is_there("a", 20.0)
    assert crowd.tell(Ticked(29.8)) == ()
    assert not crowd.seats.is_there("x", 20.0)


def test_the_crew_skips_whoever_does_not_come():
    crowd = Crowd()
    crowd.join("a", "b", "c")
    crowd.tell(CallUp(0.0, BOTH))
    assert crowd.tell(Skip(1.0, 1)) == (PlayerQueued("a", 3),)
    assert crowd.called == {1: "c", 2: "b"}
    crowd.tell(Heard(2.0, "c"))
    crowd.line_up(7, 3.0)
    assert crowd.tell(Skip(4.0, 1)) == (PlayerQueued("c", 3),)
    assert crowd.seated == {}


def test_what_the_crew_skips_in_vain():
    crowd = racing("a")
    assert why_not(crowd.seats, Skip(11.0, 1)) == "the race is on: its players keep their seats"
    assert crowd.tell(Skip(11.0, 1)) == ()
    assert why_not(Seats(PLAY), Skip(0.0, 2)) == "nobody is called for seat 2"
    crowd.join("b", at_s=11.0)
    assert why_not(crowd.seats, Skip(12.0, 1)) is None, "whoever is called for the next race may be skipped"


def test_after_a_race_its_players_are_free_and_may_join_again():
    crowd = racing("a")
    crowd.over(60.0)
    assert crowd.seats.players == ()
    assert crowd.join("a", at_s=61.0) == (PlayerQueued("a", 1),)


def test_races_a_day():
    crowd = racing("a", play=Play(seats=2, races_a_day=1))
    assert why_not(crowd.seats, Join(11.0, "a")) is None, "who races has a place already"
    crowd.over(60.0)
    assert why_not(crowd.seats, Join(61.0, "a")) == "each player races once a day: come back tomorrow"
    assert crowd.join("a", at_s=61.0) == ()
    assert crowd.join("b", at_s=61.0) != ()
    crowd.tell(NewDay(9e4))
    assert crowd.join("a", at_s=9e4) == (PlayerQueued("a", 2),)


def test_a_stopped_race_does_not_count():
    crowd = racing("a", play=Play(seats=2, races_a_day=1))
    crowd.over(60.0, counts=False)
    assert why_not(crowd.seats, Join(61.0, "a")) is None


def test_a_rerun_has_the_same_players_in_the_same_seats_before_anybody_else():
    crowd = racing("a", "b", play=Play(seats=2, races_a_day=1))
    crowd.join("c", "d", "e", at_s=20.0)
    assert crowd.called == {1: "c", 2: "d"}
    crowd.over(60.0)
    crowd.join("x", at_s=61.0)
    crowd.tell(Heard(61.0, "c"))
    crowd.line_up(8, 62.0)
    crowd.tell(Rerun(63.0, 7))
    assert crowd.called == {1: "a", 2: "b"}
    assert crowd.seats.queue == ("c", "d", "e", "x")
    crowd.tell(Heard(64.0, "a"))
    assert crowd.line_up(9, 65.0)[0] == ["a", None]
    crowd.on(66.0)
    crowd.over(90.0)
    assert crowd.seats.raced == {"a": 1, "b": 0}


def test_what_is_rerun_in_vain():
    crowd = racing("a")
    assert (
        why_not(crowd.seats, Rerun(11.0, 7))
        == "a race is on: it must be over or stopped before another is run again"
    )
    crowd.over(60.0)
    assert why_not(crowd.seats, Rerun(61.0, 6)) == "race 6 is not the last one, so its players have gone"
    assert crowd.tell(Rerun(61.0, 6)) == ()
    crowd.tell(Rerun(61.0, 7))
    assert why_not(crowd.seats, Rerun(61.0, 7)) is not None, "once is enough"


def test_at_closing_time_everybody_is_sent_home():
    crowd = racing("a")
    crowd.join("b", "c", "d", at_s=11.0)
    assert crowd.tell(SendHome(12.0)) == (
        PlayerLeft("a", "closed", 1), PlayerLeft("b", "closed"), PlayerLeft("c", "closed"), PlayerLeft("d", "closed"),
    )  # fmt: skip
    assert crowd.seats.players == ()


def test_events_that_do_not_fit_change_nothing():
    before = Seats(PLAY)
    for event in (
        Heard(1.0, "x"),
        Leave(1.0, "x"),
        RaceOn(1.0),
        RaceOver(1.0),
        Ticked(1.0),
        Join(math.nan, "x"),
    ):
        assert step(before, event) == (before, ())
    on = racing("a").seats
    assert step(on, RaceOn(12.0)) == (on, ())


def test_the_estimate_counts_races_ahead():
    crowd = Crowd()
    crowd.join("a", "b", "c", "d", "e")
    crowd.tell(CallUp(0.0, BOTH))
    assert waits_s(crowd.seats, 0.0, 90.0) == {"a": 0.0, "b": 0.0, "c": 90.0, "d": 90.0, "e": 180.0}
    crowd.tell(Heard(1.0, "a"), Heard(1.0, "b"))
    crowd.line_up(7, 2.0)
    crowd.on(10.0)
    crowd.tell(CallUp(10.0, BOTH))
    assert waits_s(crowd.seats, 40.0, 90.0) == {"c": 60.0, "d": 60.0, "e": 150.0}
    crowd.over(70.0)
    crowd.tell(Heard(72.0, "c"))
    crowd.line_up(8, 73.0)
    crowd.on(80.0)
    assert crowd.seats.cycles_s == (70.0,)
    assert waits_s(crowd.seats, 100.0, 90.0) == {"d": 50.0, "e": 50.0}


def test_seconds_left_to_come():
    crowd = Crowd()
    crowd.join("a", "b")
    crowd.tell(CallUp(0.0, BOTH), Heard(10.0, "a"))
    assert called_s(crowd.seats, 12.0) == {"a": 28.0, "b": 18.0}
    assert called_s(crowd.seats, 99.0) == {"a": 0.0, "b": 0.0}


@pytest.mark.parametrize(("seat", "grade"), [(1, 0.55), (4, 0.85), (5, 0.55)])
def test_the_grade_of_an_empty_seat(seat, grade):
    assert grade_of(PLAY, seat) == grade


def test_without_grades_drivers_are_middling():
    assert grade_of(Play(grades=()), 1) == 0.5


def again(crowd, now_s):
    return seats_of([(now_s - at_s, record) for at_s, record in crowd.timed], now_s, crowd.seats.play)


def test_after_a_restart_the_race_has_its_players_and_the_queue_its_order():
    crowd = racing("a", "b")
    crowd.join("c", "d", "e", at_s=11.0)
    crowd.tell(Skip(12.0, 1), Leave(12.5, "d"), Leave(12.6, "b"))
    seats = again(crowd, 20.0)
    assert {one.seat: one.player for one in seats.seated} == {1: "a"}
    assert seats.seated[0].heard_s == 20.0
    assert (seats.race, seats.is_on) == (7, True)
    assert seats.queue == ("e", "c"), "calls are forgotten, the order is not"
    assert [one.missed for one in seats.waiting] == [0, 1]


def test_after_a_restart_a_rerun_and_the_races_of_the_day_are_known():
    crowd = racing("a", "b")
    crowd.over(60.0)
    assert again(crowd, 61.0).raced == {"a": 1, "b": 1}
    assert why_not(again(crowd, 61.0), Rerun(61.0, 7)) is None
    crowd.tell(Rerun(62.0, 7), Heard(63.0, "a"))
    crowd.line_up(8, 64.0, rerun_of=7)
    assert again(crowd, 65.0).raced == {"a": 0, "b": 0}
    crowd.on(66.0)
    crowd.over(90.0, counts=False)
    assert again(crowd, 91.0).raced == {"a": 0, "b": 0}
    assert again(crowd, 91.0).players == ()
