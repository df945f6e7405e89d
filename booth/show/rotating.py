"""The rotation in the show: every request put to the interlock, every fact taken in, the guided swap carried along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from booth.floor import guide
from booth.floor.steps import Advice, Sight, Step, Swap, Task
from booth.show import actions, records
from booth.show.batteries import (
    account,
    car_races_left,
    is_charged,
    is_charging,
    off_by_itself,
    races_left,
    told_empty,
    told_low,
)
from booth.show.phases import RACING
from booth.show.state import Show
from booth.show.turn import Turn
from rig.rotation import events
from rig.rotation.interlock import step
from rig.rotation.knowledge import Charger, Link, Phase, Power, Rotation

_AGAIN_S: Mapping[type[events.Request], float] = {
    events.SwitchOff: 6.0,
    events.SwitchOn: 6.0,
    events.Charge: 8.0,
    events.StopCharging: 5.0,
    events.LineUp: 1.5,
    events.StandDown: 5.0,
}
"""How long hands and relays have before the same is asked again."""
_CONNECT_S = 20.0
"""No longer than this is a car being connected without an answer."""
_PLACE, _HALT = "place", "halt"
_HALT_AGAIN_S = 3.0
_HOLDS = frozenset({Phase.SETTING_UP, Phase.SET_UP, Phase.RACING, Phase.DYING})
"""Phases in which the active set is connected."""
_LOOK_EVERY_S = 12.0


def ask(turn: Turn, request: events.Request) -> str | None:
    """Puts a request to the interlock and passes on what it grants; the sentence when it refuses."""
    before = turn.show.floor.rotation
    rotation, given = step(before, request)
    turn.floor(rotation=rotation)
    if given and isinstance(given[0], events.Refused):
        return given[0].sentence
    for action in given:
        _pass_on(turn, action)
    if isinstance(request, events.Quarantine) and before.car(request.car).quarantined is None:
        turn.write(records.CarTakenOut(request.car, request.why))
        if before.car(request.car).power is Power.OFF:
            told_empty(turn, request.car)
    elif isinstance(request, events.Readmit):
        turn.write(records.CarReadmitted(request.car, "pitboard"))
    return None


def _pass_on(turn: Turn, action: events.Action) -> None:
    floor = turn.show.floor
    match action:
        case events.Connect(car=car):
            turn.floor(connecting={**floor.connecting, car: turn.now_s})
            turn.do(actions.Connect(car))
        case events.Halt(car=car):
            _stands(turn, car)
            turn.do(actions.Halt(car))
        case events.Go(car=car):
            turn.driving(going=turn.show.driving.going | {car})
        case events.Press(car=car):
            turn.do(actions.Press(car))
        case events.SwitchCharger(car=car, on=on):
            turn.do(actions.SwitchCharger(car, on))


def sense(turn: Turn, fact: events.Fact) -> None:
    """Takes a fact in. One about a car of neither set says nothing."""
    car = getattr(fact, "car", None)
    if car is not None and car not in turn.show.labels:
        return
    rotation, _ = step(turn.show.floor.rotation, fact)
    before = turn.show.floor.rotation
    turn.floor(rotation=rotation)
    if car is None:
        _sensed_of_all(turn, fact, before)
    else:
        _sensed_of_car(turn, fact, car)


def _sensed_of_car(turn: Turn, fact: events.Fact, car: int) -> None:
    match fact:
        case events.LinkUp():
            _answered(turn, car)
            turn.floor(data_s={**turn.show.floor.data_s, car: fact.at_s})
        case events.LinkDown():
            _answered(turn, car)
            _stands(turn, car)
        case events.Heard() if fact.low is not None:
            told_low(turn, car, is_low=fact.low)
        case events.ChargerIs(charger=Charger.ON):
            turn.floor(on_track={**turn.show.floor.on_track, car: False})
        case _:
            pass
    if isinstance(fact, events.Heard | events.LinkUp):
        turn.troubles(ear_lost_s=None)


def _sensed_of_all(turn: Turn, fact: events.Fact, before: Rotation) -> None:
    if isinstance(fact, events.Listened):
        turn.floor(listening_until_s=float("-inf"), listened_s=fact.at_s)
        for car in turn.show.floor.rotation.cars:
            if car.power is Power.OFF and before.car(car.identifier).power is not Power.OFF:
                _forget_place(turn, car.identifier)
                off_by_itself(turn, car.identifier)
    elif isinstance(fact, events.EarLost):
        turn.troubles(ear_lost_s=fact.at_s)
        turn.floor(connecting={}, listening_until_s=float("-inf"))


def look_after(turn: Turn) -> None:
    """At every tick: asks of the interlock what is next, and keeps what the crew's hands are to do."""
    account(turn)
    _halt_strays(turn)
    show = turn.show
    if not show.is_open:
        turn.floor(advice=_before_opening(show))
        _look(turn, always=False)
        return
    sight = sight_of(show)
    advice = _advice(turn, sight)
    rotation = turn.show.floor.rotation
    if rotation.phase in {Phase.SET_UP, Phase.RACING, Phase.DYING} and not _prepares(turn.show):
        tended = guide.tend(rotation, turn.now_s, sight)
        advice = replace(
            advice,
            requests=(*advice.requests, *tended.requests),
            tasks=(*advice.tasks, *tended.tasks),
            listens=advice.listens or tended.listens,
        )
    for request in advice.requests:
        _ask_in_time(turn, request)
    _place(turn, advice)
    turn.floor(advice=advice)
    _look(turn, always=advice.listens)


