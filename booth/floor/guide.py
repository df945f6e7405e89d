"""The swap guided step by step: what to ask of the interlock next, and what the crew's hands do now.

    last race ends -> each car of the dying set off, its advert gone -> off the track, the other set on it and on
    -> a race is set up, all of it connected with fresh data -> ONLY NOW the dying set on its chargers

Pure: `advance(swap, rotation, now_s, sight)` looks at what is known and says what to do; it is asked again after
every fact. Whoever does it puts the requests to the interlock, which grants or refuses. A step that waits for hands
beyond its time goes on without the cars that hold it up, as long as one is left.
"""

from __future__ import annotations

from dataclasses import replace

from booth.floor.asks import Asks
from booth.floor.steps import STEPS, Advice, Sight, Step, Swap
from rig.rotation.events import CallDying, EndRace, Readmit, SetUp, StandDown, Start, TakeUp
from rig.rotation.knowledge import Car, Charger, Link, Phase, Power, Rotation
from rig.rotation.reasons import reasons_against

Advised = tuple[Swap, Advice]


def begin(from_set: str, to_set: str, why: str, now_s: float) -> Swap:
    """A swap that is called now."""
    return Swap(from_set, to_set, why, now_s, step_s=now_s)


def advance(swap: Swap, state: Rotation, now_s: float, sight: Sight) -> Advised:
    """What a swap does next. It is over for visitors once the next race is set up; `tend` does the rest."""
    asks = Asks(state, now_s)
    step = _step_of(swap, state, sight)
    swap = entered(swap, step, now_s)
    if state.phase is Phase.LOST:
        _take_up(asks, swap.to_set, sight)
        return swap, asks.advice()
    if state.phase is Phase.STANDING:
        return swap, Advice((SetUp(now_s, swap.to_set),))
    match step:
        case Step.READY:
            swap = _ready(swap, asks, sight)
        case Step.OFF:
            _off(swap, asks, sight)
        case Step.TRACK | Step.SET_UP:
            return swap, _set_up(swap, asks, sight)
        case _:
            return swap, asks.advice(is_over=True)
    return swap, asks.advice()


def entered(swap: Swap, step: Step, now_s: float) -> Swap:
    """The swap in this step; what is left of the steps before is done."""
    if step is swap.step:
        return swap
    marks = swap.marks
    if STEPS.index(step) > STEPS.index(swap.step):
        marks = (*marks, (swap.step, now_s - swap.step_s))
    return replace(swap, step=step, step_s=now_s, waits_s=None, marks=marks)


def approach(state: Rotation, set_name: str, now_s: float, since_s: float, sight: Sight) -> Advice:
    """What leads from nothing known to a race set up with a set, or keeps one set up: after a start, after a fault,
    between races. `since_s` is when that began; `is_over` once the race may start."""
    asks = Asks(state, now_s)
    if state.phase is Phase.LOST:
        _take_up(asks, set_name, sight)
    elif state.phase is Phase.STANDING:
        asks.requests.append(SetUp(now_s, set_name))
    elif state.phase in {Phase.SETTING_UP, Phase.SET_UP}:
        return _lined_up(asks, sight, since_s)
    return asks.advice(is_over=state.races)


def tend(state: Rotation, now_s: float, sight: Sight) -> Advice:
    """What is done for the set that rests while the other races: what is off charges, what is on and should not be
    goes off, and cars that only circumstances took out take part again once they can."""
    asks = Asks(state, now_s)
    for car in state.cars:
        if car.set_name == state.active or state.active is None:
            continue
        if car.quarantined is None:
            asks.charge(car)
        elif car.identifier in sight.let_in:
            _let_in(asks, car)
    return asks.advice()


def mended(state: Rotation, car: int, now_s: float) -> Advice:
    """What brings back a car of the race that lost its link."""
    asks = Asks(state, now_s)
    asks.line_up(state.car(car), "It dropped out of the race")
    return asks.advice()


def _step_of(swap: Swap, state: Rotation, sight: Sight) -> Step:
    match state.phase:
        case Phase.ENDED:
            return Step.OFF
        case Phase.SETTING_UP | Phase.SET_UP if state.active == swap.to_set:
            return Step.SET_UP if is_placed(swap.to_set, state, sight) else Step.TRACK
        case Phase.RACING if state.active == swap.to_set:
            return Step.CHARGE
        case _:
            return Step.READY


def is_placed(set_name: str, state: Rotation, sight: Sight) -> bool:
    """Whether a set stands on the track: each of its cars says so, or the crew has ticked it and none denies it."""
    said = [sight.on_track.get(car.identifier) for car in state.of(set_name)]
    return all(said) or (set_name in sight.placed and False not in said)


def _ready(swap: Swap, asks: Asks, sight: Sight) -> Swap:
    """B awake while A may still race; then A's race is ended for the swap."""
    state, now_s = asks.state, asks.now_s
    if state.phase is Phase.RACING:
        asks.requests.append(CallDying(now_s))
    cars = list(state.of(swap.to_set))
    why = f"Set {swap.to_set} races next"
    for car in state.cars:
        if car.set_name == swap.to_set and car.identifier in sight.let_in and car.quarantined is not None:
            _let_in(asks, car, why)
    fresh_s = now_s - state.patience.fresh_s + sight.limits.listen_s
    late = [car for car in cars if not asks.awake(car, why, fresh_s) or car.low]
    swap = _waits(swap, now_s, is_waiting=not sight.is_racing)
    is_overdue = swap.waits_s is not None and now_s - swap.waits_s >= sight.limits.ready_s
    if late and is_overdue and len(late) < len(cars):
        for car in late:
            asks.take_out(car, "its battery is low" if car.low else _held_up(car))
    if not late and cars and not sight.is_racing and state.phase is Phase.DYING:
        asks.requests.append(EndRace(now_s))
    if state.phase in {Phase.SETTING_UP, Phase.SET_UP} and state.active == swap.from_set:
        # called between two races: only a race that is on can be ended, so it is begun and nobody drives
        _begun(asks, sight, swap.step_s)
    return swap


