"""Why a request is refused: one function per request, returning every reason that stands in its way.

Each reason names the cars and says what to do about them, because a person on the stand reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rig.rotation.events import (
    Charge,
    Drive,
    EndRace,
    LineUp,
    Readmit,
    Reason,
    Request,
    SetUp,
    Start,
    SwitchOff,
    SwitchOn,
    TakeStock,
    TakeUp,
)
from rig.rotation.knowledge import Car, Charger, Link, Phase, Power, Rotation

Reasons = Iterator[Reason]


def reasons_against(state: Rotation, request: Request) -> tuple[Reason, ...]:
    """Every reason to refuse a request that its phase would allow; empty: it is granted."""
    guard = _GUARDS.get(type(request))
    return () if guard is None else tuple(guard(state, request))


def wrong_time(state: Rotation, allowed: Iterable[Phase]) -> Reason:
    """The reason when a request does not belong into this phase."""
    phases = ", ".join(phase.value for phase in Phase if phase in set(allowed))
    now = _NOW[state.phase].format(state.active or state.leaving)
    return Reason(f"{now}; that belongs where the rotation is {phases}")


_NOW = {
    Phase.LOST: "nothing is known of the cars yet",
    Phase.STANDING: "no race is being set up",
    Phase.SETTING_UP: "the race with set {} is not set up yet",
    Phase.SET_UP: "the race with set {} is set up and not started",
    Phase.RACING: "set {} is racing",
    Phase.DYING: "set {} is dying and still racing",
    Phase.ENDED: "the race of set {} has ended and its cars are going off",
}


def _take_stock(state: Rotation, _: Request) -> Reasons:
    cars = list(state.taking_part())
    yield from _linked(cars)
    yield from _about(cars, Charger.UNKNOWN, _CHARGER_UNKNOWN)
    yield from _about(cars, Charger.ON, "the charger of {names} is on: switch it off first")
    yield from _about(cars, Power.UNKNOWN, _POWER_UNKNOWN)


def _take_up(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, TakeUp)
    if not any(True for _ in state.of(request.set_name)):
        yield Reason(f"set {request.set_name} has no car left that takes part")
    yield from _linked(list(state.taking_part()))
    resting = list(state.of(state.other(request.set_name)))
    yield from _about(resting, Charger.UNKNOWN, _CHARGER_UNKNOWN)
    asleep = [car for car in resting if car.charger is not Charger.ON]
    yield from _about(asleep, Power.UNKNOWN, _POWER_UNKNOWN)


def _set_up(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, SetUp)
    if not any(True for _ in state.of(request.set_name)):
        yield Reason(f"set {request.set_name} has no car left that takes part")
    if request.set_name == state.leaving:
        return  # the set that has just raced goes on, because the other cannot
    if state.leaving is not None:
        yield from _not_off(state)
    yield from _linked(list(state.of(state.other(request.set_name))))


def _line_up(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, LineUp)
    car = state.car(request.car)
    if car.set_name != state.active:
        yield Reason(
            f"it belongs to set {car.set_name}, and set {state.active} is to race", (car.identifier,)
        )
    yield from _quarantined(car)
    yield from _about([car], Charger.ON, "its charger is on: switch it off first")
    yield from _about([car], Charger.UNKNOWN, "its meter has not shown its charger off: check its bay")
    yield from _about([car], Power.OFF, "it is off: switch it on first")
    yield from _about([car], Power.UNKNOWN, "nobody knows whether it is on: listen for it first")
    yield from _woken_again(state)


def _start(state: Rotation, _: Request) -> Reasons:
    yield from _chargers_on_track(state)
    yield from _woken_again(state)


def _drive(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, Drive)
    car = state.car(request.car)
    if car.set_name != state.active:
        yield Reason(f"it rests: set {state.active} is racing", (car.identifier,))
    yield from _quarantined(car)
    if car.link is not Link.UP:
        yield Reason("it is not connected", (car.identifier,))
    if car.charger is not Charger.OFF:
        yield Reason("its charger is not known to be off", (car.identifier,))


def _end_race(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, EndRace)
    other = state.other(state.active)
    cars = list(state.of(other))
    if not cars:
        yield Reason(f"set {other} has no car left to take over")
    yield from _about(cars, Charger.ON, "the charger of {names} is still on: switch it off first")
    yield from _about(cars, Charger.UNKNOWN, _CHARGER_UNKNOWN)
    yield from _about(cars, Power.OFF, "{are} off: switch on and wait for the advert")
    yield from _about(cars, Power.UNKNOWN, _POWER_UNKNOWN)
    stale_s = request.at_s - state.patience.fresh_s
    silent = [car for car in cars if car.power is Power.ON and car.heard_s < stale_s]
    if silent:
        yield Reason(f"{_are(silent)} not heard for {state.patience.fresh_s:g} s: listen again", _ids(silent))
    low = [car for car in cars if car.low]
    if low:
        yield Reason(f"{_are(low)} low on battery: charge longer, or leave it out", _ids(low))


def _switch_off(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, SwitchOff)
    car = state.car(request.car)
    if state.races and car.set_name == state.active and car.quarantined is None:
        yield Reason("it is racing: end the race first", (car.identifier,))
    elif state.phase in {Phase.SETTING_UP, Phase.SET_UP} and car.set_name == state.active:
        yield Reason("its race is being set up", (car.identifier,))
    yield from _about([car], Link.UP, "it is still connected: disconnect it first")
    yield from _about([car], Link.UNKNOWN, "nobody knows whether it is still connected")
    yield from _about([car], Power.OFF, "it is off already, and a press would switch it on")
    yield from _about(
        [car], Power.UNKNOWN, "nobody knows whether it is on, and a press toggles: listen first"
    )
    yield from _about([car], Charger.ON, "its charger is on and would wake it again: switch that off first")
    if state.phase is Phase.ENDED and car.set_name == state.leaving:
        other = state.other(state.leaving)
        if not any(mate.power is Power.ON for mate in state.of(other)):
            yield Reason(f"no car of set {other} is known to be on, and both sets off would leave no race")


def _switch_on(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, SwitchOn)
    car = state.car(request.car)
    yield from _quarantined(car)
    if car.set_name == state.leaving and state.phase is not Phase.STANDING and not state.races:
        yield Reason(f"set {car.set_name} is to stay off until the next race is on", (car.identifier,))
    yield from _about([car], Power.ON, "it is on already, and a press would switch it off")
    yield from _about(
        [car], Power.UNKNOWN, "nobody knows whether it is on, and a press toggles: listen first"
    )


def _charge(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, Charge)
    car = state.car(request.car)
    yield from _quarantined(car)
    if car.set_name == state.active:
        yield Reason(f"set {car.set_name} is racing: no charger is on while its set races", (car.identifier,))
    racing = list(state.of(state.active))
    unsure = [mate for mate in racing if mate.link is Link.UNKNOWN]
    if unsure:
        yield Reason(f"nobody knows whether {_are(unsure)} connected: confirm the race first", _ids(unsure))
    elif not any(mate.link is Link.UP for mate in racing):
        yield Reason(f"no car of set {state.active} is connected, so no race is up")
    yield from _about([car], Link.UP, "it is still connected: disconnect it first")
    yield from _about([car], Link.UNKNOWN, "nobody knows whether it is still connected")
    if not car.has_charged:
        yield from _about([car], Power.ON, "it is still advertising: switch it off before it is charged")
        yield from _about([car], Power.UNKNOWN, "nobody has confirmed that it is off: listen for it first")


def _readmit(state: Rotation, request: Request) -> Reasons:
    assert isinstance(request, Readmit)
    car = state.car(request.car)
    if car.set_name == state.active:
        yield Reason(f"set {car.set_name} is racing: wait until it rests", (car.identifier,))
    yield from _about([car], Link.UP, "it is still connected: disconnect it first")
    yield from _about([car], Link.UNKNOWN, "nobody knows whether it is still connected")
    yield from _about([car], Charger.ON, "its charger is on: switch it off first")
    yield from _about([car], Charger.UNKNOWN, "its meter has not shown its charger off: check its bay")
    yield from _about([car], Power.UNKNOWN, "nobody knows whether it is on: listen for it first")


_CHARGER_UNKNOWN = "no meter has shown the charger of {names} off: check the bay"
_POWER_UNKNOWN = "nobody knows whether {are} on: listen first"


def _linked(cars: list[Car]) -> Reasons:
    yield from _about(
        cars, Link.UNKNOWN, "nobody knows whether {are} still connected: close every link first"
    )
    yield from _about(cars, Link.UP, "{are} still connected: disconnect first")


def _not_off(state: Rotation) -> Reasons:
    """The set that has just raced must be off, all of it, confirmed."""
    cars = list(state.of(state.leaving))
    then = f"before set {state.other(state.leaving)} is set up"
    yield from _about(cars, Power.ON, f"{{are}} still advertising: switch off {then}")
    yield from _about(cars, Power.UNKNOWN, f"nobody has confirmed that {{are}} off: listen {then}")


def _woken_again(state: Rotation) -> Reasons:
    """A car of the set that has left is on again, and no charger woke it."""
    cars = [car for car in state.of(state.leaving) if car.charger is not Charger.ON and not car.has_charged]
    if state.phase in {Phase.SETTING_UP, Phase.SET_UP}:
        words = f"{{are}} on and of the wrong set: set {state.leaving} rests, switch off first"
        yield from _about(cars, Power.ON, words)
        yield from _about(cars, Power.UNKNOWN, "nobody knows whether {are} off: listen first")


def _chargers_on_track(state: Rotation) -> Reasons:
    racing = list(state.of(state.active))
    yield from _about(racing, Charger.ON, "the charger of {names} is on: switch it off first")
    yield from _about(racing, Charger.UNKNOWN, _CHARGER_UNKNOWN)


def _quarantined(car: Car) -> Reasons:
    if car.quarantined is not None:
        yield Reason(f"it was taken out: {car.quarantined}", (car.identifier,))


def _about(cars: Iterable[Car], value: Power | Link | Charger, words: str) -> Reasons:
    """One reason that names all the cars of which this is known: `{names}` is "A and B", `{are}` "A and B are"."""
    named = [car for car in cars if value is _VALUE[type(value)](car)]
    if named:
        yield Reason(words.format(names=_names(named), are=_are(named)), _ids(named))


_VALUE: dict[type[Power | Link | Charger], Callable[[Car], object]] = {
    Power: lambda car: car.power,
    Link: lambda car: car.link,
    Charger: lambda car: car.charger,
}


def _are(cars: list[Car]) -> str:
    return f"{_names(cars)} {'is' if len(cars) == 1 else 'are'}"


def _names(cars: list[Car]) -> str:
    *first, last = [car.label for car in cars]
    return f"{', '.join(first)} and {last}" if first else last


def _ids(cars: Iterable[Car]) -> tuple[int, ...]:
    return tuple(car.identifier for car in cars)


_GUARDS: dict[type[Request], Callable[[Rotation, Request], Reasons]] = {
    TakeStock: _take_stock,
    TakeUp: _take_up,
    SetUp: _set_up,
    LineUp: _line_up,
    Start: _start,
    Drive: _drive,
    EndRace: _end_race,
    SwitchOff: _switch_off,
    SwitchOn: _switch_on,
    Charge: _charge,
    Readmit: _readmit,
}