def sight_of(show: Show) -> Sight:
    """What the guide goes by beside the rotation."""
    floor = show.floor
    let_in = frozenset(
        car.identifier
        for car in floor.rotation.cars
        if car.quarantined is not None and car.identifier not in floor.kept_out
    )
    return Sight(show.stage in RACING, floor.on_track, floor.placed, let_in, floor.limits)


def call_swap(turn: Turn, why: str, *, is_forced: bool = False) -> None:
    """Calls the swap of the set that races or is to race; nothing when one is under way."""
    floor = turn.show.floor
    if floor.swap is not None:
        turn.floor(is_forced=floor.is_forced or is_forced)
        return
    from_set = floor.rotation.active or floor.wanted
    to_set = floor.rotation.other(from_set)
    turn.write(records.SwapCalled(from_set, why))
    _begin_swap(turn, from_set, to_set, why, is_forced=is_forced)


def is_waiting_to_charge(show: Show) -> bool:
    """Whether the swap waits for the other set's batteries."""
    swap = show.floor.swap
    return (
        swap is not None
        and swap.step is Step.READY
        and not show.floor.is_forced
        and not is_charged(show, swap.to_set)
    )


def end_swap(turn: Turn) -> None:
    """The swap is over: the other set races, or the same again."""
    turn.floor(swap=None, pit_s=None, is_forced=False, since_s=turn.now_s)


def swapped(turn: Turn, swap: Swap) -> None:
    """The race is set up with the other set."""
    floor = turn.show.floor
    began_s = swap.began_s if floor.pit_s is None else floor.pit_s
    took_s = turn.now_s - began_s
    turn.write(records.SwapStepDone(swap.step.value, turn.now_s - swap.step_s))
    turn.write(records.SwapDone(swap.to_set, took_s))
    turn.floor(swaps_s=(*floor.swaps_s, took_s)[-5:], wanted=swap.to_set)
    turn.book(swaps=turn.show.book.swaps + 1)
    end_swap(turn)


def begin_again(turn: Turn, from_set: str, to_set: str, why: str) -> None:
    """Everything is made safe, and the stand is taken up anew: with another set as a swap, guided from where it is."""
    ask(turn, events.StandDown(turn.now_s))
    turn.floor(wanted=to_set, since_s=turn.now_s, asked={}, connecting={})
    end_swap(turn)
    if from_set != to_set:
        turn.write(records.SwapCalled(from_set, why))
        _begin_swap(turn, from_set, to_set, why, is_forced=True)


def _begin_swap(turn: Turn, from_set: str, to_set: str, why: str, *, is_forced: bool) -> None:
    for car in turn.show.floor.rotation.of(to_set):
        _forget_place(turn, car.identifier)
    swap = guide.begin(from_set, to_set, why, turn.now_s)
    turn.floor(swap=swap, is_forced=is_forced, placed=frozenset())


def _advice(turn: Turn, sight: Sight) -> Advice:
    show, now_s = turn.show, turn.now_s
    swap = show.floor.swap
    rotation = show.floor.rotation
    if rotation.phase in {Phase.STANDING, Phase.LOST} and swap is None:
        _choose(turn)
    if swap is None or is_waiting_to_charge(show):
        if rotation.races:
            return _mended(turn)
        wanted = rotation.active or turn.show.floor.wanted
        return guide.approach(rotation, wanted, now_s, turn.show.floor.since_s, sight)
    done = len(swap.marks)
    swap, advice = guide.advance(swap, rotation, now_s, sight)
    turn.write(*(records.SwapStepDone(step.value, took_s) for step, took_s in swap.marks[done:]))
    turn.floor(swap=swap)
    if rotation.races and swap.step is Step.READY:
        mended = _mended(turn)
        advice = replace(
            advice,
            requests=(*advice.requests, *mended.requests),
            tasks=(*advice.tasks, *mended.tasks),
            listens=advice.listens or mended.listens,
        )
    return advice


