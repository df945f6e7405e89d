"""What a bench can do for a test. A bench declares it, a test asks for it; what is not declared is not run."""

from __future__ import annotations

from enum import Enum

import pytest


class Ability(Enum):
    """One thing that some benches can do and others cannot; the value says it to people."""

    VIRTUAL_TIME = "let minutes pass at no cost"
    WRAP_BACKEND = "put a wrapper around the bleak backend"
    CAR_SIDE = "look at a car from its own side and make it speak"
    CHOOSE_PDUS = "decide which advertising PDUs the adapter hears"
    ODD_NAMES = "give a car any bytes as its name"
    SILENCE = "take a car off the air and put it back"
    ANY_FRAME = "send a car frames that a real one must never get"
    KNOWS_WORLD = "inject the faults of a simulated world"
    MONIKER = "be opened by its name, as a user opens a radio"
    ORG_BLUEZ = "answer on D-Bus as org.bluez"
    SERVICE = "end, freeze and start the host's Bluetooth service"
    STOCK_BLUEZ = "ask BlueZ over D-Bus"
    TWO_CARS = "offer two cars"
    FOUR_CARS = "offer four cars"
    EIGHT_CARS = "offer two sets of four cars"


CARS = {Ability.TWO_CARS: 2, Ability.FOUR_CARS: 4, Ability.EIGHT_CARS: 8}
"""How many cars an ability promises."""


def needs(*abilities: Ability) -> pytest.MarkDecorator:
    """Marks a test, or with `pytestmark` a module, that only benches with all of these abilities can run."""
    return pytest.mark.needs(*abilities)


def needed_by(item: pytest.Item) -> frozenset[Ability]:
    """Every ability that the marks of a test ask for."""
    return frozenset(ability for mark in item.iter_markers("needs") for ability in mark.args)


def cars_promised(abilities: frozenset[Ability]) -> int:
    """How many cars a test with these needs may use; one needs no promise."""
    return max((CARS[ability] for ability in abilities if ability in CARS), default=1)


def car_abilities(count: int) -> frozenset[Ability]:
    """What a bench with `count` cars may declare."""
    return frozenset(ability for ability, cars in CARS.items() if cars <= count)
