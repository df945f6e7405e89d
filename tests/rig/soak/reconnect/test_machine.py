"""The reconnect machine, row by row, then driven at random."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rig.soak.outcome import CycleOutcome
from rig.soak.reconnect.events import (
    Abandon,
    Begin,
    BreakLink,
    Connect,
    Connected,
    Failed,
    Finish,
    FreshData,
    Join,
    LinkLost,
    LoseAgain,
    LossMade,
    Note,
    Seek,
    Seen,
    ServicesFound,
    Stage,
    Stop,
    Subscribed,
    Tick,
)
from rig.soak.reconnect.machine import RESTING, TRANSITIONS, CarState, Phase, UnexpectedEvent, step
from rig.soak.reconnect.plan import Loss, Timing

TIMING = Timing()
BEGIN = Begin(100.0, 7, Loss.VANISH, 2.0)
WAY_BACK = [
    LinkLost(104.0, "lost"),
    Seen(104.5),
    Connected(105.0),
    ServicesFound(105.4),
    Subscribed(105.5),
    FreshData(105.6),
]
TO_LOSS = [BEGIN, Tick(102.0), LossMade(102.0)]


def run(events, state=None):
    """The last state and every action on the way."""
    state, actions = state or CarState(phase=Phase.READY), []
    for event in events:
        state, more = step(state, event, TIMING)
        actions += more
    return state, actions


def results(actions):
    return [action.result for action in actions if isinstance(action, Finish)]


def latency_of(result):
    """Actual loss to fresh data."""
    if result.first_data_s is None or result.loss_s is None:
        return None
    return result.first_data_s - result.loss_s


def test_a_cycle_breaks_the_link_and_measures_every_stage_of_the_way_back():
    state, actions = run(TO_LOSS + WAY_BACK)
    assert state == CarState(phase=Phase.READY)
    assert [type(action) for action in actions] == [BreakLink, Seek, Connect, Finish]
    (result,) = results(actions)
    assert (result.cycle, result.outcome, result.attempts) == (7, CycleOutcome.OK, 1)
    assert (result.intended_s, result.loss_s, result.noticed_s, result.seen_s) == (102.0, 102.0, 104.0, 104.5)
    assert (result.connected_s, result.services_s, result.subscribed_s) == (105.0, 105.4, 105.5)
    assert latency_of(result) == pytest.approx(3.6)
    assert result.stuck_at is None


def test_the_latency_counts_from_the_actual_loss_and_the_intended_one_is_kept():
    late = [BEGIN, Tick(102.4), LossMade(102.5)]
    (result,) = results(run(late + WAY_BACK)[1])
    assert result.intended_s == 102.0
    assert latency_of(result) == pytest.approx(3.1)


@pytest.mark.parametrize(
    ("until", "stuck_at"),
    [
        (1, Stage.SEEN),
        (2, Stage.CONNECTED),
        (3, Stage.SERVICES),
        (4, Stage.SUBSCRIBED),
        (5, Stage.FIRST_DATA),
    ],
)
def test_a_timeout_at_any_stage_is_kept_with_the_stage_where_it_stuck(until, stuck_at):
    state, actions = run([*TO_LOSS, *WAY_BACK[:until], Tick(132.0)])
    assert state.phase is Phase.OFF
    (result,) = results(actions)
    assert (result.outcome, result.stuck_at, result.first_data_s) == (CycleOutcome.TIMEOUT, stuck_at, None)
    assert result.ended_s - result.loss_s == TIMING.cycle_timeout_s
    assert isinstance(actions[-2], Abandon)


def test_fresh_data_after_the_deadline_is_too_late():
    state, actions = run([*TO_LOSS, *WAY_BACK[:5], FreshData(132.0)])
    assert results(actions)[0].outcome is CycleOutcome.TIMEOUT
    assert state.phase is Phase.OFF


def test_a_failed_attempt_is_noted_and_tried_again_and_the_cycle_is_flaky():
    failed = [*TO_LOSS, *WAY_BACK[:2], Failed(106.0, "EstablishmentFailed")]
    state, actions = run(failed)
    assert state.phase is Phase.PAUSING
    assert actions[-2:] == [Note(106.0, 1, Stage.CONNECTED, "EstablishmentFailed"), Abandon()]
    again = [
        Tick(106.5),
        Seen(107.0),
        Connected(107.5),
        ServicesFound(107.8),
        Subscribed(107.9),
        FreshData(108.0),
    ]
    _, actions = run(again, state)
    (result,) = results(actions)
    assert (result.outcome, result.attempts, result.error) == (CycleOutcome.FLAKY, 2, "EstablishmentFailed")
    assert (result.attempt_s, result.seen_s) == (106.5, 107.0)
    assert latency_of(result) == pytest.approx(6.0)


@pytest.mark.parametrize("reached", [3, 4, 5])
def test_a_link_lost_on_the_way_back_is_a_failed_attempt(reached):
    state, actions = run([*TO_LOSS, *WAY_BACK[:reached], LinkLost(106.0, "lost again")])
    assert state.phase is Phase.PAUSING
    assert [note.error for note in actions if isinstance(note, Note)] == ["LinkLost"]


def test_a_failure_after_the_deadline_ends_the_cycle():
    _, actions = run([*TO_LOSS, *WAY_BACK[:2], Failed(140.0, "ConnectTimedOut")])
    assert results(actions)[0].outcome is CycleOutcome.TIMEOUT


def test_a_broken_bench_voids_the_cycle():
    state, actions = run([*TO_LOSS, *WAY_BACK[:1], Failed(104.2, "the adapter went away", bench=True)])
    (result,) = results(actions)
    assert (result.outcome, result.error) == (CycleOutcome.VOID, "the adapter went away")
    assert state.phase is Phase.OFF


@pytest.mark.parametrize("so_far", [[BEGIN], [BEGIN, Tick(102.0)]], ids=["settling", "breaking"])
def test_a_link_that_this_computer_lost_voids_the_cycle_and_is_not_held_against_the_car(so_far):
    _, actions = run([*so_far, Failed(102.0, "the Bluetooth service ended", bench=True)])
    (result,) = results(actions)
    assert (result.outcome, result.unasked_losses) == (CycleOutcome.VOID, 0)


def test_a_link_that_this_computer_lost_between_cycles_is_noted():
    state, actions = run([Failed(50.0, "the Bluetooth service ended", bench=True)])
    assert (state.phase, state.unasked_losses) == (Phase.OFF, 0)
    assert actions == [Note(50.0, 0, None, "the Bluetooth service ended"), Abandon()]


def test_a_break_that_does_not_work_is_the_benchs_fault():
    _, actions = run([BEGIN, Tick(102.0), Failed(102.1, "no world", bench=True)])
    assert results(actions)[0].outcome is CycleOutcome.VOID


def test_a_car_that_is_off_is_brought_up_first_and_that_is_no_part_of_the_measurement():
    up = [replace(BEGIN, at_s=90.0), Seen(91.0), Failed(93.0, "ConnectTimedOut"), Tick(93.5), Seen(94.0)]
    up += [Connected(95.0), ServicesFound(95.4), Subscribed(95.5), FreshData(95.6)]
    state, actions = run(up, CarState())
    assert (state.phase, state.attempts, state.error) == (Phase.SETTLING, 0, None)
    assert state.due_s == pytest.approx(97.6)
    _, actions = run([Tick(97.6), LossMade(97.6), *WAY_BACK], state)
    assert results(actions)[0].outcome is CycleOutcome.OK


def test_a_car_that_cannot_be_brought_up_is_not_ready_and_has_no_latency():
    _, actions = run([BEGIN, Failed(110.0, "CarNotFound"), Tick(110.5), Tick(160.0)], CarState())
    (result,) = results(actions)
    assert (result.outcome, latency_of(result), result.loss_s) == (CycleOutcome.NOT_READY, None, None)
    assert (result.stuck_at, result.error) == (Stage.SEEN, "CarNotFound")


def test_a_link_that_goes_before_its_time_is_noted_and_brought_up_again():
    state, actions = run([BEGIN, LinkLost(101.0, "battery")])
    assert state.phase is Phase.SEEKING
    assert state.loss_s is None
    assert actions[0] == Note(101.0, 0, None, "link lost before its time: battery")


def test_a_link_that_goes_just_before_it_is_broken_is_no_loss_of_ours():
    state, _ = run([BEGIN, Tick(102.0), LinkLost(102.0, "battery")])
    assert (state.phase, state.loss_s, state.noticed_s) == (Phase.SEEKING, None, None)


def test_a_link_lost_between_cycles_is_noted():
    state, actions = run([LinkLost(50.0, "gone")])
    assert state.phase is Phase.OFF
    assert actions == [Note(50.0, 0, None, "link lost between cycles: gone"), Abandon()]


def test_a_car_gets_one_time_to_be_ready_however_often_it_drops_its_link():
    state, actions, now_s = CarState(phase=Phase.READY), [], 100.0
    state, _ = step(state, Begin(now_s, 1, Loss.DISCONNECT, 8.0), TIMING)
    while state.phase is not Phase.OFF:
        assert now_s < 100.0 + TIMING.arm_timeout_s + 8.0
        for after_s, event in ((5.0, LinkLost), (0.5, Seen), (0.5, Connected), (0.1, ServicesFound)):
            now_s += after_s
            state, more = run_one(state, event, now_s)
            actions += more
        for event in (Subscribed, FreshData):
            state, more = run_one(state, event, now_s)
            actions += more
    (result,) = results(actions)
    assert (result.outcome, result.intended_s, result.loss_s) == (CycleOutcome.NOT_READY, 108.0, None)
    assert result.unasked_losses == len([note for note in actions if isinstance(note, Note)]) == 10
    assert result.error == "link lost before its time: battery"


def run_one(state, event, at_s):
    """One event, unless the cycle is over."""
    if state.phase is Phase.OFF:
        return state, []
    return step(state, event(at_s, "battery") if event is LinkLost else event(at_s), TIMING)


def test_the_intended_instant_does_not_move_for_a_car_that_must_be_waited_for():
    up = [BEGIN, LinkLost(101.0, "battery"), Seen(102.0), Connected(103.0), ServicesFound(103.1)]
    up += [Subscribed(103.2), FreshData(103.3), Tick(105.3), LossMade(105.3)]
    back = [LinkLost(105.4, "lost"), Seen(106.0), Connected(106.1), ServicesFound(106.2)]
    (result,) = results(run([*up, *back, Subscribed(106.3), FreshData(106.4)])[1])
    assert (result.outcome, result.intended_s, result.loss_s) == (CycleOutcome.OK, 102.0, 105.3)
    assert result.unasked_losses == 1


def test_a_loss_between_cycles_counts_for_the_next():
    state, _ = run([LinkLost(50.0, "gone")])
    state, _ = step(state, BEGIN, TIMING)
    assert state.unasked_losses == 1


def test_a_host_that_never_notices_a_loss_is_broken_itself():
    state, actions = run([*TO_LOSS, Tick(132.0)])
    (result,) = results(actions)
    assert (state.phase, result.outcome) == (Phase.OFF, CycleOutcome.VOID)
    assert result.error == "the host did not notice the lost link within 30 s"


def test_joining_brings_a_car_up_without_a_cycle():
    up = [Join(0.0), Seen(1.0), Connected(2.0), ServicesFound(2.1), Subscribed(2.2), FreshData(2.3)]
    state, actions = run(up, CarState())
    assert state == CarState(phase=Phase.READY)
    assert results(actions) == []
    state, actions = run([Join(0.0), Tick(TIMING.arm_timeout_s)], CarState())
    assert state.phase is Phase.OFF
    assert actions[1].error == "not brought up in time"


AGAIN = [loss for loss in Loss if loss.is_again]


@pytest.mark.parametrize("loss", list(Loss))
def test_a_second_loss_is_asked_for_once_when_the_host_has_noticed_the_first(loss):
    _, actions = run([replace(BEGIN, loss=loss), *TO_LOSS[1:], *WAY_BACK])
    asked = [action for action in actions if isinstance(action, LoseAgain)]
    assert asked == ([LoseAgain(loss)] if loss in AGAIN else [])
    if asked:
        assert actions.index(asked[0]) == [type(action) for action in actions].index(Seek) - 1


@pytest.mark.parametrize("loss", list(Loss))
def test_an_attempt_that_the_loss_itself_made_fail_is_no_retry_of_the_cars(loss):
    failed = [replace(BEGIN, loss=loss), *TO_LOSS[1:], *WAY_BACK[:2], Failed(106.0, "EstablishmentFailed")]
    back = [Tick(106.5), Seen(107.0), Connected(107.5), ServicesFound(107.8), Subscribed(107.9)]
    (result,) = results(run([*failed, *back, FreshData(108.0)])[1])
    assert (result.outcome is CycleOutcome.OK) == loss.forces_retry
    twice = [
        *failed,
        Tick(106.5),
        Seen(107.0),
        Failed(107.5, "EstablishmentFailed"),
        Tick(108.0),
        Seen(108.5),
    ]
    more = [Connected(109.0), ServicesFound(109.1), Subscribed(109.2), FreshData(109.3)]
    assert results(run([*twice, *more])[1])[0].outcome is CycleOutcome.FLAKY


STAGED = [loss for loss in Loss if loss.is_staged]


@pytest.mark.parametrize("loss", STAGED)
def test_a_link_that_goes_while_something_is_done_to_the_car_is_no_unasked_loss(loss):
    done = [replace(BEGIN, loss=loss), Tick(102.0), LinkLost(102.1, "asked"), LossMade(125.0)]
    state, actions = run(done)
    assert (state.phase, state.loss_s, state.noticed_s) == (Phase.SEEKING, 125.0, 125.0)
    assert isinstance(actions[-1], Seek)
    back = [Seen(125.5), Connected(126.0), ServicesFound(126.1), Subscribed(126.2), FreshData(126.3)]
    (result,) = results(run(back, state)[1])
    assert (result.outcome, result.unasked_losses) == (CycleOutcome.OK, 0)
    assert latency_of(result) == pytest.approx(1.3)


@pytest.mark.parametrize("loss", STAGED)
def test_a_link_may_also_go_after_all_is_done_to_the_car(loss):
    done = [replace(BEGIN, loss=loss), Tick(102.0), LossMade(125.0), LinkLost(127.0, "lost")]
    state, _ = run(done)
    assert (state.phase, state.loss_s, state.noticed_s) == (Phase.SEEKING, 125.0, 127.0)


def test_without_the_adapter_that_was_asked_to_go_attempts_fail_and_the_cycle_goes_on():
    begin = replace(BEGIN, loss=Loss.ADAPTER)
    gone = [begin, Tick(102.0), LossMade(102.0), Failed(102.0, "the adapter went away", bench=True)]
    state, _ = run([*gone, Failed(102.1, "the adapter is off", bench=True)])
    assert state.phase is Phase.PAUSING
    back = [Tick(102.6), Failed(102.7, "the adapter is off", bench=True), Tick(103.2), Seen(104.5)]
    back += [Connected(105.0), ServicesFound(105.1), Subscribed(105.2), FreshData(105.3)]
    (result,) = results(run(back, state)[1])
    assert (result.outcome, result.attempts) == (CycleOutcome.OK, 3)
    assert latency_of(result) == pytest.approx(3.3)


def test_a_bench_that_fails_before_the_adapter_was_asked_to_go_voids_the_cycle():
    begin = replace(BEGIN, loss=Loss.ADAPTER)
    _, actions = run([begin, Tick(102.0), Failed(102.0, "the adapter went away", bench=True)])
    assert results(actions)[0].outcome is CycleOutcome.VOID


def test_a_schedule_has_the_last_word_on_when_a_loss_was_meant_to_be():
    begin = replace(BEGIN, intended_s=95.0)
    (result,) = results(run([begin, *TO_LOSS[1:], *WAY_BACK])[1])
    assert (result.intended_s, result.loss_s) == (95.0, 102.0)


@pytest.mark.parametrize("phase", list(Phase))
def test_stop_ends_every_phase_without_a_link(phase):
    state, actions = step(CarState(phase=phase), Stop(1.0), TIMING)
    assert state.phase is Phase.STOPPED
    assert actions == [Abandon()]


def test_an_event_that_cannot_happen_is_a_fault_of_ours():
    with pytest.raises(UnexpectedEvent, match="got FreshData while off"):
        step(CarState(), FreshData(1.0), TIMING)


class AnyNight(RuleBasedStateMachine):
    """Sends every event a phase knows, at times that never go back."""

    def __init__(self):
        super().__init__()
        self.state = CarState()
        self.now_s = 0.0
        self.cycle = 0
        self.results = []
        self.link_may_be_up = False

    def send(self, event):
        before = self.state
        self.state, actions = step(before, event, TIMING)
        allowed = (
            TRANSITIONS[(before.phase, type(event))].targets
            if (before.phase, type(event)) in TRANSITIONS
            else ()
        )
        late = TRANSITIONS.get((before.phase, Tick))
        assert self.state.phase in allowed or (late and self.state.phase in late.targets)
        for action in actions:
            if isinstance(action, Finish):
                self.results.append(action.result)
            if isinstance(action, Abandon):
                self.link_may_be_up = False
            if isinstance(action, Connect):
                self.link_may_be_up = True

    def at(self, seconds):
        self.now_s += seconds
        return self.now_s

    def knows(self, *events):
        return all((self.state.phase, event) in TRANSITIONS for event in events)

    @precondition(lambda self: self.state.phase in {Phase.OFF, Phase.READY})
    @rule(pause=st.floats(0, 5), loss=st.sampled_from(Loss), settle=st.floats(0, 4))
    def begin(self, pause, loss, settle):
        self.cycle += 1
        self.send(Begin(self.at(pause), self.cycle, loss, settle))

    @precondition(lambda self: self.state.due_s is not None)
    @rule(late=st.floats(0, 1))
    def tick(self, late):
        self.now_s = max(self.now_s, self.state.due_s + late)
        self.send(Tick(self.now_s))

    @precondition(lambda self: self.knows(LossMade) and self.state.loss_s is None)
    @rule()
    def loss_made(self):
        self.send(LossMade(self.now_s))

    @precondition(lambda self: self.knows(LinkLost))
    @rule(after=st.floats(0, 8))
    def link_lost(self, after):
        self.send(LinkLost(self.at(after), "any reason"))

    @precondition(lambda self: self.knows(Failed))
    @rule(after=st.floats(0, 12), bench=st.booleans())
    def failed(self, after, bench):
        self.send(Failed(self.at(after), "SomeError", bench=bench))

    @rule(
        after=st.floats(0, 12), event=st.sampled_from([Seen, Connected, ServicesFound, Subscribed, FreshData])
    )
    def forward(self, after, event):
        if self.knows(event):
            self.send(event(self.at(after)))

    @invariant()
    def every_cycle_begun_is_finished_once_or_under_way(self):
        finished = [result.cycle for result in self.results]
        assert finished == sorted(set(finished))
        under_way = self.state.cycle is not None
        assert len(finished) + under_way == self.cycle

    @invariant()
    def a_resting_car_waits_for_nothing(self):
        if self.state.phase in RESTING:
            assert self.state.due_s is None
            assert self.state.cycle is None

    @invariant()
    def a_car_that_is_off_has_no_link(self):
        if self.state.phase in {Phase.OFF, Phase.PAUSING}:
            assert not self.link_may_be_up

    @invariant()
    def instants_stand_in_order(self):
        for result in self.results[-1:]:
            marks = [result.loss_s, result.noticed_s, result.attempt_s, result.seen_s, result.connected_s]
            marks += [result.services_s, result.subscribed_s, result.first_data_s]
            known = [mark for mark in marks if mark is not None]
            assert known == sorted(known)

    @invariant()
    def outcomes_mean_what_they_say(self):
        for result in self.results[-1:]:
            arrived = result.outcome in {CycleOutcome.OK, CycleOutcome.FLAKY}
            assert arrived == (latency_of(result) is not None)
            if arrived and not (result.loss.forces_retry or result.loss is Loss.ADAPTER):
                assert (result.outcome is CycleOutcome.OK) == (result.attempts == 1)
            if arrived and result.attempts > 2 and result.loss is not Loss.ADAPTER:
                assert result.outcome is CycleOutcome.FLAKY
            if result.outcome is CycleOutcome.TIMEOUT:
                assert result.loss_s is not None
                assert result.stuck_at is not None
                assert result.ended_s >= result.loss_s + TIMING.cycle_timeout_s
            if arrived:
                assert latency_of(result) < TIMING.cycle_timeout_s
            if result.outcome is CycleOutcome.NOT_READY:
                assert result.loss_s is None


TestAnyNight = AnyNight.TestCase
TestAnyNight.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