def _begun(asks: Asks, sight: Sight, since_s: float) -> None:
    cars = list(asks.state.of(asks.state.active))
    away = [car for car in cars if car.link is not Link.UP]
    if cars and not away:
        asks.requests.append(Start(asks.now_s))
    elif len(away) < len(cars):
        for car in away:
            asks.take_out(car, "it was not connected when its set was swapped")
    elif not cars or asks.now_s - since_s >= sight.limits.line_up_s:
        # nothing of the set is left to end a race with: everything is made safe and the other set is taken up
        asks.requests.append(StandDown(asks.now_s))


def _off(swap: Swap, asks: Asks, sight: Sight) -> None:
    state = asks.state
    cars = [car for car in state.of(swap.from_set) if car.power is not Power.OFF or car.charger is Charger.ON]
    is_overdue = asks.now_s - swap.step_s >= sight.limits.off_s
    for car in cars:
        if is_overdue:
            why = "it was not disconnected" if car.link is not Link.DOWN else "nobody could confirm it is off"
            asks.take_out(car, f"{why} within {sight.limits.off_s:g} s")
        elif car.link is Link.DOWN:
            asks.off(car, f"Set {swap.from_set} must be off before set {swap.to_set} is set up")
        else:
            asks.listens = True
    for car in state.cars:
        if car.set_name == swap.from_set and car.quarantined is not None:
            asks.aside(car)
    for car in state.of(swap.to_set):
        asks.awake(car, f"Set {swap.to_set} races next", asks.now_s - state.patience.fresh_s)
    if not cars:
        asks.requests.append(SetUp(asks.now_s, swap.to_set))


def _set_up(swap: Swap, asks: Asks, sight: Sight) -> Advice:
    state = asks.state
    for car in state.of(swap.from_set):
        if car.charger is Charger.ON and state.phase is Phase.SETTING_UP:
            asks.off_charger(car, f"Too early: no race is set up with set {swap.to_set} yet")
    placed = is_placed(swap.to_set, state, sight)
    if not placed:
        asks.place(swap.to_set, swap.from_set)
    advice = _lined_up(asks, sight, swap.step_s if placed else asks.now_s, sight.limits.set_up_s)
    return replace(advice, is_over=advice.is_over and placed)


def _lined_up(asks: Asks, sight: Sight, since_s: float, limit_s: float | None = None) -> Advice:
    """All of a set connected. A car that does not come within the limit is gone on without."""
    state, now_s = asks.state, asks.now_s
    strays = [car for car in state.of(state.leaving) if _is_stray(car)]
    for car in strays:
        asks.off(car, f"It is of the wrong set: set {state.leaving} rests")
    cars = list(state.of(state.active))
    away = [car for car in cars if car.link is not Link.UP]
    charging = [car for car in cars if car.link is Link.UP and car.charger is not Charger.OFF]
    for car in charging:
        asks.off_charger(car, "Its set is to race")
    is_overdue = now_s - since_s >= (sight.limits.line_up_s if limit_s is None else limit_s)
    if is_overdue and 0 < len(away) < len(cars) and not strays:
        for car in away:
            asks.take_out(car, _held_up(car))
    elif not strays:
        for car in away:
            asks.line_up(car, f"Set {state.active} is to race")
    is_over = state.phase is Phase.SET_UP and not (strays or charging)
    return asks.advice(is_over=is_over)


def _take_up(asks: Asks, set_name: str, sight: Sight) -> None:
    """From nothing known: the air is listened to, and what no sensor shows is asked of the crew."""
    state, now_s = asks.state, asks.now_s
    for car in state.cars:
        if car.quarantined is not None:
            continue
        if car.charger is Charger.UNKNOWN:
            asks.off_charger(car, "")
        if car.power is Power.UNKNOWN or car.link is not Link.DOWN:
            asks.listens = True
    for car in state.of(set_name):
        asks.awake(car, f"Set {set_name} races first", float("-inf"))
    for car in state.cars:
        if car.set_name == set_name and car.identifier in sight.let_in and car.quarantined is not None:
            _let_in(asks, car, f"Set {set_name} races first")
    asks.requests.append(TakeUp(now_s, set_name))


def _let_in(asks: Asks, car: Car, why: str = "") -> None:
    """Lets a car take part again once it is awake, or off with the set that rests; `why` it is wanted awake now."""
    request = Readmit(asks.now_s, car.identifier)
    if car.low or car.link is not Link.DOWN:
        return
    if why and not asks.awake(car, why, float("-inf")):
        return
    if car.power is Power.UNKNOWN:
        asks.listens = True
    elif not reasons_against(asks.state, request):
        asks.requests.append(request)


def _waits(swap: Swap, now_s: float, *, is_waiting: bool) -> Swap:
    if not is_waiting:
        return replace(swap, waits_s=None)
    return swap if swap.waits_s is not None else replace(swap, waits_s=now_s)


def _is_stray(car: Car) -> bool:
    return car.power is not Power.OFF and car.charger is not Charger.ON and not car.has_charged


def _held_up(car: Car) -> str:
    if car.charger is Charger.ON:
        return "it was left on its charger"
    if car.charger is Charger.UNKNOWN:
        return "nobody confirmed that it is off its charger"
    if car.power is Power.OFF:
        return "it was not switched on"
    return "it could not be connected" if car.power is Power.ON else "it was not heard"
