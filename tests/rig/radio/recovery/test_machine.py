"""The recovery ladder, rung by rung, then climbed at random."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rig.errors import InputError
from rig.radio import errors
from rig.radio.errors import (
    AdapterGone,
    AdapterMissing,
    AdapterOff,
    AttError,
    CarFault,
    CarNotFound,
    ConnectTimedOut,
    EstablishmentFailed,
    HostFault,
    HostTrouble,
    LinkLost,
    NoAnswer,
    NoFreshData,
    NotPermitted,
    RadioClosed,
    ServicesMissing,
    SlotsExhausted,
    StackBusy,
    StackMissing,
)
from rig.radio.recovery.machine import (
    ENDED,
    TRANSITIONS,
    Ask,
    Begin,
    Faulted,
    LadderState,
    Mended,
    Outcome,
    Paused,
    Phase,
    Situation,
    Skip,
    Succeeded,
    Take,
    Try,
    UnexpectedEvent,
    step,
)
from rig.radio.recovery.policy import NO_RECOVERY, Leave, RecoveryPolicy
from rig.radio.recovery.rungs import ORDER, REMEDIES, WAYS, Rung, fault_of
from rig.radio.recovery.words import HANDS, ask_sentence

CAR = "Skull 0880eadb"
R, B, D, P, S = Rung.RETRY, Rung.BACK_OFF, Rung.DROP_STALE, Rung.POWER_CYCLE, Rung.RESTART_STACK
ALONE = Situation()
ONCE = RecoveryPolicy(back_offs=1, power_cycles=1, allow_stack_restart=True, rungs_at_most=99, limit_s=1e9)


def a(kind, **more):
    return fault_of(kind(CAR, **more) if issubclass(kind, CarFault) else kind("hci0"))


def climb(fault, policy=ONCE, *, can=REMEDIES, worked=True, situation=ALONE, outcome=Outcome.OK):
    """The rungs taken and skipped while the same fault comes back each time, and how it ends."""
    state, actions = step(LadderState(), Begin(0.0, can, worked), policy)
    taken, skipped, at_s = [], {}, 0.0
    while True:
        for action in actions:
            at_s += 1.0
            match action:
                case Try():
                    event = Faulted(at_s, fault, situation)
                case Take(rung=rung):
                    taken.append(rung)
                    event = Mended(at_s, outcome, situation) if rung in REMEDIES else Paused(at_s)
                case Skip():
                    skipped[action.rung] = action.why
                case Ask():
                    return taken, skipped, action
        state, actions = step(state, event, policy)


@pytest.mark.parametrize(
    ("kind", "rungs"),
    [
        (CarNotFound, [B, D, P, S]),
        (ConnectTimedOut, [R, B, D, P, S]),
        (EstablishmentFailed, [R, B, D, P, S]),
        (LinkLost, [R, B, D, P, S]),
        (NoFreshData, [R, B, D]),
        (NoAnswer, [R, B, D]),
        (AttError, [R]),
        (ServicesMissing, []),
        (StackBusy, [B, D, P, S]),
        (SlotsExhausted, [B, D]),
        (HostTrouble, [R, B, D, P, S]),
        (AdapterOff, [B, P, S]),
        (AdapterGone, [B, S]),
        (AdapterMissing, [B, S]),
        (StackMissing, [B, S]),
        (NotPermitted, []),
    ],
)
def test_each_class_of_fault_has_its_rungs_and_then_a_person(kind, rungs):
    taken, skipped, ask = climb(a(kind))
    assert taken == rungs
    assert not skipped
    assert ask.fault.kind is kind


def test_every_fault_has_a_way_and_something_for_hands_and_every_way_is_in_order():
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, CarFault | HostFault)
        and kind not in {CarFault, HostFault}
    }
    assert set(WAYS) == kinds == set(HANDS)
    for way in WAYS.values():
        assert list(way.rungs) == sorted(way.rungs, key=ORDER.index)
        assert way.why
        last = {stage.rung: stage.up_to for stage in way.stages if stage.rung is not P}
        assert set(last.values()) <= {None}  # in the end each rung is used as often as the policy allows


@pytest.mark.parametrize("kind", WAYS)
def test_a_person_is_told_in_one_sentence_what_happened_to_whom_and_what_to_do(kind):
    fault = a(kind)
    sentence = ask_sentence(fault)
    assert sentence.startswith((CAR, "hci0"))
    assert sentence.endswith(HANDS[kind])
    assert "\n" not in sentence


def test_what_no_ladder_can_mend_is_no_fault():
    assert fault_of(RadioClosed(CAR)) is None
    assert fault_of(InputError("no such file")) is None


@pytest.mark.parametrize(
    ("kind", "rungs"),
    [
        (AdapterMissing, []),
        (AdapterOff, []),
        (StackMissing, []),
        (AdapterGone, []),
        (CarNotFound, [D]),
        (ConnectTimedOut, [R, B, D, P, S]),
    ],
)
def test_what_never_worked_is_told_and_not_waited_for(kind, rungs):
    taken, skipped, _ = climb(a(kind), worked=False)
    assert taken == rungs
    if not rungs:
        assert set(skipped.values()) == {"it has not worked before"}


def test_a_car_that_was_heard_and_then_is_not_is_waited_for():
    state, _ = step(LadderState(), Begin(0.0), ONCE)
    state, _ = step(state, Faulted(1.0, a(ConnectTimedOut)), ONCE)
    state, _ = step(state, Paused(2.0), ONCE)
    state, actions = step(state, Faulted(3.0, a(CarNotFound)), ONCE)
    assert [action.rung for action in actions] == [B]


def test_a_rung_that_a_radio_does_not_have_is_skipped_and_says_so_once():
    taken, skipped, _ = climb(a(ConnectTimedOut), RecoveryPolicy(), can=frozenset())
    assert taken == [R, *[B] * 8]
    assert skipped == dict.fromkeys((D, P, S), "this radio cannot do it")


@pytest.mark.parametrize(
    ("leave", "others", "why"),
    [
        (Leave.IF_ALONE, 0, None),
        (Leave.IF_ALONE, 1, "another link uses the adapter"),
        (Leave.IF_ALONE, 3, "3 other links use the adapter"),
        (Leave.IF_ALONE, None, "nobody can tell whether others use the adapter"),
        (Leave.ALWAYS, 3, None),
        (Leave.ALWAYS, None, None),
        (Leave.NEVER, 0, "not allowed"),
    ],
)
def test_others_on_the_adapter_keep_it_from_being_switched(leave, others, why):
    policy = RecoveryPolicy(power_cycle=leave, allow_stack_restart=True)
    taken, skipped, _ = climb(a(ConnectTimedOut), policy, situation=Situation(others=others))
    assert (P in taken) is (why is None)
    assert skipped.get(P) == skipped.get(S) == why


def test_the_stack_is_restarted_only_with_permission():
    taken, skipped, _ = climb(a(ConnectTimedOut), RecoveryPolicy())
    assert S not in taken
    assert "allow_stack_restart" in skipped[S]


def test_an_adapter_that_hears_others_is_not_switched_for_a_car_it_does_not_hear():
    taken, skipped, _ = climb(a(CarNotFound, heard=["Nuke 0a41c37e"]))
    assert taken == [B, D]
    assert skipped[P] == "the adapter hears other cars"


def test_nothing_stale_means_nothing_to_drop():
    taken, skipped, _ = climb(a(NoFreshData), situation=Situation(droppable=0))
    assert taken == [R, B]
    assert skipped == {D: "there is nothing to drop"}


def test_what_is_known_to_be_stale_is_dropped_before_anything_is_waited_for():
    taken, _, _ = climb(a(ConnectTimedOut), situation=Situation(stale=1, droppable=2))
    assert taken == [D, R, B, P, S]
    assert climb(a(AdapterGone), situation=Situation(stale=1))[0] == [B, S]


def test_an_adapter_that_is_off_is_switched_on_soon_and_then_waited_for():
    policy = RecoveryPolicy(back_offs=7)
    assert climb(a(AdapterOff), policy)[0] == [B, B, P, B, B, B, P, B, B]


def test_an_adapter_that_a_power_cycle_left_off_is_given_time_and_another():
    policy = RecoveryPolicy()
    state, _ = step(LadderState(), Begin(0.0, REMEDIES, worked=True), policy)
    state, _ = step(state, Faulted(0.0, a(StackBusy)), policy)
    taken = []
    for at_s in range(1, 40):
        if state.phase in ENDED:
            break
        match state.phase:
            case Phase.PAUSING:
                state, actions = step(state, Paused(float(at_s)), policy)
            case Phase.MENDING:
                state, actions = step(state, Mended(float(at_s), Outcome.FAIL), policy)
            case Phase.TRYING:
                off = P in taken
                state, actions = step(
                    state, Faulted(float(at_s), a(AdapterOff if off else StackBusy)), policy
                )
        taken += [action.rung for action in actions if isinstance(action, Take)]
    assert taken[:8] == [B, B, D, P, B, B, P, B]


def test_a_stack_that_crashed_is_given_a_moment_then_restarted_then_waited_for():
    policy = RecoveryPolicy(back_offs=3, allow_stack_restart=True)
    assert climb(a(StackMissing), policy)[0] == [B, B, S, B]


def test_a_remedy_that_failed_leads_on_without_a_try_and_one_that_hangs_with_one():
    policy = RecoveryPolicy(retries=0, back_offs=0)
    for outcome, follow in ((Outcome.FAIL, Take), (Outcome.OK, Try), (Outcome.UNKNOWN, Try)):
        state, _ = step(LadderState(), Begin(0.0, REMEDIES), policy)
        state, _ = step(state, Faulted(1.0, a(LinkLost)), policy)
        _, actions = step(state, Mended(2.0, outcome), policy)
        assert isinstance(actions[0], follow)


def test_pauses_grow_to_their_bound_and_differ_by_seed():
    policy = RecoveryPolicy(first_pause_s=0.5, growth=2.0, longest_pause_s=8.0, jitter=0.0)
    assert [policy.pause_s(n, 1) for n in range(6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert policy.pause_s(10**6, 1) == 8.0
    spread = RecoveryPolicy(jitter=0.25)
    pauses = {spread.pause_s(3, seed) for seed in range(50)}
    assert len(pauses) == 50
    assert all(3.0 <= pause <= 4.0 for pause in pauses)
    assert spread.pause_s(3, 7) == spread.pause_s(3, 7)


def test_time_and_number_end_a_climb():
    late = RecoveryPolicy(limit_s=10.0, back_offs=50, rungs_at_most=50)
    taken, _, ask = climb(a(EstablishmentFailed), late)
    assert len(taken) < 10
    assert ask.why == "10 s have passed"
    _, _, ask = climb(a(EstablishmentFailed), RecoveryPolicy(rungs_at_most=3))
    assert ask.why == "3 rungs were tried"
    assert climb(a(EstablishmentFailed), NO_RECOVERY)[0] == []


def test_a_pause_never_reaches_beyond_the_limit():
    policy = RecoveryPolicy(retries=0, limit_s=5.0, first_pause_s=60.0, longest_pause_s=60.0, jitter=0.0)
    state, _ = step(LadderState(), Begin(0.0), policy)
    _, actions = step(state, Faulted(0.0, a(LinkLost)), policy)
    assert actions[0].pause_s == 5.0


def test_a_user_is_told_how_many_tries_there_may_be():
    state, _ = step(LadderState(), Begin(0.0), RecoveryPolicy(back_offs=2))
    _, actions = step(state, Faulted(0.0, a(LinkLost)), RecoveryPolicy(back_offs=2))
    assert (actions[0].number, actions[0].of) == (2, 4)


@pytest.mark.parametrize(
    "changes", [{"retries": -1}, {"limit_s": float("nan")}, {"growth": float("inf")}, {"jitter": 1.5}]
)
def test_a_policy_without_bounds_is_refused(changes):
    with pytest.raises(InputError, match=next(iter(changes))):
        RecoveryPolicy(**changes)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize(
    "event", [Begin(0.0), Faulted(0.0, a(LinkLost)), Mended(0.0, Outcome.OK), Paused(0.0), Succeeded(0.0)]
)
def test_an_event_that_cannot_happen_is_an_error(phase, event):
    if (phase, type(event)) in TRANSITIONS:
        return
    with pytest.raises(UnexpectedEvent, match=phase):
        step(LadderState(phase=phase), event, ONCE)


def test_the_table_leads_everywhere_and_out_of_everything_but_the_end():
    sources = {phase for phase, _ in TRANSITIONS}
    targets = {target for transition in TRANSITIONS.values() for target in transition.targets}
    assert sources == set(Phase) - ENDED
    assert targets == set(Phase) - {Phase.IDLE}


FAULTS = [a(kind) for kind in WAYS] + [a(CarNotFound, heard=["Nuke 0a41c37e"])]
POLICIES = st.builds(
    RecoveryPolicy,
    retries=st.integers(0, 3),
    back_offs=st.integers(0, 5),
    drops=st.integers(0, 2),
    power_cycles=st.integers(0, 2),
    restarts=st.integers(0, 2),
    rungs_at_most=st.integers(0, 12),
    limit_s=st.floats(0, 100),
    first_pause_s=st.floats(0, 10),
    growth=st.floats(0, 5),
    longest_pause_s=st.floats(0, 20),
    jitter=st.floats(0, 1),
    power_cycle=st.sampled_from(Leave),
    allow_stack_restart=st.booleans(),
)


class AnyRecovery(RuleBasedStateMachine):
    """Whatever goes wrong, in whatever order: bounded, permitted, and over in the end."""

    @initialize(
        policy=POLICIES, can=st.frozensets(st.sampled_from(Rung)), worked=st.booleans(), seed=st.integers()
    )
    def begins(self, policy, can, worked, seed):
        self.policy, self.can, self.now_s, self.first_s = policy, can, 0.0, None
        self.others, self.taken, self.asked, self.tries = 0, [], 0, 0
        self.state = LadderState()
        self.heed(Begin(self.now_s, can, worked, seed))

    @precondition(lambda self: self.state.phase in ENDED)
    @rule(seed=st.integers(), worked=st.booleans())
    def begins_anew(self, seed, worked):
        self.begins(self.policy, self.can, worked, seed)

    def heed(self, event):
        before = self.state
        self.state, actions = step(before, event, self.policy)
        assert self.state.phase in TRANSITIONS[before.phase, type(event)].targets
        assert all(isinstance(action, Skip) for action in actions[:-1])
        for action in actions:
            match action:
                case Try():
                    self.tries += 1
                    assert action.number == self.tries
                case Take():
                    self.check(action)
                case Ask():
                    self.asked += 1

    def check(self, take):
        assert self.now_s - self.first_s < self.policy.limit_s
        assert (
            0
            <= take.pause_s
            <= min(self.policy.longest_pause_s, self.policy.limit_s - (self.now_s - self.first_s))
        )
        assert take.number <= take.of
        assert take.rung in take.fault.way.rungs
        if take.rung in REMEDIES:
            assert take.rung in self.can
        if take.rung in {P, S}:
            assert self.policy.power_cycle is not Leave.NEVER
            assert self.policy.power_cycle is Leave.ALWAYS or self.others == 0
            assert not take.fault.hears_others
        if take.rung is S:
            assert self.policy.allow_stack_restart
        self.taken.append(take.rung)
        assert self.taken.count(take.rung) <= self.policy.times(take.rung)

    def situation(self, others, stale):
        self.others = others
        return Situation(others, stale, stale)

    @precondition(lambda self: self.state.phase is Phase.TRYING)
    @rule(
        fault=st.sampled_from(FAULTS),
        after=st.floats(0, 20),
        others=st.none() | st.integers(0, 3),
        stale=st.integers(0, 2),
    )
    def fails(self, fault, after, others, stale):
        self.now_s += after
        self.first_s = self.now_s if self.first_s is None else self.first_s
        self.heed(Faulted(self.now_s, fault, self.situation(others, stale)))

    @precondition(lambda self: self.state.phase is Phase.TRYING)
    @rule(after=st.floats(0, 20), chance=st.integers(0, 5))
    def works(self, after, chance):
        if not chance:
            self.now_s += after
            self.heed(Succeeded(self.now_s))

    @precondition(lambda self: self.state.phase is Phase.PAUSING)
    @rule()
    def wakes(self):
        self.heed(Paused(self.now_s))

    @precondition(lambda self: self.state.phase is Phase.MENDING)
    @rule(
        outcome=st.sampled_from(Outcome),
        after=st.floats(0, 20),
        others=st.none() | st.integers(0, 3),
        stale=st.integers(0, 2),
    )
    def is_mended(self, outcome, after, others, stale):
        self.now_s += after
        self.heed(Mended(self.now_s, outcome, self.situation(others, stale)))

    @invariant()
    def is_bounded(self):
        if not hasattr(self, "policy"):
            return
        assert len(self.taken) <= self.policy.rungs_at_most
        assert self.tries <= 1 + len(self.taken)
        assert self.asked == (self.state.phase is Phase.ASKED)

    def teardown(self):
        """Left to the worst of luck, it ends all the same."""
        if not hasattr(self, "policy"):
            return
        for _ in range(4 * self.policy.rungs_at_most + 4):
            match self.state.phase:
                case Phase.TRYING:
                    self.fails(FAULTS[self.tries % len(FAULTS)], 0.0, 0, 0)
                case Phase.PAUSING:
                    self.wakes()
                case Phase.MENDING:
                    self.is_mended(Outcome.UNKNOWN, 0.0, 0, 0)
                case _:
                    break
        assert self.state.phase in ENDED


TestAnyRecovery = AnyRecovery.TestCase
TestAnyRecovery.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)


def test_the_order_of_the_ladder_is_kept_and_after_the_remedies_there_is_only_patience():
    for kind in WAYS:
        taken, _, _ = climb(a(kind), RecoveryPolicy(allow_stack_restart=True))
        first = list(dict.fromkeys(taken))
        assert first == sorted(first, key=ORDER.index)
        if P in taken:
            assert set(taken[taken.index(P) + 1 :]) <= ({B, S, P} if kind is AdapterOff else {B, S})
