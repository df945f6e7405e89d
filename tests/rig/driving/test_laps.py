"""Laps are counted once each, whatever is heard of them."""

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rig.driving.lap_events import (
    Confidence,
    Direction,
    Evidence,
    Gap,
    Lap,
    OffRoad,
    Position,
    Started,
    Transition,
)
from rig.driving.laps import LapRules, LapState, lined_up, step
from tests.rig.driving.simulated_track import OVAL, RACING, SLOW, Conditions, drive

CROSS_EVERY_SLOW_S = 2.88 / 0.300
CROSS_EVERY_RACING_S = 2.88 / 1.040


def found_in(events, rules=None):
    state, findings = LapState(rules or LapRules()), []
    for event in events:
        state, found = step(state, event)
        findings.extend(found)
    return findings


def laps_in(events, rules=None):
    return [finding for finding in found_in(events, rules) if isinstance(finding, Lap)]


def test_a_slow_run_gives_every_lap_with_its_time():
    events, crossings = drive(10, start_at=3)
    laps = laps_in(events)
    assert [lap.number for lap in laps] == list(range(1, 10))
    assert [lap.at_s for lap in laps] == pytest.approx(crossings[1:], abs=0.05)
    assert statistics.median(lap.time_s for lap in laps) == pytest.approx(
        crossings[1] - crossings[0], rel=0.01
    )
    assert all(lap.confidence is Confidence.SURE for lap in laps[1:])


@pytest.mark.parametrize("seed", range(40))
def test_at_racing_speed_curves_are_hardly_read_and_no_lap_is_lost_or_doubled(seed):
    events, crossings = drive(60, RACING, seed=seed, start_at=2)
    laps = laps_in(events)
    assert abs(len(laps) - (len(crossings) - 1)) <= 1
    assert statistics.median(lap.time_s for lap in laps) == pytest.approx(
        crossings[1] - crossings[0], rel=0.02
    )
    numbers = [lap.number for lap in laps]
    assert numbers == list(range(1, len(laps) + 1))


def test_counting_33_or_34_would_count_twice():
    events, crossings = drive(20, start_at=3)
    naive = sum(isinstance(event, Position) and event.piece_id in {33, 34} for event in events)
    assert naive > 2 * len(crossings)
    assert len(laps_in(events)) == len(crossings) - 1


def test_without_any_code_read_wheels_and_length_are_enough():
    blind = Conditions(300, 300, {33: 0, 34: 0, 36: 0}, 0.0)
    events, crossings = drive(12, blind, start_at=3)
    assert not any(isinstance(event, Position) for event in events)
    laps = laps_in(events)
    assert len(laps) == len(crossings) - 1
    assert all(lap.evidence & {Evidence.WHEELS_LONG, Evidence.WHEELS_SHORT} for lap in laps)


def test_without_any_transition_codes_are_enough():
    deaf = Conditions(300, 300, {33: 1, 34: 1, 36: 1}, 1.0, transition=0.0)
    events, crossings = drive(12, deaf, start_at=3)
    laps = laps_in(events)
    assert [lap.at_s for lap in laps] == pytest.approx(crossings[1:], abs=0.15)


def test_a_car_put_down_after_the_line_has_not_crossed_it():
    events, crossings = drive(3, start_at=0)
    findings = found_in(events)
    assert isinstance(findings[0], Started)
    assert findings[0].at_s == pytest.approx(crossings[0], abs=0.05)


def test_a_car_put_down_on_the_grid_starts_its_clock_at_the_line():
    events, crossings = drive(2, start_at=6)
    assert found_in(events)[0].at_s == pytest.approx(crossings[0], abs=0.05)


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param([Transition(1.0, 34, 34), Position(1.4, 20, 1)], id="only the end of 34"),
        pytest.param([Position(1.2, 33, 3, 300), Transition(1.7, 22, 22)], id="only the code of 33"),
    ],
)
def test_a_car_lined_up_before_the_line_has_started_whatever_was_heard_of_the_crossing(heard):
    def starts(state):
        found = []
        for event in heard:
            state, more = step(state, event)
            found += more
        return [type(finding) for finding in found]

    assert starts(lined_up()) == [Started]
    assert starts(LapState()) == []


