"""Any crowd, any crew: what must hold of queue and seats."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

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
from booth.seats.seating import seat_for_race
from booth.seats.state import Called, Seats
from booth.seats.waits import called_s, waits_s
from booth.show.records import (
    PlayerLeft,
    PlayerQueued,
    PlayerSeated,
    RaceFinished,
    RaceLinedUp,
    RaceStarted,
    RaceStopped,
)

PLAY = Play(seats=3, races_a_day=2)
PLAYERS = st.sampled_from("abcdefgh")
SEATS = st.integers(1, 3)
SOME_SEATS = st.lists(SEATS, unique=True).map(tuple)


class Crowding(RuleBasedStateMachine):
    """Players come, go and fall silent; the crew calls, skips, starts, stops and runs again."""

    def __init__(self):
        super().__init__()
        self.now_s = 0.0
        self.seats = Seats(PLAY)
        self.race = 1
        self.timed = []
        self.was_rerun = False
        self.order = []
        """Who joined and was never passed over since, in order."""

    def tell(self, event):
        before, refused = self.seats, why_not(self.seats, event)
        called_before = {one.player for one in before.called} | {one.player for one in before.seated}
        self.seats, said = step(before, event)
        assert (self.seats, said) == step(before, event)
        if refused is not None:
            assert (self.seats, said) == (before, ())
        self.heard(said)
        if not isinstance(event, Rerun):  # which comes before the queue
            self.is_fifo(called_before)
        if isinstance(event, Ticked):
            taken = {one.seat for one in self.seats.called}
            assert not self.seats.waiting or set(self.seats.open_seats) <= taken, (
                "called while somebody waits"
            )

    def heard(self, said):
        self.timed += [(self.now_s, record) for record in said]
        for record in said:
            if isinstance(record, PlayerQueued):
                self.order = [player for player in self.order if player != record.player]
                self.order.append(record.player)
            if isinstance(record, PlayerLeft):
                self.order = [player for player in self.order if player != record.player]

    def is_fifo(self, called_before):
        """Whoever is called anew has waited longer than all who still wait, but for those sent back to the front."""
        new = [one.player for one in self.seats.called if one.player not in called_before]
        waiting = self.seats.queue
        known = [player for player in (*new, *waiting) if player in self.order]
        if new and set(new) <= set(self.order):
            ranks = [self.order.index(player) for player in known]
            news = ranks[: len([player for player in new if player in self.order])]
            assert max(news) <= min(ranks[len(news) :], default=len(self.order))

    @rule(seconds=st.floats(0.0, 40.0))
    def time_passes(self, seconds):
        self.now_s += seconds
        self.tell(Ticked(self.now_s))

    @rule(player=PLAYERS)
    def joins(self, player):
        self.tell(Join(self.now_s, player))

    @rule(players=st.lists(PLAYERS, unique=True))
    def beat(self, players):
        for player in players:
            self.tell(Heard(self.now_s, player))

    @rule(player=PLAYERS)
    def leaves(self, player):
        self.tell(Leave(self.now_s, player))

    @rule(seats=SOME_SEATS)
    def calls(self, seats):
        self.tell(CallUp(self.now_s, seats))

    @rule(seat=st.integers(0, 4))
    def skips(self, seat):
        self.tell(Skip(self.now_s, seat))

    @rule(seats=SOME_SEATS)
    def lines_up(self, seats):
        if self.seats.is_on or not seats:
            return
        cars = [ShowCar(10 + seat, str(seat), seat) for seat in seats]
        waiting = {one.player: one for one in self.seats.called}
        self.seats, entries, said = seat_for_race(self.seats, self.race, cars, self.now_s)
        self.heard(said)
        self.timed.append((self.now_s, RaceLinedUp(self.race, "race", "A", entries)))
        assert [entry.seat for entry in entries] == sorted(seats)
        assert {entry.player for entry in entries} - {None} == {one.player for one in self.seats.seated}
        assert all((entry.player is None) == (entry.grade is not None) for entry in entries)
        for record in said:
            assert isinstance(record, PlayerSeated)
            one = waiting.get(record.player)
            assert not isinstance(one, Called) or one.heard_s is not None

    @rule()
    def green(self):
        if self.seats.race is not None and not self.seats.is_on:
            self.tell(RaceOn(self.now_s))
            self.timed.append((self.now_s, RaceStarted(self.race)))

    @rule(counts=st.booleans())
    def over(self, counts):
        if self.seats.race is not None:
            self.tell(RaceOver(self.now_s, counts))
            self.timed.append(
                (self.now_s, RaceFinished(self.race, ()) if counts else RaceStopped(self.race, "", "crew"))
            )
            self.race += 1

    @rule(back=st.integers(0, 2))
    def runs_again(self, back):
        before = self.seats
        self.tell(Rerun(self.now_s, self.race - back))
        if self.seats is not before:
            self.order = []
            self.was_rerun = True

    @rule()
    def the_records_tell_the_same(self):
        """But for calls, which are not written down, and reruns, which are with their line-up."""
        if self.was_rerun:
            return
        told = seats_of([(self.now_s - at_s, record) for at_s, record in self.timed], self.now_s, PLAY)
        assert sorted(told.players) == sorted(self.seats.players)
        seated = {(one.seat, one.player) for one in self.seats.seated}
        assert {(one.seat, one.player) for one in told.seated} == seated
        assert (told.race, told.is_on) == (self.seats.race, self.seats.is_on)
        assert told.last_players == self.seats.last_players

    @rule(one_in=st.integers(0, 15))
    def closes(self, one_in):
        if one_in == 0:
            self.tell(SendHome(self.now_s))
            assert self.seats.players == ()
        if one_in == 1:
            self.tell(NewDay(self.now_s))

    @invariant()
    def a_player_is_in_one_place(self):
        assert len(set(self.seats.players)) == len(self.seats.players)

    @invariant()
    def a_seat_has_one_player(self):
        for group in (self.seats.called, self.seats.seated):
            seats = [one.seat for one in group]
            assert len(set(seats)) == len(seats)

    @invariant()
    def everybody_has_an_estimate(self):
        waits = waits_s(self.seats, self.now_s, 90.0)
        assert set(waits) == {*self.seats.queue, *called_s(self.seats, self.now_s)}
        in_order = [waits[player] for player in self.seats.queue]
        assert in_order == sorted(in_order)
        assert all(wait >= 0.0 for wait in waits.values())
        assert all(0.0 <= left <= PLAY.call_up_s for left in called_s(self.seats, self.now_s).values())

    @invariant()
    def the_day_is_counted(self):
        assert all(0 <= races <= 2 for races in self.seats.raced.values())


Crowding.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestCrowding = Crowding.TestCase


class AtLength(Crowding):
    """The same, many more times."""


AtLength.TestCase.settings = settings(max_examples=1500, stateful_step_count=60, deadline=None)
TestAtLength = pytest.mark.timeout(900)(pytest.mark.nightly(AtLength.TestCase))
