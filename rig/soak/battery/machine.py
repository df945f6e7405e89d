"""One car's battery lives as a pure machine: `step(state, event, terms) -> (state, actions)`.

    charger off -> seek -> connect -> check the start -> drive and rest -> over -> charge -> charger off -> done

TRANSITIONS is the whole machine: for each phase and event, the rule to apply and the phases it may lead to. A link
that goes under a life is sought by the same way that brought it up; the life goes on when it comes back, and the
gap is noted. The charger is asked for only after the car was let go of, and no car is looked for before its
charger is confirmed off: it never drives on a live charger.
"""

# ruff: noqa: ARG001 - every rule has the one signature that TRANSITIONS calls

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rig.soak.battery import approach, charging, road
from rig.soak.battery.events import (
    Begin,
    ChargerOff,
    ChargerOn,
    Current,
    Delocalised,
    Event,
    Failed,
    LetGo,
    Linked,
    LinkLost,
    Seen,
    Status,
    Stop,
    SwitchCharger,
    Tick,
    Voltage,
)
from rig.soak.battery.state import ON_THE_ROAD, LifeState, Outcome, Phase, Terms

Rule = Callable[[LifeState, Event, Terms], Outcome]


class UnexpectedEvent(Exception):  # noqa: N818 - named for what happened, like its siblings
    """The runner sent an event that cannot happen in this phase: a fault in pitboard, not in a car."""

    def __init__(self, phase: Phase, event: Event) -> None:
        super().__init__(f"the battery machine got {type(event).__name__} while {phase}")
        self.phase = phase
        self.event = event


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event does in a phase: `rule` computes it, `targets` are the phases it may lead to."""

    rule: Rule
    targets: tuple[Phase, ...]


def step(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The next state and what to do, in order.

    Raises:
        UnexpectedEvent: TRANSITIONS knows no such event in this phase.
    """
    transition = TRANSITIONS.get((state.phase, type(event)))
    if transition is None:
        raise UnexpectedEvent(state.phase, event)
    return transition.rule(state, event, terms)


def _stop(state: LifeState, event: Event, terms: Terms) -> Outcome:
    stopped = replace(state, phase=Phase.STOPPED, wake_s=None, deadline_s=None)
    return stopped, [LetGo(), SwitchCharger(on=False)] if terms.can_charge else [LetGo()]


def _ignore(state: LifeState, event: Event, terms: Terms) -> Outcome:
    return state, []


_OVER = (Phase.PLUGGING, Phase.DONE)
_ON_THE_WAY = (Phase.PAUSING, *_OVER)
_SET_OUT = (Phase.DRIVING, Phase.RESTING, Phase.CHECKING, Phase.PLUGGING)
_ROAD = (Phase.DRIVING, Phase.RESTING, Phase.RIGHTING, *_OVER)

TRANSITIONS: dict[tuple[Phase, type[Event]], Transition] = {
    # news that comes too late for the phase it was for
    **{
        (phase, kind): Transition(_ignore, (phase,))
        for phase in Phase
        for kind in (Status, Voltage, Delocalised, LinkLost, Seen, Current)
    },
    **{(phase, Failed): Transition(_ignore, (phase,)) for phase in (Phase.IDLE, Phase.DONE, Phase.PAUSING)},
    (Phase.IDLE, Begin): Transition(approach.begin, (Phase.PREPARING, Phase.SEEKING)),
    (Phase.DONE, Begin): Transition(approach.begin, (Phase.PREPARING, Phase.SEEKING)),
    (Phase.PREPARING, ChargerOff): Transition(approach.unplugged, (Phase.SEEKING,)),
    (Phase.PREPARING, Failed): Transition(approach.not_unplugged, (Phase.DONE,)),
    (Phase.SEEKING, Seen): Transition(approach.seen, (Phase.CONNECTING,)),
    (Phase.SEEKING, Failed): Transition(approach.attempt_failed, _ON_THE_WAY),
    (Phase.SEEKING, Tick): Transition(approach.out_of_time, _OVER),
    (Phase.PAUSING, Tick): Transition(approach.pause_over, (Phase.SEEKING, *_OVER)),
    (Phase.CONNECTING, Status): Transition(approach.told_early, (Phase.CONNECTING,)),
    (Phase.CONNECTING, Linked): Transition(approach.linked, _SET_OUT),
    (Phase.CONNECTING, Failed): Transition(approach.attempt_failed, _ON_THE_WAY),
    (Phase.CONNECTING, LinkLost): Transition(approach.attempt_failed, _ON_THE_WAY),
    (Phase.CONNECTING, Tick): Transition(approach.out_of_time, _OVER),
    (Phase.CHECKING, Status): Transition(approach.checked, _SET_OUT),
    (Phase.CHECKING, Voltage): Transition(approach.checked, _SET_OUT),
    (Phase.CHECKING, Tick): Transition(approach.checked, _SET_OUT),
    (Phase.CHECKING, LinkLost): Transition(approach.lost_before_it_began, _ON_THE_WAY),
    (Phase.DRIVING, Tick): Transition(road.tick, _ROAD),
    (Phase.RESTING, Tick): Transition(road.tick, _ROAD),
    (Phase.RIGHTING, Tick): Transition(road.righting_tick, _ROAD),
    (Phase.DRIVING, Delocalised): Transition(road.delocalised, (Phase.RIGHTING,)),
    **{(phase, Status): Transition(road.status, _ROAD) for phase in ON_THE_ROAD},
    **{(phase, Voltage): Transition(road.voltage, (phase,)) for phase in ON_THE_ROAD},
    **{(phase, LinkLost): Transition(road.lost, (Phase.SEEKING, *_OVER)) for phase in ON_THE_ROAD},
    (Phase.PLUGGING, ChargerOn): Transition(charging.plugged, (Phase.CHARGING,)),
    (Phase.PLUGGING, Failed): Transition(charging.bench_failed, (Phase.DONE,)),
    (Phase.CHARGING, Seen): Transition(charging.seen, (Phase.CHARGING, Phase.UNPLUGGING)),
    (Phase.CHARGING, Current): Transition(charging.measured, (Phase.CHARGING, Phase.UNPLUGGING)),
    (Phase.CHARGING, Tick): Transition(charging.tick, (Phase.CHARGING, Phase.UNPLUGGING)),
    (Phase.CHARGING, Failed): Transition(charging.bench_failed, (Phase.DONE,)),
    (Phase.UNPLUGGING, ChargerOff): Transition(charging.unplugged, (Phase.SEEKING, Phase.DONE)),
    (Phase.UNPLUGGING, Failed): Transition(charging.bench_failed, (Phase.DONE,)),
    **{(phase, Stop): Transition(_stop, (Phase.STOPPED,)) for phase in Phase},
}
