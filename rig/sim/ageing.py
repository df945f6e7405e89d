"""How a simulated world grows older from night to night: cells that fade, and changes from some night on. Pure.

A world file says per car `battery.fade_per_night` and in `[[change]]` tables what is different from a night on:
a firmware that was updated, a car that takes longer to be heard again, an air that got worse. So a series of
nights has something true to be found in it. Figures are the file's own; no source measured a car's fading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rig.sim.car.traits import CarTraits
from rig.sim.world_keys import (
    BATTERY_BOUNDS,
    CAR_AIR_BOUNDS,
    TRAIT_BOUNDS,
    bounded_numbers_in,
    firmware_in,
    lasting_faults_in,
)
from rig.toml_tables import Table

LEAST_HEALTH = 0.05
MOST_NIGHT = 100_000


@dataclass(frozen=True, slots=True)
class Change:
    """What is different from the night `from_night` on, for the cars of these identifiers."""

    from_night: int
    cars: frozenset[int]
    traits: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `CarTraits`, `faults` among them: those are added to the car's own."""
    battery: Mapping[str, float] = field(default_factory=dict)
    """Fields of `BatteryTraits`; a new `health` is that of a new cell, which fades no more."""
    air: Mapping[str, float] = field(default_factory=dict)
    """Fields of the car's own air."""

    def holds(self, night: int, identifier: int) -> bool:
        """Whether the change is made for this car by that night."""
        return night >= self.from_night and identifier in self.cars

    def applied(self, traits: CarTraits) -> CarTraits:
        """The car with the change made; its air is not part of its traits."""
        faults = {**traits.faults, **self.traits.get("faults", {})}
        battery = replace(traits.battery, **self.battery)
        return replace(traits, **{**self.traits, "faults": faults, "battery": battery})


def faded(traits: CarTraits, fade_per_night: float, night: int) -> CarTraits:
    """A car whose cell lost this share of its health (0 to 1) each night since the first, night 1; never below
    what a cell may have."""
    if not fade_per_night:
        return traits
    health = max(LEAST_HEALTH, traits.battery.health * (1.0 - fade_per_night) ** (night - 1))
    return replace(traits, battery=replace(traits.battery, health=health))


def read_change(table: Table, sets: Mapping[int, str]) -> Change:
    """One `[[change]]` table of a world whose cars are in these sets, by identifier.

    Raises:
        InputError: it names a car or a set the world has not, or says nothing to change.
    """
    from_night = table.integer("from_night", least=1, most=MOST_NIGHT)
    cars = _cars(table, sets)
    traits: dict[str, Any] = bounded_numbers_in(table, TRAIT_BOUNDS)
    if table.has("firmware"):
        traits["firmware"] = firmware_in(table)
    if faults := lasting_faults_in(table.table("faults")):
        traits["faults"] = faults
    battery_table, air_table = table.table("battery"), table.table("air")
    battery = bounded_numbers_in(battery_table, BATTERY_BOUNDS)
    air = bounded_numbers_in(air_table, CAR_AIR_BOUNDS)
    for each in (battery_table, air_table, table):
        each.finish()
    if not (traits or battery or air):
        table.refuse("from_night", "stands alone: nothing of the cars is changed")
    return Change(from_night, cars, traits, battery, air)


def _cars(table: Table, sets: Mapping[int, str]) -> frozenset[int]:
    if table.has("car") and table.has("set"):
        table.refuse(
            "set", "and 'car' stand side by side; a change is for one car, one set, or, without, for all"
        )
    if table.has("car"):
        identifier = table.identifier("car")
        if identifier not in sets:
            table.refuse("car", f"names 0x{identifier:08x}, and no car of this world has that identifier")
        return frozenset({identifier})
    if table.has("set"):
        name = table.choice("set", tuple(dict.fromkeys(sets.values())))
        return frozenset(identifier for identifier, member in sets.items() if member == name)
    return frozenset(sets)
