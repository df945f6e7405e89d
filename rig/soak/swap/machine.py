"""What to ask of the interlock next: a swap step by step, the way into a race, and tending the set that rests.

Pure: `advance(swap, rotation, now_s)` looks at what is known and says what to do; whoever does it feeds the facts to
the interlock and asks again. Nothing here may decide that a step is safe: the interlock does, and what it refuses is
written down and tried again with better facts, until the step's time is up and the cars that hold it up are named
and taken out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from rig.rotation.events import EndRace, LineUp, SetUp, StandDown, Start, TakeStock
from rig.rotation.knowledge import Car, Charger, Link, Phase, Power, Rotation
from rig.soak.swap.steps import Ask, Blame, Done, Listen, Step
from rig.soak.swap.work import (
    CHARGE,
    LINE_UP,
    LISTEN,
    READMIT,
    STOP_CHARGING,
    SWITCH_OFF,
    SWITCH_ON,
    Doing,
    Work,
    counted,
    entered,
    taken_out,
    tried,
)

Next = tuple[Work, tuple[Ask, ...]]


def advance(work: Work, state: Rotation, now_s: float) -> Next:
    """What a swap does next; never empty. The swap was called (`CallDying`) before."""
    step = _step_of(work, state)
    if step is None:
        return work, (Done("whoever watched was away"),)
    work = entered(work, step, now_s)
    broken = _faulty(work, state, now_s)
    if broken[1]:
        return broken
    return _STEPS[step](work, state, now_s)


def progressed(work: Work, state: Rotation, now_s: float) -> Work:
    """The swap in the step that what is known puts it in, so that what is done next counts there."""
    step = _step_of(work, state)
    return work if step is None else entered(work, step, now_s)


def approach(work: Work, state: Rotation, now_s: float) -> Next:
    """What leads from nothing known to a race of `work.to_set`; Done once it races."""
    broken = _faulty(work, state, now_s)
    if broken[1]:
        return broken
    match state.phase:
        case Phase.LOST:
            return _take_stock(work, state, now_s)
        case Phase.STANDING:
            return work, (SetUp(now_s, work.to_set),)
        case Phase.SETTING_UP | Phase.SET_UP:
            if work.step is not Step.SET_UP:
                work = replace(work, step=Step.SET_UP, step_s=now_s)
            return _set_up(work, state, now_s)
        case _:
            return work, (Done(),)


def tend(work: Work, state: Rotation, now_s: float, readmit: frozenset[int]) -> Next:
    """What to do for the set that rests while the other races: cars of `readmit` that were taken out may take part
    again, and what is off charges. Done when nothing is left to do, or its time is up."""
    if not state.races or now_s - work.step_s >= work.limits.charge_s + work.limits.off_s:
        return work, (Done(),)
    asks: list[Ask] = []
    listen = False
    for car in state.cars:
        if car.set_name == state.active or (car.quarantined is not None and car.identifier not in readmit):
            continue
        doing = _next_for_resting(car)
        if doing == "listen":
            listen = True
        elif doing is not None and car.identifier not in work.faulty:
            work, more = tried(work, doing, car, now_s)
            asks += more
    if not asks and not listen:
        return work, (Done(),)
    return work, (*asks, Listen(work.limits.listen_s))


def _step_of(work: Work, state: Rotation) -> Step | None:
    match state.phase:
        case Phase.DYING:
            return Step.READY
        case Phase.ENDED:
            linked = any(car.link is not Link.DOWN for car in state.of(work.from_set))
            return Step.END if linked else Step.OFF
        case Phase.SETTING_UP | Phase.SET_UP:
            return Step.SET_UP
        case Phase.RACING:
            return Step.CHARGE
        case _:
            return None


def _faulty(work: Work, state: Rotation, now_s: float) -> Next:
    asks: list[Ask] = []
    for identifier, words in work.faulty.items():
        car = state.car(identifier)
        if car.quarantined is None:
            work, out = taken_out(work, car, Blame.BAY, words, now_s)
            asks += out
    return work, tuple(asks)


def _ready(work: Work, state: Rotation, now_s: float) -> Next:
    cars = list(state.of(work.to_set))
    if not cars:
        return work, (Done(f"set {work.to_set} has no car left to take over"),)
    fresh_s = now_s - state.patience.fresh_s + work.limits.listen_s

    def missing(car: Car) -> str:
        if car.power is not Power.ON or car.heard_s < fresh_s:
            return _UNHEARD
        return _LOW if car.low else ""

    work, asks, waits = _prepared(work, cars, missing, now_s)
    if not asks and not waits:
        return work, (EndRace(now_s),)
    return _with_look(work, asks)


def _prepared(
    work: Work, cars: list[Car], missing: Callable[[Car], str], now_s: float
) -> tuple[Work, list[Ask], bool]:
    """Asks that bring cars off their chargers and on; whether some are `missing` something that only time gives."""
    asks: list[Ask] = []
    waits = False
    overdue = now_s - work.step_s >= work.limits.of(work.step)
    for car in cars:
        lacks = missing(car)
        if car.charger is not Charger.OFF:
            work, more = tried(work, STOP_CHARGING, car, now_s)
        elif lacks == _LOW or (lacks and overdue):
            why = lacks if lacks == _LOW else f"{lacks} within {work.limits.of(work.step):g} s"
            work, more = taken_out(work, car, Blame.CAR, f"{car.label}: {why}", now_s)
        elif car.power is Power.OFF:
            work, more = tried(work, SWITCH_ON, car, now_s)
        elif lacks:
            work, more, waits = counted(work, LISTEN, car, now_s), [], True
        else:
            continue
        asks += more
    return work, asks, waits


def _end(work: Work, state: Rotation, now_s: float) -> Next:
    if now_s - work.step_s < work.limits.off_s:
        return work, (Listen(work.limits.listen_s),)
    asks: list[Ask] = []
    for car in state.of(work.from_set):
        if car.link is not Link.DOWN:
            why = f"{car.label}: it was not disconnected within {work.limits.off_s:g} s"
            work, out = taken_out(work, car, Blame.CAR, why, now_s)
            asks += out
    return work, tuple(asks)


def _off(work: Work, state: Rotation, now_s: float) -> Next:
    cars = [car for car in state.of(work.from_set) if car.power is not Power.OFF]
    if not cars:
        return work, (SetUp(now_s, work.to_set),)
    return _put_off(work, cars, now_s)


def _put_off(work: Work, cars: list[Car], now_s: float) -> Next:
    """Switches cars off that are on, and listens for those of which nobody knows."""
    asks: list[Ask] = []
    overdue = now_s - work.step_s >= work.limits.of(work.step)
    for car in cars:
        if overdue:
            why = f"{car.label}: nobody could confirm that it is off within {work.limits.of(work.step):g} s"
            work, more = taken_out(work, car, Blame.CAR, why, now_s)
        elif car.charger is not Charger.OFF:
            work, more = tried(work, STOP_CHARGING, car, now_s)
        elif car.power is Power.ON:
            work, more = tried(work, SWITCH_OFF, car, now_s)
        else:
            work, more = counted(work, LISTEN, car, now_s), []
        asks += more
    return _with_look(work, asks)


def _set_up(work: Work, state: Rotation, now_s: float) -> Next:
    cars = list(state.of(work.to_set))
    if not cars:
        return work, (StandDown(now_s), Done(f"set {work.to_set} has no car left to race with"))
    strays = [
        car
        for car in state.of(state.leaving)
        if car.power is not Power.OFF and car.charger is not Charger.ON and not car.has_charged
    ]
    if strays:
        work, puts_off = _put_off(work, strays, now_s)
        # asked all the same, so that the refusal is on record before anything is done about it
        wanted = next((car for car in cars if car.link is not Link.UP), None)
        return work, ((Start(now_s) if wanted is None else LineUp(now_s, wanted.identifier)), *puts_off)
    if state.phase is Phase.SET_UP:
        return work, (Start(now_s),)
    away = [car for car in cars if car.link is not Link.UP]
    work, asks, waits = _prepared(work, away, _if_unheard, now_s)
    if asks or waits:
        return _with_look(work, asks)
    for car in away:
        work, more = tried(work, LINE_UP, car, now_s)
        asks += more
    return work, tuple(asks)


def _if_unheard(car: Car) -> str:
    return "" if car.power is Power.ON else _UNHEARD


def _charge(work: Work, state: Rotation, now_s: float) -> Next:
    cars = [car for car in state.of(work.from_set) if car.charger is not Charger.ON]
    if not cars:
        return work, (Done(),)
    asks: list[Ask] = []
    overdue = now_s - work.step_s >= work.limits.charge_s
    listen = False
    for car in cars:
        if overdue:
            work, more = taken_out(work, car, Blame.BAY, f"{car.label}: its charger did not come on", now_s)
        elif (doing := _next_for_resting(car)) is None or doing == "listen":
            work, more, listen = counted(work, LISTEN, car, now_s), [], True
        else:
            work, more = tried(work, doing, car, now_s)
            listen = listen or doing is SWITCH_OFF
        asks += more
    return _with_look(work, asks) if listen else (work, tuple(asks))


def _take_stock(work: Work, state: Rotation, now_s: float) -> Next:
    asks: list[Ask] = []
    unsure = False
    overdue = now_s - work.step_s >= work.limits.ready_s
    for car in state.taking_part():
        if car.charger is not Charger.OFF:
            work, more = tried(work, STOP_CHARGING, car, now_s)
            asks += more
        elif car.power is Power.UNKNOWN or car.link is not Link.DOWN:
            unsure = True
    if not any(True for _ in state.of(work.to_set)):
        return work, (*asks, Done(f"set {work.to_set} has no car left to race with"))
    if asks:
        return work, (*asks, Listen(work.limits.listen_s))
    if unsure and overdue:
        return work, (Done("nobody is heard at all: switch one car on by hand, or check the radio"),)
    return work, ((Listen(work.limits.listen_s),) if unsure else (TakeStock(now_s),))


_UNHEARD = "it was not heard"
_LOW = "its battery is low"


def _next_for_resting(car: Car) -> Doing | Literal["listen"] | None:
    """What brings a car of the resting set onto its charger; None when it is there."""
    doing: Doing | Literal["listen"] | None
    if car.charger is Charger.UNKNOWN or (car.charger is Charger.ON and car.quarantined is not None):
        doing = STOP_CHARGING
    elif car.charger is Charger.ON:
        doing = None
    elif car.link is not Link.DOWN or car.power is Power.UNKNOWN:
        doing = "listen"
    elif car.quarantined is not None:
        doing = READMIT
    elif car.power is Power.ON and not car.has_charged:
        doing = SWITCH_OFF
    else:
        doing = CHARGE
    return doing


def _with_look(work: Work, asks: list[Ask]) -> Next:
    return work, (*asks, Listen(work.limits.listen_s))


_STEPS: dict[Step, Callable[[Work, Rotation, float], Next]] = {
    Step.READY: _ready,
    Step.END: _end,
    Step.OFF: _off,
    Step.SET_UP: _set_up,
    Step.CHARGE: _charge,
}
