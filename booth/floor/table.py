"""The crew's car table: what is wrong with a car in one letter with its reason, and the state of a set in one word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from rig.rotation.knowledge import Car, Charger, Link, Phase, Power, Rotation

LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "Q": "taken out of the show",
        "M": "connected although its set rests",
        "C": "on its charger although its set races",
        "W": "on although the other set is to race",
        "L": "low on battery",
        "S": "silent",
    }
)
"""Each letter, the gravest first."""


class Mark(NamedTuple):
    """A letter, "" for none, and what it means for this car."""

    letter: str = ""
    words: str = ""


def mark_of(state: Rotation, car: Car, *, is_preparing: bool = False) -> Mark:
    """The gravest thing that is wrong with a car; `is_preparing`: a swap has been called, so that the resting set is to
    be awake."""
    is_active = state.active is not None and car.set_name == state.active
    rests = state.active is not None and not is_active
    silent = is_active and car.link is not Link.UP and car.power is not Power.ON
    holds = {
        "Q": car.quarantined is not None,
        "M": rests and car.link is Link.UP,
        "C": is_active and car.charger is Charger.ON,
        "W": rests and not is_preparing and _is_awake(car),
        "L": bool(car.low),
        "S": silent,
    }
    letter = next((letter for letter in LETTERS if holds[letter]), "")
    return Mark(letter, _WORDS[letter].format(why=car.quarantined, own=car.set_name, other=state.active))


def set_state(state: Rotation, set_name: str, *, is_charged: bool) -> str:
    """racing, dying, off, charging, ready or unknown. `is_charged`: its forecast allows a race."""
    cars = list(state.of(set_name))
    if not cars or (state.phase is Phase.LOST and any(car.power is Power.UNKNOWN for car in cars)):
        return "unknown"
    if set_name == state.active:
        return _ACTIVE.get(state.phase, "unknown")
    if any(car.charger is Charger.ON for car in cars):
        return "ready" if is_charged else "charging"
    if all(car.power is Power.OFF for car in cars):
        return "off"
    if any(car.power is Power.UNKNOWN for car in cars):
        return "unknown"
    return "ready" if is_charged else "off"


_ACTIVE = {Phase.RACING: "racing", Phase.DYING: "dying", Phase.SET_UP: "ready"}
_WORDS = {
    "": "",
    "Q": "Taken out: {why}",
    "M": "Its set rests but it is connected: set {other} races",
    "C": "It is on its charger while set {own} is to race: take it off",
    "W": "It is on and of the wrong set: set {own} rests, switch it off",
    "L": "Its battery is low: it needs its charger before its next race",
    "S": "It is not heard: is it on, and on the track?",
}


def _is_awake(car: Car) -> bool:
    return (
        car.power is Power.ON
        and car.link is not Link.UP
        and car.charger is not Charger.ON
        and not car.has_charged
    )
