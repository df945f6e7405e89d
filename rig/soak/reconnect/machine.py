"""One car's reconnect cycles as a pure machine: `step(state, event, timing) -> (state, actions)`.

    armed -> break link -> noticed -> seen -> connected -> services -> subscribed -> first data

TRANSITIONS is the whole machine: for each phase and event, the rule to apply and the phases it may lead to.
The diagram in docs/soak-machine.md is drawn from it. The same way back serves to bring a car up before its
first cycle; only then no loss has been made (`loss_s` is None) and running out of time means NOT_READY. A car
that loses its link unasked before its loss is brought up again, within the one time there is for that. A loss may have
more to it: something done to the car before it can come back (its link goes meanwhile), or a second loss on the way.
"""

# ruff: noqa: ARG001 - every rule has the one signature that TRANSITIONS calls

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from rig.soak.outcome import CycleOutcome
from rig.soak.reconnect.events import (
    Abandon,
    Action,
    Begin,
    BreakLink,
    Connect,
    Connected,
    CycleResult,
    Event,
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
from rig.soak.reconnect.plan import Loss, Timing


class Phase(StrEnum):
    """Where a car's machine stands."""

    OFF = "off"
    READY = "ready"
    SETTLING = "settling"
    BREAKING = "breaking"
    SEEKING = "seeking"
    CONNECTING = "connecting"
    DISCOVERING = "discovering"
    SUBSCRIBING = "subscribing"
    LISTENING = "listening"
    PAUSING = "pausing"
    STOPPED = "stopped"


RESTING = frozenset({Phase.OFF, Phase.READY, Phase.STOPPED})
"""Phases in which the car waits for the runner, not the other way round."""

_AIMING_FOR = {
    Phase.BREAKING: Stage.NOTICED,
    Phase.SEEKING: Stage.SEEN,
    Phase.PAUSING: Stage.SEEN,
    Phase.CONNECTING: Stage.CONNECTED,
    Phase.DISCOVERING: Stage.SERVICES,
    Phase.SUBSCRIBING: Stage.SUBSCRIBED,
    Phase.LISTENING: Stage.FIRST_DATA,
}


@dataclass(frozen=True, slots=True)
class CarState:
    """Everything the machine knows. `deadline_s` ends the cycle (or the bringing up), `wake_s` the phase;
    `ready_by_s` is when the car must be up at the latest for its loss, however often it has to be brought up;
    `cycle` is None while the car is only brought up; `forced` counts the attempts that the loss itself made fail. The rest is as in `CycleResult`."""

    phase: Phase = Phase.OFF
    cycle: int | None = None
    loss: Loss = Loss.DISCONNECT
    settle_s: float = 0.0
    began_s: float = 0.0
    deadline_s: float | None = None
    ready_by_s: float = math.inf
    wake_s: float | None = None
    intended_s: float | None = None
    loss_s: float | None = None
    noticed_s: float | None = None
    attempt_s: float | None = None
    seen_s: float | None = None
    connected_s: float | None = None
    services_s: float | None = None
    subscribed_s: float | None = None
    first_data_s: float | None = None
    attempts: int = 0
    forced: int = 0
    unasked_losses: int = 0
    error: str | None = None

    @property
    def due_s(self) -> float | None:
        """When the machine wants a Tick at the latest; None while it only waits for events."""
        times = [t for t in (self.deadline_s, self.wake_s) if t is not None]
        return min(times, default=None)


class UnexpectedEvent(Exception):  # noqa: N818 - named for what happened, like its siblings
    """The runner sent an event that cannot happen in this phase: a fault in pitboard, not in a car."""

    def __init__(self, phase: Phase, event: Event) -> None:
        super().__init__(f"the reconnect machine got {type(event).__name__} while {phase}")
        self.phase = phase
        self.event = event


Outcome = tuple[CarState, list[Action]]
Rule = Callable[[CarState, Event, Timing], Outcome]


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event does in a phase: `rule` computes it, `targets` are the phases it may lead to."""

    rule: Rule
    targets: tuple[Phase, ...]


def step(state: CarState, event: Event, timing: Timing) -> Outcome:
    """The next state and what to do, in order. An event that arrives at or after the cycle's deadline finds
    the cycle over.

    Raises:
        UnexpectedEvent: TRANSITIONS knows no such event in this phase.
    """
    late = state.deadline_s is not None and event.at_s >= state.deadline_s
    if late and not isinstance(event, Tick | Stop | Failed):
        event = Tick(event.at_s)
    transition = TRANSITIONS.get((state.phase, type(event)))
    if transition is None:
        raise UnexpectedEvent(state.phase, event)
    return transition.rule(state, event, timing)


def _join(state: CarState, event: Event, timing: Timing) -> Outcome:
    ready_by_s = event.at_s + timing.arm_timeout_s
    fresh = CarState(began_s=event.at_s, deadline_s=ready_by_s, ready_by_s=ready_by_s)
    return _seek(fresh, event.at_s, timing)


def _begin(state: CarState, event: Event, timing: Timing) -> Outcome:
    assert isinstance(event, Begin)
    ready_by_s = event.at_s + timing.arm_timeout_s
    fresh = CarState(
        phase=state.phase,
        cycle=event.cycle,
        loss=event.loss,
        settle_s=event.settle_s,
        began_s=event.at_s,
        deadline_s=ready_by_s,
        ready_by_s=ready_by_s,
        # as the schedule has it; whatever holds the loss up later does not move it
        intended_s=event.at_s + event.settle_s if event.intended_s is None else event.intended_s,
        unasked_losses=state.unasked_losses,
    )
    if state.phase is Phase.READY:
        return _settle(fresh, event.at_s), []
    return _seek(fresh, event.at_s, timing)


def _settle(state: CarState, at_s: float) -> CarState:
    return replace(state, phase=Phase.SETTLING, deadline_s=None, wake_s=at_s + state.settle_s)


def _break(state: CarState, event: Event, timing: Timing) -> Outcome:
    # until the loss is made, the machine waits for the bench rather than for the car
    broken = replace(state, phase=Phase.BREAKING, wake_s=None)
    return broken, [BreakLink(state.loss)]


def _loss_made(state: CarState, event: Event, timing: Timing) -> Outcome:
    lost = replace(state, loss_s=event.at_s, deadline_s=event.at_s + timing.cycle_timeout_s)
    if state.noticed_s is not None:  # its link went while something was done to it
        return _seek(replace(lost, noticed_s=event.at_s), event.at_s, timing)
    return lost, []


def _lost_as_asked(state: CarState, event: Event, timing: Timing) -> Outcome:
    if state.loss_s is None and state.loss.is_staged:
        return replace(state, noticed_s=event.at_s), []
    if state.loss_s is None:  # the car was quicker than the bench: no loss of ours, bring it up again
        return _lost_too_early(state, event, timing)
    seeking, actions = _seek(replace(state, noticed_s=event.at_s), event.at_s, timing)
    return seeking, [LoseAgain(state.loss), *actions] if state.loss.is_again else actions


def _lost_too_early(state: CarState, event: Event, timing: Timing) -> Outcome:
    assert isinstance(event, LinkLost)
    what = f"link lost before its time: {event.reason}"
    note = Note(event.at_s, 0, None, what)
    again = replace(
        state,
        wake_s=None,
        deadline_s=state.ready_by_s,
        unasked_losses=state.unasked_losses + 1,
        error=what,
    )
    if event.at_s >= state.ready_by_s:
        again, actions = _out_of_time(again, event, timing)
        return again, [note, *actions]
    again, actions = _seek(again, event.at_s, timing)
    return again, [note, Abandon(), *actions]


def _lost_at_rest(state: CarState, event: Event, timing: Timing) -> Outcome:
    assert isinstance(event, LinkLost)
    note = Note(event.at_s, 0, None, f"link lost between cycles: {event.reason}")
    return CarState(unasked_losses=state.unasked_losses + 1), [note, Abandon()]


def _seek(state: CarState, at_s: float, timing: Timing) -> Outcome:
    seeking = replace(
        state,
        phase=Phase.SEEKING,
        wake_s=None,
        attempt_s=at_s,
        attempts=state.attempts + 1,
        seen_s=None,
        connected_s=None,
        services_s=None,
        subscribed_s=None,
    )
    return seeking, [Seek(timing.attempt_timeout_s)]


def _seek_again(state: CarState, event: Event, timing: Timing) -> Outcome:
    if _is_over(state, event):
        return _out_of_time(state, event, timing)
    return _seek(state, event.at_s, timing)


def _seen(state: CarState, event: Event, timing: Timing) -> Outcome:
    return replace(state, phase=Phase.CONNECTING, seen_s=event.at_s), [Connect(timing.attempt_timeout_s)]


def _connected(state: CarState, event: Event, timing: Timing) -> Outcome:
    return replace(state, phase=Phase.DISCOVERING, connected_s=event.at_s), []


def _services(state: CarState, event: Event, timing: Timing) -> Outcome:
    return replace(state, phase=Phase.SUBSCRIBING, services_s=event.at_s), []


def _subscribed(state: CarState, event: Event, timing: Timing) -> Outcome:
    return replace(state, phase=Phase.LISTENING, subscribed_s=event.at_s), []


def _fresh(state: CarState, event: Event, timing: Timing) -> Outcome:
    state = replace(state, first_data_s=event.at_s)
    if state.loss_s is not None:
        outcome = CycleOutcome.OK if state.attempts - state.forced == 1 else CycleOutcome.FLAKY
        return CarState(phase=Phase.READY), [_finish(state, event.at_s, outcome)]
    if state.cycle is None:
        return CarState(phase=Phase.READY), []
    # brought up for its cycle: what it took to get here is not part of the measurement
    up = replace(state, attempts=0, attempt_s=None, first_data_s=None, error=None)
    return _settle(up, event.at_s), []


def _attempt_failed(state: CarState, event: Event, timing: Timing) -> Outcome:
    if isinstance(event, Failed):
        if event.bench and not _was_asked_of_the_bench(state):
            return _void(state, event)
        error = event.error
    else:
        assert isinstance(event, LinkLost)
        error = "LinkLost"
    if _is_over(state, event):
        return _out_of_time(state, event, timing)
    note = Note(event.at_s, state.attempts, _AIMING_FOR[state.phase], error)
    wake_s = event.at_s + timing.retry_pause_s
    forced = state.forced + _was_forced(state, event)
    return replace(state, phase=Phase.PAUSING, wake_s=wake_s, error=error, forced=forced), [note, Abandon()]


def _was_forced(state: CarState, event: Event) -> bool:
    """Whether the loss itself made this attempt fail: the adapter was away, or it was lost again, which it is once."""
    if isinstance(event, Failed) and event.bench:
        return True
    return state.loss_s is not None and state.loss.forces_retry and state.forced == 0


def _is_over(state: CarState, event: Event) -> bool:
    return state.deadline_s is not None and event.at_s >= state.deadline_s


def _out_of_time(state: CarState, event: Event, timing: Timing) -> Outcome:
    if state.cycle is None:
        return CarState(), [
            Note(event.at_s, state.attempts, _AIMING_FOR[state.phase], "not brought up in time"),
            Abandon(),
        ]
    outcome = CycleOutcome.TIMEOUT if state.loss_s is not None else CycleOutcome.NOT_READY
    return CarState(), [Abandon(), _finish(state, event.at_s, outcome)]


def _bench_failed(state: CarState, event: Event, timing: Timing) -> Outcome:
    assert isinstance(event, Failed)
    if state.phase is Phase.BREAKING and _was_asked_of_the_bench(state):
        return _lost_as_asked(state, event, timing)
    return _void(state, event)


def _was_asked_of_the_bench(state: CarState) -> bool:
    """After the loss of the adapter, that it does not work is what was asked for."""
    return state.loss is Loss.ADAPTER and state.loss_s is not None


def _not_noticed(state: CarState, event: Event, timing: Timing) -> Outcome:
    """The car's way back begins when the host knows that the link is gone: a host that never does is broken."""
    what = f"the host did not notice the lost link within {timing.cycle_timeout_s:g} s"
    return _void(state, Failed(event.at_s, what, bench=True))


def _void(state: CarState, event: Failed) -> Outcome:
    note = Note(event.at_s, state.attempts, _AIMING_FOR.get(state.phase), event.error)
    if state.cycle is None:
        return CarState(), [note, Abandon()]
    void = replace(state, error=event.error)
    return CarState(), [note, Abandon(), _finish(void, event.at_s, CycleOutcome.VOID)]


def _stop(state: CarState, event: Event, timing: Timing) -> Outcome:
    return CarState(phase=Phase.STOPPED), [Abandon()]


def _ignore(state: CarState, event: Event, timing: Timing) -> Outcome:
    return state, []


def _finish(state: CarState, at_s: float, outcome: CycleOutcome) -> Finish:
    assert state.cycle is not None
    arrived = outcome in {CycleOutcome.OK, CycleOutcome.FLAKY}
    return Finish(
        CycleResult(
            cycle=state.cycle,
            loss=state.loss,
            outcome=outcome,
            began_s=state.began_s,
            ended_s=at_s,
            intended_s=state.intended_s,
            loss_s=state.loss_s,
            noticed_s=state.noticed_s,
            attempt_s=state.attempt_s,
            seen_s=state.seen_s,
            connected_s=state.connected_s,
            services_s=state.services_s,
            subscribed_s=state.subscribed_s,
            first_data_s=state.first_data_s if arrived else None,
            attempts=state.attempts,
            unasked_losses=state.unasked_losses,
            stuck_at=None if arrived else _AIMING_FOR.get(state.phase),
            error=state.error,
        )
    )


_OVER = (Phase.OFF,)
_AGAIN = (Phase.PAUSING, Phase.OFF)

TRANSITIONS: dict[tuple[Phase, type[Event]], Transition] = {
    (Phase.OFF, Join): Transition(_join, (Phase.SEEKING,)),
    (Phase.OFF, Begin): Transition(_begin, (Phase.SEEKING,)),
    (Phase.OFF, LinkLost): Transition(_ignore, (Phase.OFF,)),
    (Phase.OFF, Failed): Transition(_ignore, (Phase.OFF,)),
    (Phase.READY, Begin): Transition(_begin, (Phase.SETTLING,)),
    (Phase.READY, Join): Transition(_ignore, (Phase.READY,)),
    (Phase.READY, LinkLost): Transition(_lost_at_rest, (Phase.OFF,)),
    (Phase.READY, Failed): Transition(_bench_failed, _OVER),
    (Phase.SETTLING, Tick): Transition(_break, (Phase.BREAKING,)),
    (Phase.SETTLING, LinkLost): Transition(_lost_too_early, (Phase.SEEKING, Phase.OFF)),
    (Phase.SETTLING, Failed): Transition(_bench_failed, _OVER),
    (Phase.BREAKING, LossMade): Transition(_loss_made, (Phase.BREAKING, Phase.SEEKING)),
    (Phase.BREAKING, LinkLost): Transition(_lost_as_asked, (Phase.SEEKING, Phase.BREAKING, Phase.OFF)),
    (Phase.BREAKING, Failed): Transition(_bench_failed, (Phase.OFF, Phase.SEEKING)),
    (Phase.BREAKING, Tick): Transition(_not_noticed, _OVER),
    (Phase.SEEKING, Seen): Transition(_seen, (Phase.CONNECTING,)),
    (Phase.SEEKING, Failed): Transition(_attempt_failed, _AGAIN),
    (Phase.SEEKING, Tick): Transition(_out_of_time, _OVER),
    (Phase.CONNECTING, Connected): Transition(_connected, (Phase.DISCOVERING,)),
    (Phase.CONNECTING, Failed): Transition(_attempt_failed, _AGAIN),
    (Phase.CONNECTING, Tick): Transition(_out_of_time, _OVER),
    (Phase.DISCOVERING, ServicesFound): Transition(_services, (Phase.SUBSCRIBING,)),
    (Phase.DISCOVERING, Failed): Transition(_attempt_failed, _AGAIN),
    (Phase.DISCOVERING, LinkLost): Transition(_attempt_failed, _AGAIN),
    (Phase.DISCOVERING, Tick): Transition(_out_of_time, _OVER),
    (Phase.SUBSCRIBING, Subscribed): Transition(_subscribed, (Phase.LISTENING,)),
    (Phase.SUBSCRIBING, Failed): Transition(_attempt_failed, _AGAIN),
    (Phase.SUBSCRIBING, LinkLost): Transition(_attempt_failed, _AGAIN),
    (Phase.SUBSCRIBING, Tick): Transition(_out_of_time, _OVER),
    (Phase.LISTENING, FreshData): Transition(_fresh, (Phase.READY, Phase.SETTLING)),
    (Phase.LISTENING, Failed): Transition(_attempt_failed, _AGAIN),
    (Phase.LISTENING, LinkLost): Transition(_attempt_failed, _AGAIN),
    (Phase.LISTENING, Tick): Transition(_out_of_time, _OVER),
    (Phase.PAUSING, LinkLost): Transition(_ignore, (Phase.PAUSING,)),
    (Phase.PAUSING, Failed): Transition(_ignore, (Phase.PAUSING,)),
    (Phase.PAUSING, Tick): Transition(_seek_again, (Phase.SEEKING, Phase.OFF)),
    **{(phase, Stop): Transition(_stop, (Phase.STOPPED,)) for phase in Phase},
}