def test_a_car_said_to_be_lined_up_that_is_elsewhere_has_not_started():
    state, found = step(lined_up(), Position(1.0, 20, 1))
    assert found == ()
    assert state.crossed_s is None


def test_the_double_finish_is_one_lap():
    events, crossings = drive(6, start_at=3)
    doubled = []
    for event in events:
        doubled.append(event)
        if isinstance(event, Position) and event.piece_id == 33:
            doubled.append(Position(event.at_s + 0.03, 33, event.location_id, event.speed_mm_s))
    assert len(laps_in(doubled)) == len(crossings) - 1


def test_a_stray_finish_code_elsewhere_is_no_lap():
    events, crossings = drive(8, start_at=3)
    stray = [event for event in events if isinstance(event, Position) and event.piece_id == 36][3]
    events.insert(events.index(stray) + 1, Position(stray.at_s + 0.01, 33, 7, 300))
    assert len(laps_in(events)) == len(crossings) - 1


def test_a_crossing_that_left_no_trace_is_inferred_and_marked():
    events, crossings = drive(6, start_at=3)
    hidden = crossings[3]
    kept = []
    for event in events:
        if abs(event.at_s - hidden) < 1.3 and isinstance(event, Position) and event.piece_id in {33, 34}:
            continue
        if isinstance(event, Transition) and abs(event.at_s - hidden) < 1e-6:
            continue  # and with the transition gone, the two halves look like one straight
        if isinstance(event, Transition) and abs(event.at_s - hidden - 0.7) < 1e-6:
            kept.append(Transition(event.at_s, event.left_cm + 34, event.right_cm + 34))
            continue
        kept.append(event)
    laps = laps_in(kept)
    assert len(laps) == len(crossings) - 1
    inferred = [lap for lap in laps if lap.confidence is Confidence.INFERRED]
    assert [lap.number for lap in inferred] == [3]
    assert inferred[0].at_s == pytest.approx(hidden, abs=0.5)


def test_a_gap_costs_certainty_not_laps():
    events, crossings = drive(12, start_at=3)
    dark = (crossings[4] + 2, crossings[7] + 3)
    heard = [event for event in events if not dark[0] < event.at_s < dark[1]]
    heard.append(Gap(dark[1]))
    heard.sort(key=lambda event: event.at_s)
    laps = laps_in(heard)
    assert len(laps) == len(crossings) - 1
    assert [lap.confidence for lap in laps[4:8]] == [Confidence.INFERRED] * 3 + [Confidence.LIKELY]


def test_a_car_that_was_lifted_gets_no_certain_lap():
    events, crossings = drive(6, start_at=3)
    events.append(OffRoad(crossings[2] + 1))
    events.sort(key=lambda event: event.at_s)
    laps = laps_in(events)
    assert len(laps) == len(crossings) - 1
    assert [lap.confidence for lap in laps].count(Confidence.LIKELY) == 1


def test_driving_in_reverse_counts_too():
    events, crossings = drive(6, start_at=3, reverse=True)
    laps = laps_in(events)
    assert len(laps) == len(crossings) - 1
    assert {lap.direction for lap in laps} == {Direction.REVERSE}
    assert [lap.at_s for lap in laps] == pytest.approx(crossings[1:], abs=0.1)


def test_turning_round_on_the_line_gives_no_lap():
    forward, _ = drive(2, start_at=3)
    back, _ = drive(2, start_at=3, reverse=True, start_s=forward[-1].at_s + 1)
    findings = found_in([*forward, *back])
    assert [type(finding) for finding in findings] == [Started, Lap, Started, Lap]


def test_going_to_and_fro_over_the_start_piece_is_no_lap():
    events = []
    for n in range(50):
        at_s = n * 2.0
        events += [Position(at_s, 34, 15, 300), Transition(at_s + 0.1, 34, 34)]
        events += [Position(at_s + 0.6, 33, 7, 300), Transition(at_s + 0.7, 22, 22)]
    assert laps_in(events) == []