def _before_opening(show: Show) -> Advice:
    """While the show is closed no race is set up that a charger could disturb: what is empty may charge."""
    tasks = (
        Task(
            f"charge-{car.identifier:08x}",
            f"Put {car.label} on its charger",
            "Its battery is empty, or it is not heard any more",
            car.identifier,
        )
        for car in show.floor.rotation.cars
        if car.identifier in show.floor.drains and not is_charging(show, car)
        if car.power is not Power.ON or car_races_left(show, car.identifier) < 1
    )
    return Advice(tasks=tuple(tasks))


def _mended(turn: Turn) -> Advice:
    """What brings cars of the race back that lost their links."""
    rotation = turn.show.floor.rotation
    advice = Advice()
    for car in rotation.of(rotation.active):
        if car.link is not Link.UP:
            more = guide.mended(rotation, car.identifier, turn.now_s)
            advice = Advice(
                (*advice.requests, *more.requests),
                (*advice.tasks, *more.tasks),
                listens=advice.listens or more.listens or car.link is Link.UNKNOWN,
            )
    return advice


def _choose(turn: Turn) -> None:
    """Which set to begin with: not one whose cars all charge while the other's do not, nor one without a car."""
    floor = turn.show.floor
    rotation, other = floor.rotation, floor.rotation.other(floor.wanted)
    mine = list(rotation.of(floor.wanted))
    theirs = list(rotation.of(other))
    charges = mine and all(car.charger is Charger.ON for car in mine)
    is_free = theirs and not any(car.charger is Charger.ON for car in theirs)
    if (charges and is_free and races_left(turn.show, other) > 0) or (not mine and theirs):
        turn.floor(wanted=other)


def _prepares(show: Show) -> bool:
    """Whether the resting set is being made ready or is already on its way to the track."""
    swap = show.floor.swap
    return swap is not None and not is_waiting_to_charge(show) and show.floor.rotation.active != swap.to_set


def _ask_in_time(turn: Turn, request: events.Request) -> None:
    """Puts a request to the interlock unless the same was asked so lately that it may still be carried out."""
    floor = turn.show.floor
    car = getattr(request, "car", 0)
    key = (type(request).__name__, car)
    if turn.now_s - floor.asked.get(key, float("-inf")) < _AGAIN_S.get(type(request), 0.0):
        return
    if isinstance(request, events.LineUp):
        since_s = floor.connecting.get(car)
        if since_s is not None and turn.now_s - since_s < _CONNECT_S:
            return
    if ask(turn, request) is None:
        turn.floor(asked={**turn.show.floor.asked, key: turn.now_s})


def _halt_strays(turn: Turn) -> None:
    """A link that nobody may hold now is closed: one that came late, or is of a car that rests or was taken out."""
    rotation = turn.show.floor.rotation
    for car in rotation.cars:
        holds = rotation.phase in _HOLDS and car.set_name == rotation.active and car.quarantined is None
        key = (_HALT, car.identifier)
        asked_s = turn.show.floor.asked.get(key, float("-inf"))
        if car.link is Link.UP and not holds and turn.now_s - asked_s >= _HALT_AGAIN_S:
            turn.floor(asked={**turn.show.floor.asked, key: turn.now_s})
            turn.do(actions.Halt(car.identifier))


def _place(turn: Turn, advice: Advice) -> None:
    if not turn.show.has_hands:
        return
    for car, on in advice.places:
        key = (_PLACE, car)
        asked = turn.show.floor.asked
        if turn.now_s - asked.get(key, float("-inf")) >= _AGAIN_S[events.Charge]:
            turn.floor(asked={**asked, key: turn.now_s})
            turn.do(actions.PlaceOnTrack(car, on))


def _look(turn: Turn, *, always: bool) -> None:
    """Listens when somebody is to be heard of, and now and then."""
    floor = turn.show.floor
    if turn.now_s < floor.listening_until_s:
        return
    if always or turn.now_s - floor.listened_s >= _LOOK_EVERY_S:
        seconds = floor.limits.listen_s
        turn.floor(listening_until_s=turn.now_s + 2.0 * seconds + 2.0, listened_s=turn.now_s)
        turn.do(actions.Listen(seconds))


def _stands(turn: Turn, car: int) -> None:
    """A car that is not connected is driven by nobody."""
    driving = turn.show.driving
    turn.driving(going=driving.going - {car}, wishes=_without(driving.wishes, car))


def _forget_place(turn: Turn, car: int) -> None:
    """A car that is off, or was charging, may have been carried anywhere since it last said where it stands."""
    turn.floor(on_track=_without(turn.show.floor.on_track, car))


def _answered(turn: Turn, car: int) -> None:
    if car in turn.show.floor.connecting:
        turn.floor(connecting=_without(turn.show.floor.connecting, car))


def _without(values: Mapping[int, object], car: int) -> dict[int, object]:
    return {key: value for key, value in values.items() if key != car}
