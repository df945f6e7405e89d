"""The two-set interlock as a pure machine: `step(state, event) -> (state, actions)`.

    set A dying -> its race ends -> A off, confirmed -> a race is set up with B -> only now A may charge

Facts are always taken in. Requests are granted, which gives actions to carry out, or refused, which gives one
`Refused` with every reason. TRANSITIONS is the whole machine: for each phase and event, the rule to apply and
the phases it may lead to; a request that stands not there is refused in that phase.
"""

# ruff: noqa: ARG001 - every rule has the one signature that TRANSITIONS calls

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rig.rotation.events import (
    FACTS,
    REQUESTS,
    Action,
    CallDying,
    Charge,
    ChargerIs,
    Connect,
    Drive,
    EarLost,
    EndRace,
    Event,
    Finish,
    Go,
    Halt,
    Heard,
    LineUp,
    LinkDown,
    LinkUp,
    Listened,
    Press,
    Pressed,
    Quarantine,
    Readmit,
    Reason,
    Refused,
    Request,
    Restarted,
    SetUp,
    StandDown,
    Start,
    StopCharging,
    SwitchCharger,
    SwitchOff,
    SwitchOn,
    TakeStock,
    TakeUp,
)
from rig.rotation.knowledge import Car, Charger, Link, Phase, Power, Rotation
from rig.rotation.reasons import reasons_against, wrong_time

