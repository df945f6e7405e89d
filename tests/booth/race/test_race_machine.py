"""Any order of events, true and false: what must hold of every race."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from booth.race.engine import line_up, step
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
from booth.race.leave import allowed
from booth.race.resume import races_of
from booth.race.state import Fairness, FalseStart, Phase
from booth.race.views import race_view
from booth.race.wish import Wish
from booth.show.records import CarOut as CarOutRecord
from booth.show.records import LapDone, RaceFinished, RaceStopped, ResultCorrected
from tests.booth.race.making import BATTLE, LAP_MM, MODES, RACE, TRIAL, entries

SEATS = st.integers(1, 4)
ANY_SEAT = st.integers(0, 5)
HOSTILE = st.one_of(st.floats(), st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 1e300]))
OVER = {Phase.FINISHED, Phase.STOPPED}


class Racing(RuleBasedStateMachine):
    """Cars cross the line as cars do; what is heard of it comes late, twice, or not at all; and clients lie."""

    def __init__(self):
        super().__init__()
        self.now_s = 0.0
        self.said = []
        self.results = []

    @initialize(
        mode=st.sampled_from([RACE, TRIAL, BATTLE]),
        false_start=st.sampled_from(FalseStart),
        seats=st.integers(2, 4),
        is_on=st.sampled_from([True, True, True, False]),
    )
    def begin(self, mode, false_start, seats, is_on):
        self.race, said = line_up(7, mode, "A", entries(seats), fairness=Fairness(false_start=false_start))
        self.said += [(0.0, record) for record in said]
        self.true_crossings = {racer.seat: [] for racer in self.race.racers}
        if is_on:
            self.tell(Green(self.now_s))

    def tell(self, event):
        before = self.race
        self.race, said = step(self.race, event)
        assert (self.race, said) == step(before, event), "the same input, the same answer"
        self.said += [(self.now_s, record) for record in said]
        if before.phase in OVER:
            assert self.race.phase is before.phase
            assert not [record for record in said if not isinstance(record, ResultCorrected)]
        assert self.race.history[: len(before.history)] == before.history, "a result is never lost"

    @rule(seconds=st.floats(0.0, 30.0))
    def time_passes(self, seconds):
        self.now_s += seconds
        self.tell(Ticked(self.now_s))

    @rule(seconds=st.floats(0.0, 6.0))
    def countdown(self, seconds):
        self.tell(BeginCountdown(self.now_s, seconds))

    @rule()
    def green(self):
        self.tell(Green(self.now_s))

    @rule(
        seats=st.permutations([1, 2, 3, 4]), after_s=st.floats(1.5, 4.0), late_s=st.floats(0.0, 0.4),
        times=st.sampled_from([1, 1, 2, 3, 0]), anew=st.integers(0, 9),
    )  # fmt: skip
    def everybody_crosses(self, seats, after_s, late_s, times, anew):
        for seat in seats:
            wait_s = after_s if seat == seats[0] else after_s / 4
            self.crosses(seat, wait_s, late_s, times, is_first=anew == 0)

    @rule(seat=SEATS, after_s=st.floats(1.5, 8.0), late_s=st.floats(0.0, 0.4), times=st.integers(0, 3))
    def one_crosses(self, seat, after_s, late_s, times):
        self.crosses(seat, after_s, late_s, times, is_first=False)

    def crosses(self, seat, after_s, late_s, times, *, is_first):
        """A car crosses the line, no sooner after it did than any car can; it is heard of `times` times."""
        crossings = self.true_crossings.get(seat)
        if crossings is None:
            return
        self.now_s += after_s
        crossed_s = self.now_s - late_s
        if crossings and crossed_s - crossings[-1] < 1.1:
            return
        is_first = is_first or not crossings
        crossings.append(crossed_s)
        time_s = None if is_first else crossed_s - crossings[-2]
        for _ in range(times):
            self.tell(Lapped(self.now_s, 10 + seat, crossed_s, time_s, is_first=is_first))

    @rule(seat=SEATS, near_s=st.floats(-0.9, 0.9), data=st.data())
    def an_old_crossing_is_heard_again(self, seat, near_s, data):
        """Estimated a little differently, as after a reconnect."""
        crossings = self.true_crossings.get(seat)
        if crossings:
            n = data.draw(st.integers(0, len(crossings) - 1))
            if crossings[n] in {lap.crossed_s for lap in self.race.of_seat(seat).laps}:
                time_s = crossings[n] - crossings[n - 1] if n else None
                self.tell(Lapped(self.now_s, 10 + seat, crossings[n] + near_s, time_s, is_first=n == 0))

    @rule(seat=ANY_SEAT, bad=HOSTILE, other=HOSTILE, first=st.booleans())
    def somebody_lies(self, seat, bad, other, first):
        if not math.isfinite(bad):
            self.tell(Lapped(self.now_s, 10 + seat, bad, other, is_first=first))
            self.tell(Interrupted(self.now_s, bad))
        self.tell(TakenOver(self.now_s, seat, bad))
        self.tell(Moved(self.now_s, 10 + seat, bad, other, 300, bad))
        self.tell(BeginCountdown(self.now_s, bad))

    @rule(seat=ANY_SEAT, along=st.floats(0, LAP_MM), speed=st.integers(-5, 1500), old_s=st.floats(0, 2))
    def moves(self, seat, along, speed, old_s):
        self.tell(Moved(self.now_s - old_s, 10 + seat, along, LAP_MM, speed))

    @rule(along=st.lists(st.floats(0, 900), min_size=4, max_size=4), shots=st.lists(SEATS, max_size=6))
    def a_skirmish(self, along, shots):
        for seat, along_mm in enumerate(along, start=1):
            self.tell(Moved(self.now_s, 10 + seat, along_mm, LAP_MM))
        for seat in shots:
            self.now_s += 0.7
            self.tell(Fire(self.now_s, seat))

    @rule(seat=ANY_SEAT)
    def dies(self, seat):
        self.tell(CarOut(self.now_s, 10 + seat, "battery empty"))

    @rule(seat=ANY_SEAT)
    def returns(self, seat):
        self.tell(CarBack(self.now_s, 10 + seat))

    @rule(away_s=st.floats(0, 5))
    def nobody_watches(self, away_s):
        self.tell(Interrupted(self.now_s, away_s))

    @rule()
    def the_limit_is_over(self):
        if self.race.ends_s is not None:
            self.now_s = max(self.now_s, self.race.ends_s + 1.0)
            self.tell(Ticked(self.now_s))

    @rule(one_in=st.integers(0, 12))
    def stops(self, one_in):
        if one_in == 0:
            self.tell(Stop(self.now_s, "a shoe", "crew"))

    @rule(
        ranking=st.permutations([1, 2, 3, 4]),
        wrong=st.integers(0, 6),
        comment=st.sampled_from(["", " ", "why"]),
    )
    def corrects(self, ranking, wrong, comment):
        seats = len(self.race.racers) if wrong > 1 else wrong
        wanted = tuple(seat for seat in ranking if seat <= seats)
        before = self.race.history
        self.tell(Correct(self.now_s, wanted, comment, "crew"))
        fair = self.race.phase is Phase.FINISHED and comment == "why" and seats == len(self.race.racers)
        assert len(self.race.history) == len(before) + fair

    @rule()
    def the_records_tell_the_same(self):
        written = [(self.now_s - at_s, record) for at_s, record in self.said]
        race = races_of(written, self.now_s, MODES.__getitem__)[7]
        assert race.phase is self.race.phase or self.race.phase is Phase.COUNTDOWN
        assert race.history == self.race.history
        if self.race.phase is Phase.RUNNING:
            assert [racer.fight.score for racer in race.racers] == [
                racer.fight.score for racer in self.race.racers
            ]
            assert [racer.out for racer in race.racers] == [racer.out for racer in self.race.racers]

    @invariant()
    def no_lap_is_counted_twice(self):
        told = [(r.seat, r.number) for _, r in self.said if isinstance(r, LapDone)]
        assert len(told) == len(set(told))
        for racer in self.race.racers:
            ends = [lap.crossed_s for lap in racer.laps]
            assert all(later - earlier >= self.race.fairness.min_lap_s for earlier, later in pairwise(ends))
            assert set(ends) <= set(self.true_crossings[racer.seat]), "each lap ends with a crossing that was"
            if self.race.mode is RACE:
                assert len(ends) <= RACE.laps

    @invariant()
    def a_result_ranks_every_seat_once(self):
        seats = sorted(racer.seat for racer in self.race.racers)
        for result in self.race.history:
            assert sorted(standing.seat for standing in result.standings) == seats
            assert [standing.place for standing in result.standings] == list(range(1, len(seats) + 1))
            assert result.winner in {None, result.standings[0].seat}

    @invariant()
    def there_is_one_end_and_it_is_written(self):
        ends = [record for _, record in self.said if isinstance(record, RaceFinished | RaceStopped)]
        assert len(ends) == (self.race.phase in OVER)
        outs = [record for _, record in self.said if isinstance(record, CarOutRecord)]
        assert len(outs) >= sum(racer.out is not None for racer in self.race.racers)

    @invariant()
    def energy_is_what_it_can_be(self):
        for racer in self.race.racers:
            assert 0 < racer.fight.energy <= self.race.mode.energy
            assert racer.fight.score >= 0

    @invariant()
    def it_can_be_shown_and_driven(self):
        view = race_view(self.race, self.now_s)
        places = sorted(seat.position for seat in view.seats if seat.position is not None)
        assert places in ([], list(range(1, len(view.seats) + 1)))
        for seat in view.seats:
            assert seat.progress is None or 0.0 <= seat.progress <= 1.0
            assert seat.gap_s is None or seat.gap_s >= 0.0
            made = allowed(self.race, seat.seat, Wish(math.inf, math.nan), self.now_s, 900)
            assert made.speed_mm_s in {0, 300}


Racing.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestRacing = Racing.TestCase


class AtLength(Racing):
    """The same, many more times."""


AtLength.TestCase.settings = settings(max_examples=1500, stateful_step_count=60, deadline=None)
TestAtLength = pytest.mark.timeout(900)(pytest.mark.nightly(AtLength.TestCase))