def test_a_known_track_guards_even_the_first_laps():
    events, crossings = drive(4, start_at=3)
    half = crossings[0] + 4.8
    phantom = [Position(half, 33, 7, 300), Transition(half + 0.1, 22, 22)]
    mixed = sorted([*events, *phantom], key=lambda event: event.at_s)
    assert len(laps_in(mixed, LapRules(lap_cm=288, lap_pieces=7))) == len(crossings) - 1


@settings(max_examples=60, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1000), racing=st.booleans())
def test_repeats_and_late_copies_change_nothing(data, seed, racing):
    events, _ = drive(8, RACING if racing else SLOW, seed=seed, start_at=data.draw(st.integers(0, 6)))
    expected = laps_in(events)
    again = []
    for event in events:
        again.append(event)
        for _ in range(data.draw(st.integers(0, 2))):
            again.append(data.draw(st.sampled_from(again[-4:])))
    assert laps_in(again) == expected


_TIMES = st.floats(0, 3, allow_nan=False)


class AnythingHeard(RuleBasedStateMachine):
    """Whatever a car says in whatever order: laps are numbered without holes, never shorter than the rule, and
    saying everything twice changes nothing."""

    @initialize(racing=st.booleans(), start=st.integers(0, 6))
    def begin(self, racing, start):
        self.once = self.twice = LapState()
        self.laps, self.laps_twice = [], []
        self.now_s = 0.0
        self.number = start
        self.racing = racing
        self.tell(Position(0.0, 36, 21, 300))

    def tell(self, event):
        self.once, found = step(self.once, event)
        self.laps += [finding for finding in found if isinstance(finding, Lap)]
        for _ in range(2):
            self.twice, found = step(self.twice, event)
            self.laps_twice += [finding for finding in found if isinstance(finding, Lap)]
        self.now_s = max(self.now_s, event.at_s)

    @rule(wait=_TIMES, piece=st.integers(0, 80), location=st.integers(0, 47), reverse=st.booleans())
    def reads(self, wait, piece, location, reverse):
        self.tell(Position(self.now_s + wait, piece, location, 300, reverse))

    @rule(wait=_TIMES, left=st.integers(0, 255), right=st.integers(0, 255))
    def ends_a_piece(self, wait, left, right):
        self.tell(Transition(self.now_s + wait, left, right))

    @rule(pieces=st.integers(1, 20))
    def drives_on(self, pieces):
        for _ in range(pieces):
            piece, turn = OVAL[self.number % len(OVAL)]
            self.number += 1
            cm = {33: 21, 34: 34, 36: 55}.get(piece, 42)
            if not self.racing:
                self.tell(Position(self.now_s + 0.5, piece, 15, 300))
            self.tell(Transition(self.now_s + 0.5, cm - 3 * turn, cm + 4 * turn))

    @rule(wait=_TIMES)
    def loses_the_road(self, wait):
        self.tell(OffRoad(self.now_s + wait))

    @rule(wait=st.floats(0, 100))
    def goes_silent(self, wait):
        self.tell(Gap(self.now_s + wait))

    @rule(back=st.floats(0.001, 10))
    def says_something_late(self, back):
        before = self.once
        self.tell(Position(self.now_s - back, 33, 7, 300))
        assert self.once == before

    @invariant()
    def laps_are_numbered_and_long_enough(self):
        laps = getattr(self, "laps", [])
        assert [lap.number for lap in laps] == list(range(1, len(laps) + 1))
        assert all(lap.time_s > 0 for lap in laps)
        sure = [lap for lap in laps if lap.confidence is not Confidence.INFERRED]
        assert all(lap.time_s >= 0.5 for lap in sure)

    @invariant()
    def twice_is_once(self):
        assert getattr(self, "laps", []) == getattr(self, "laps_twice", [])


AnythingHeard.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnythingHeard = AnythingHeard.TestCase