Outcome = tuple[Rotation, tuple[Action, ...]]
Rule = Callable[[Rotation, Event], Outcome]


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event does in a phase: `rule` computes it, `targets` are the phases it may lead to."""

    rule: Rule
    targets: tuple[Phase, ...]


def step(state: Rotation, event: Event) -> Outcome:
    """The next state, and what to do in order. A refused request leaves the state as it is.

    Raises:
        KeyError: the event is about a car that belongs to neither set.
    """
    transition = TRANSITIONS.get((state.phase, type(event)))
    if isinstance(event, REQUESTS):
        if transition is None:
            allowed = [phase for phase in Phase if (phase, type(event)) in TRANSITIONS]
            return state, (_refused(state, event, (wrong_time(state, allowed),)),)
        reasons = reasons_against(state, event)
        if reasons:
            return state, (_refused(state, event, reasons),)
    assert transition is not None, "facts are taken in always"
    return transition.rule(state, event)


def _refused(state: Rotation, request: Request, reasons: tuple[Reason, ...]) -> Refused:
    name = getattr(request, "set_name", None)
    identifier = getattr(request, "car", None)
    subject = name if identifier is None else state.car(identifier).label
    return Refused(request, request.asks.format(subject), reasons)


# facts


def _heard(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, Heard)
    car = state.car(event.car)
    low = car.low if event.low is None else event.low
    # a car that advertises is connected to nobody; one we hold a link to may be reported late, and says nothing
    link = car.link if car.link is Link.UP else Link.DOWN
    power = car.power if event.at_s < car.pressed_s else Power.ON
    return state.with_car(replace(car, power=power, link=link, heard_s=event.at_s, low=low)), ()


def _listened(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, Listened)
    if not event.heard:  # an ear that hears nobody may be deaf
        return state, ()
    for car in state.cars:
        since_s = max(event.since_s, car.heard_s, car.pressed_s)
        silent = car.link is Link.DOWN and car.identifier not in event.heard
        if silent and event.at_s - since_s >= state.patience.silence_s and car.power is not Power.OFF:
            state = state.with_car(replace(car, power=Power.OFF))
    return state, ()


def _ear_lost(state: Rotation, event: Event) -> Outcome:
    cars = tuple(replace(car, power=Power.UNKNOWN, link=_less_sure(car.link)) for car in state.cars)
    return _settled(replace(state, cars=cars)), ()


def _less_sure(link: Link) -> Link:
    return Link.UNKNOWN if link is Link.UP else link


def _link_up(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, LinkUp)
    car = state.car(event.car)
    up = replace(car, link=Link.UP, power=Power.ON, heard_s=event.at_s, has_charged=False)
    return _settled(state.with_car(up)), ()


def _link_down(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, LinkDown)
    car = state.car(event.car)
    power = Power.UNKNOWN if car.link is not Link.DOWN and car.power is Power.ON else car.power
    return _settled(state.with_car(replace(car, link=Link.DOWN, power=power))), ()


def _pressed(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, Pressed)
    car = state.car(event.car)
    return state.with_car(replace(car, power=Power.UNKNOWN, pressed_s=event.at_s)), ()


def _charger_is(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, ChargerIs)
    car = state.car(event.car)
    charged = car.has_charged or event.charger is Charger.ON
    # a charger that comes wakes the car, so that it is no longer known to be off
    woken = car.power is Power.OFF and event.charger is not Charger.OFF
    power = Power.UNKNOWN if woken else car.power
    return state.with_car(replace(car, charger=event.charger, has_charged=charged, power=power)), ()


def _restarted(state: Rotation, event: Event) -> Outcome:
    cars = tuple(
        replace(car, power=Power.UNKNOWN, link=Link.UNKNOWN, charger=Charger.UNKNOWN, low=None)
        for car in state.cars
    )
    return replace(state, cars=cars, phase=Phase.LOST, active=None, leaving=None), ()


def _settled(state: Rotation) -> Rotation:
    """A race is set up exactly while every car of its set that takes part is connected."""
    if state.phase not in {Phase.SETTING_UP, Phase.SET_UP}:
        return state
    cars = list(state.of(state.active))
    complete = bool(cars) and all(car.link is Link.UP for car in cars)
    return replace(state, phase=Phase.SET_UP if complete else Phase.SETTING_UP)


# requests that were granted


def _take_stock(state: Rotation, event: Event) -> Outcome:
    return replace(state, phase=Phase.STANDING), ()


def _take_up(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, TakeUp)
    return _settled(replace(state, phase=Phase.SETTING_UP, active=event.set_name)), ()


def _set_up(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, SetUp)
    leaving = None if event.set_name == state.leaving else state.leaving
    return replace(state, phase=Phase.SETTING_UP, active=event.set_name, leaving=leaving), ()


def _line_up(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, LineUp)
    return state, (Connect(event.car),)


def _start(state: Rotation, event: Event) -> Outcome:
    return replace(state, phase=Phase.RACING), tuple(Go(car.identifier) for car in state.of(state.active))


def _drive(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, Drive)
    return state, (Go(event.car),)


def _finish(state: Rotation, event: Event) -> Outcome:
    return _settled(replace(state, phase=Phase.SETTING_UP)), ()


def _call_dying(state: Rotation, event: Event) -> Outcome:
    return replace(state, phase=Phase.DYING), ()


def _end_race(state: Rotation, event: Event) -> Outcome:
    ended = replace(state, phase=Phase.ENDED, active=None, leaving=state.active)
    return ended, tuple(Halt(car.identifier) for car in state.of(state.active) if car.link is not Link.DOWN)


def _press(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, SwitchOff | SwitchOn)
    return state, (Press(event.car),)


def _charge(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, Charge)
    return state, (SwitchCharger(event.car, on=True),)


def _stop_charging(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, StopCharging)
    return state, (SwitchCharger(event.car, on=False),)


def _quarantine(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, Quarantine)
    car = state.car(event.car)
    out = _settled(state.with_car(replace(car, quarantined=event.why)))
    return out, _made_safe(car)


def _readmit(state: Rotation, event: Event) -> Outcome:
    assert isinstance(event, Readmit)
    return state.with_car(replace(state.car(event.car), quarantined=None)), ()


def _stand_down(state: Rotation, event: Event) -> Outcome:
    lost = replace(state, phase=Phase.LOST, active=None, leaving=None)
    return lost, tuple(action for car in state.cars for action in _made_safe(car))


def _made_safe(car: Car) -> tuple[Action, ...]:
    halt: tuple[Action, ...] = () if car.link is Link.DOWN else (Halt(car.identifier),)
    off: tuple[Action, ...] = () if car.charger is Charger.OFF else (SwitchCharger(car.identifier, on=False),)
    return halt + off


_SETTLES = {
    Phase.SETTING_UP: (Phase.SETTING_UP, Phase.SET_UP),
    Phase.SET_UP: (Phase.SET_UP, Phase.SETTING_UP),
}
_FACT_RULES: dict[type[Event], Rule] = {
    Heard: _heard,
    Listened: _listened,
    EarLost: _ear_lost,
    LinkUp: _link_up,
    LinkDown: _link_down,
    Pressed: _pressed,
    ChargerIs: _charger_is,
}
_CAN_SETTLE = (EarLost, LinkUp, LinkDown)
_RACE = (Phase.RACING, Phase.DYING)
_BEFORE_RACE = (Phase.SETTING_UP, Phase.SET_UP)
_AT_REST = (Phase.STANDING, *_BEFORE_RACE, *_RACE, Phase.ENDED)

TRANSITIONS: dict[tuple[Phase, type[Event]], Transition] = {
    (Phase.LOST, TakeStock): Transition(_take_stock, (Phase.STANDING,)),
    (Phase.LOST, TakeUp): Transition(_take_up, _BEFORE_RACE),
    (Phase.STANDING, SetUp): Transition(_set_up, (Phase.SETTING_UP,)),
    (Phase.ENDED, SetUp): Transition(_set_up, (Phase.SETTING_UP,)),
    **{(phase, LineUp): Transition(_line_up, (phase,)) for phase in (*_BEFORE_RACE, *_RACE)},
    (Phase.SET_UP, Start): Transition(_start, (Phase.RACING,)),
    **{(phase, Drive): Transition(_drive, (phase,)) for phase in _RACE},
    (Phase.RACING, Finish): Transition(_finish, _BEFORE_RACE),
    (Phase.RACING, CallDying): Transition(_call_dying, (Phase.DYING,)),
    (Phase.DYING, EndRace): Transition(_end_race, (Phase.ENDED,)),
    **{(phase, SwitchOff): Transition(_press, (phase,)) for phase in _AT_REST},
    **{(phase, SwitchOn): Transition(_press, (phase,)) for phase in _AT_REST},
    **{(phase, Charge): Transition(_charge, (phase,)) for phase in (Phase.SET_UP, *_RACE)},
    **{(phase, StopCharging): Transition(_stop_charging, (phase,)) for phase in Phase},
    **{(phase, Quarantine): Transition(_quarantine, _SETTLES.get(phase, (phase,))) for phase in Phase},
    **{(phase, Readmit): Transition(_readmit, (phase,)) for phase in (Phase.LOST, Phase.STANDING, *_RACE)},
    **{(phase, StandDown): Transition(_stand_down, (Phase.LOST,)) for phase in Phase},
    **{
        (phase, fact): Transition(
            _FACT_RULES[fact], _SETTLES.get(phase, (phase,)) if fact in _CAN_SETTLE else (phase,)
        )
        for fact in FACTS
        if fact is not Restarted
        for phase in Phase
    },
    **{(phase, Restarted): Transition(_restarted, (Phase.LOST,)) for phase in Phase},
}
"""A request missing here belongs into other phases; every fact stands in every phase."""
