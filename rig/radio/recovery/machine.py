"""The recovery ladder as a pure machine: `step(state, event, policy) -> (state, actions)`.

    try -> fault -> rung (pause or remedy) -> try again -> ... -> done, or a person is asked

Which rungs a fault has stands in `rungs.WAYS`, TRANSITIONS is the rest of the machine; docs/recovery.md is
drawn from both. A rung is taken at most as often as the policy says, whatever the faults are, so that every
recovery ends.
"""

# ruff: noqa: ARG001 - every rule has the one signature that TRANSITIONS calls

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from rig.radio.errors import CarNotFound
from rig.radio.recovery.policy import Leave, RecoveryPolicy
from rig.radio.recovery.rungs import REMEDIES, Fault, Rung


class Phase(StrEnum):
    """Where a recovery stands."""

    IDLE = "idle"
    TRYING = "trying"
    PAUSING = "pausing"
    MENDING = "mending"
    DONE = "done"
    ASKED = "asked"


ENDED = frozenset({Phase.DONE, Phase.ASKED})


class Outcome(StrEnum):
    """How a rung's own act ended; UNKNOWN when no answer came."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the adapter at an event.

    `others` counts links on it that are not this car's, this program's and everybody's; None: nobody can tell.
    `stale` counts connections that certainly nobody uses, and `droppable` everything that could be dropped (None:
    nobody can tell, so it may be tried).
    """

    others: int | None = 0
    stale: int = 0
    droppable: int | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Try for the first time. `can` are the remedies the radio has, `worked`: this car on this adapter has
    worked before, `seed` decides the pauses."""

    at_s: float
    can: frozenset[Rung] = frozenset()
    worked: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Faulted:
    """A try failed."""

    at_s: float
    fault: Fault
    situation: Situation = Situation()


@dataclass(frozen=True, slots=True)
class Mended:
    """A remedy was applied, or could not be."""

    at_s: float
    outcome: Outcome
    situation: Situation = Situation()


@dataclass(frozen=True, slots=True)
class Paused:
    """The pause is over."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Succeeded:
    """A try succeeded."""

    at_s: float


Event = Begin | Faulted | Mended | Paused | Succeeded


@dataclass(frozen=True, slots=True)
class Try:
    """Try, for the `number`th time."""

    number: int


@dataclass(frozen=True, slots=True)
class Take:
    """Take a rung: wait `pause_s`, or apply the remedy. The try after it is number `number` of at most `of`."""

    rung: Rung
    fault: Fault
    number: int
    of: int
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Skip:
    """A rung of this fault that is not taken, and why; said once."""

    rung: Rung
    fault: Fault
    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A person is needed; `why` says what ended the climb."""

    fault: Fault
    why: str


Action = Try | Take | Skip | Ask


@dataclass(frozen=True, slots=True)
class LadderState:
    """Everything the machine knows. `taken` are the rungs so far, `skipped` those already said to be left out."""

    phase: Phase = Phase.IDLE
    can: frozenset[Rung] = frozenset()
    worked: bool = False
    seed: int = 0
    tries: int = 0
    first_fault_s: float | None = None
    fault: Fault | None = None
    taken: tuple[Rung, ...] = ()
    skipped: frozenset[tuple[Rung, str]] = frozenset()


class UnexpectedEvent(Exception):  # noqa: N818 - named for what happened, like its siblings
    """The executor sent an event that cannot happen in this phase: a fault in pitboard."""

    def __init__(self, phase: Phase, event: Event) -> None:
        super().__init__(f"the recovery ladder got {type(event).__name__} while {phase}")
        self.phase = phase
        self.event = event


Result = tuple[LadderState, list[Action]]
Rule = Callable[[LadderState, Event, RecoveryPolicy], Result]


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event does in a phase: `rule` computes it, `targets` are the phases it may lead to."""

    rule: Rule
    targets: tuple[Phase, ...]


def step(state: LadderState, event: Event, policy: RecoveryPolicy) -> Result:
    """The next state and what to do, in order.

    Raises:
        UnexpectedEvent: TRANSITIONS knows no such event in this phase.
    """
    transition = TRANSITIONS.get((state.phase, type(event)))
    if transition is None:
        raise UnexpectedEvent(state.phase, event)
    return transition.rule(state, event, policy)


def _begin(state: LadderState, event: Event, policy: RecoveryPolicy) -> Result:
    assert isinstance(event, Begin)
    return _try(LadderState(can=event.can & REMEDIES, worked=event.worked, seed=event.seed))


def _try(state: LadderState) -> Result:
    trying = replace(state, phase=Phase.TRYING, tries=state.tries + 1)
    return trying, [Try(trying.tries)]


def _faulted(state: LadderState, event: Event, policy: RecoveryPolicy) -> Result:
    assert isinstance(event, Faulted)
    fault = event.fault
    # a fault of the car is heard through an adapter that works; of a car found once, only by its finding
    worked = state.worked or (state.fault is not None and state.fault.kind is not fault.kind)
    since_s = event.at_s if state.first_fault_s is None else state.first_fault_s
    return _climb(
        replace(state, fault=fault, worked=worked, first_fault_s=since_s), event.at_s, event.situation, policy
    )


