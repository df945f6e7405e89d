"""What is known of cars and of the race between their sets.

A fact that no sensor has shown is UNKNOWN, and what depends on it is refused until one has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class Phase(StrEnum):
    """Where the rotation stands."""

    LOST = "lost"
    """Nothing may be taken for granted: it has just begun, or was stopped."""
    STANDING = "standing"
    """Every car is accounted for, nobody races and no race is being set up."""
    SETTING_UP = "setting up"
    SET_UP = "set up"
    """Every car of the set is connected and sends fresh data; the race may start."""
    RACING = "racing"
    DYING = "dying"
    """The set still races, and is to be swapped."""
    ENDED = "ended"
    """Its race is over and its cars are to go off."""


class Power(StrEnum):
    """Whether a car is on. OFF is only what the air confirmed: its advert is gone."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class Link(StrEnum):
    """Whether a car is connected; UP means that it sends data."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


class Charger(StrEnum):
    """Whether a car's charger feeds it, as another sensor than the switch has shown."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Car:
    """One car. `heard_s` is when it was last certainly on, `pressed_s` when its button was last pressed,
    `low` its own low-battery flag (None: not heard), `has_charged` whether it was charged since its last race,
    `quarantined` why it takes no further part."""

    identifier: int
    label: str
    set_name: str
    power: Power = Power.UNKNOWN
    link: Link = Link.UNKNOWN
    charger: Charger = Charger.UNKNOWN
    heard_s: float = -1.0
    pressed_s: float = -1.0
    low: bool | None = None
    has_charged: bool = False
    quarantined: str | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """What counts as evidence. A car is off once it was not heard for `silence_s` seconds of listening: longer
    than it may be silent while on, and than a car believes in a link that is gone (the supervision timeout).
    News older than `fresh_s` does not show that a car is awake."""

    silence_s: float = 3.0
    fresh_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Rotation:
    """Everything the interlock knows. `active` is the set that races or is to race next; `leaving` the one that
    has just raced and must be off before the other is set up."""

    cars: tuple[Car, ...]
    patience: Patience = Patience()
    phase: Phase = Phase.LOST
    active: str | None = None
    leaving: str | None = None

    def car(self, identifier: int) -> Car:
        """One car.

        Raises:
            KeyError: it belongs to neither set.
        """
        for car in self.cars:
            if car.identifier == identifier:
                return car
        raise KeyError(f"car {identifier:08x} belongs to neither set")

    def of(self, set_name: str | None) -> Iterator[Car]:
        """The cars of a set that take part."""
        return (car for car in self.cars if car.set_name == set_name and car.quarantined is None)

    def taking_part(self) -> Iterator[Car]:
        """The cars of both sets that take part."""
        return (car for car in self.cars if car.quarantined is None)

    def other(self, set_name: str | None) -> str:
        """The other set's name."""
        return next(name for name in self.set_names if name != set_name)

    @property
    def set_names(self) -> tuple[str, ...]:
        """Both names, in the order of the cars."""
        return tuple(dict.fromkeys(car.set_name for car in self.cars))

    @property
    def races(self) -> bool:
        """Whether a race is on."""
        return self.phase in {Phase.RACING, Phase.DYING}

    def with_car(self, car: Car) -> Rotation:
        """The same with what is now known of one car."""
        cars = tuple(car if car.identifier == other.identifier else other for other in self.cars)
        return replace(self, cars=cars)


def rotation_of(cars: Iterable[Car], patience: Patience | None = None) -> Rotation:
    """A rotation of which nothing is known yet.

    Raises:
        ValueError: not exactly two sets, or a car twice.
    """
    rotation = Rotation(tuple(cars), patience or Patience())
    if len(rotation.set_names) != 2:
        raise ValueError(f"a rotation needs two sets of cars, not {len(rotation.set_names)}")
    if len({car.identifier for car in rotation.cars}) != len(rotation.cars):
        raise ValueError("a car may stand in one set only, and there once")
    return rotation