def _mended(state: LadderState, event: Event, policy: RecoveryPolicy) -> Result:
    assert isinstance(event, Mended)
    if event.outcome is Outcome.FAIL:  # nothing has changed, so nothing needs to be tried
        return _climb(state, event.at_s, event.situation, policy)
    return _try(state)


def _paused(state: LadderState, event: Event, policy: RecoveryPolicy) -> Result:
    return _try(state)


def _succeeded(state: LadderState, event: Event, policy: RecoveryPolicy) -> Result:
    return replace(state, phase=Phase.DONE), []


def _climb(state: LadderState, at_s: float, situation: Situation, policy: RecoveryPolicy) -> Result:
    """Takes the lowest rung that is left for this fault, or asks."""
    fault, since_s = state.fault, state.first_fault_s
    assert fault is not None
    assert since_s is not None
    if not fault.way.rungs:
        return _ask(state, fault.way.why)
    if len(state.taken) >= policy.rungs_at_most:
        return _ask(state, f"{len(state.taken)} rungs were tried")
    if at_s - since_s >= policy.limit_s:
        return _ask(state, f"{policy.limit_s:g} s have passed")
    doubts = {rung: why_not(rung, state, situation, policy) for rung in fault.way.rungs}
    chosen = _choose(state, situation, doubts)
    before = fault.way.rungs if chosen is None else fault.way.rungs[: fault.way.rungs.index(chosen)]
    news = [(rung, why) for rung in before if (why := doubts[rung]) and (rung, why) not in state.skipped]
    skips: list[Action] = [Skip(rung, fault, why) for rung, why in news]
    state = replace(state, skipped=state.skipped | set(news))
    if chosen is None:
        asked, actions = _ask(state, "no rung is left")
        return asked, [*skips, *actions]
    may = [rung for rung, doubt in doubts.items() if doubt is None]
    left = min(
        sum(policy.times(rung) - state.taken.count(rung) for rung in may),
        policy.rungs_at_most - len(state.taken),
    )
    pause_s = 0.0
    if chosen is Rung.BACK_OFF:
        pause_s = min(
            policy.pause_s(state.taken.count(chosen), state.seed), policy.limit_s - (at_s - since_s)
        )
    take = Take(chosen, fault, state.tries + 1, state.tries + left, pause_s)
    phase = Phase.MENDING if chosen in REMEDIES else Phase.PAUSING
    return replace(state, phase=phase, taken=(*state.taken, chosen)), [*skips, take]


def _choose(state: LadderState, situation: Situation, doubts: dict[Rung, str | None]) -> Rung | None:
    """The first stage that is left; but what is known to be stale is dropped before anything is waited for."""
    assert state.fault is not None
    if situation.stale and doubts.get(Rung.DROP_STALE, "") is None:
        return Rung.DROP_STALE
    for stage in state.fault.way.stages:
        used_up = stage.up_to is not None and state.taken.count(stage.rung) >= stage.up_to
        if doubts[stage.rung] is None and not used_up:
            return stage.rung
    return None


def why_not(rung: Rung, state: LadderState, situation: Situation, policy: RecoveryPolicy) -> str | None:
    """Why a rung is not taken now: None if it may be, empty if it is used up."""
    assert state.fault is not None
    if state.taken.count(rung) >= policy.times(rung):
        return ""
    if rung not in REMEDIES:
        return None if state.worked or not state.fault.way.if_it_worked else "it has not worked before"
    if rung not in state.can:
        return "this radio cannot do it"
    if rung is Rung.DROP_STALE:
        return "there is nothing to drop" if situation.droppable == 0 else None
    return _why_adapter_stays(rung, state, situation, policy)


def _why_adapter_stays(
    rung: Rung, state: LadderState, situation: Situation, policy: RecoveryPolicy
) -> str | None:
    fault = state.fault
    assert fault is not None
    why = None
    if fault.way.if_it_worked and not state.worked:
        why = "it has not worked before"
    elif fault.kind is CarNotFound and fault.hears_others:
        why = "the adapter hears other cars"
    elif rung is Rung.RESTART_STACK and not policy.allow_stack_restart:
        why = "not allowed without allow_stack_restart"
    elif policy.power_cycle is Leave.NEVER:
        why = "not allowed"
    elif policy.power_cycle is Leave.IF_ALONE and situation.others != 0:
        why = _in_use(situation.others)
    return why


def _in_use(others: int | None) -> str:
    if others is None:
        return "nobody can tell whether others use the adapter"
    return "another link uses the adapter" if others == 1 else f"{others} other links use the adapter"


def _ask(state: LadderState, why: str) -> Result:
    assert state.fault is not None
    return replace(state, phase=Phase.ASKED), [Ask(state.fault, why)]


_NEXT = (Phase.PAUSING, Phase.MENDING, Phase.ASKED)

TRANSITIONS: dict[tuple[Phase, type[Event]], Transition] = {
    (Phase.IDLE, Begin): Transition(_begin, (Phase.TRYING,)),
    (Phase.TRYING, Succeeded): Transition(_succeeded, (Phase.DONE,)),
    (Phase.TRYING, Faulted): Transition(_faulted, _NEXT),
    (Phase.PAUSING, Paused): Transition(_paused, (Phase.TRYING,)),
    (Phase.MENDING, Mended): Transition(_mended, (Phase.TRYING, *_NEXT)),
}
