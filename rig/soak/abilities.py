"""What a plan needs and what a station can do, compared before anything runs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rig.bench.wiring import Wiring
from rig.errors import InputError
from rig.soak.schedule import SoakCar


class Ability(StrEnum):
    """What some stations can do and others cannot; the value says what is missing, in a sentence's words."""

    SIMULATED_RADIO = "which only a simulated radio can make"
    CHARGER = "which needs a charger on the bench for each car"
    METER = "which needs a meter on the bench for each car"
    BUTTON = "which needs a servo on the power button of each car"


@dataclass(frozen=True, slots=True)
class Need:
    """`what` a plan wants (`the loss 'vanish'`), and the ability it takes."""

    what: str
    ability: Ability


@dataclass(frozen=True, slots=True)
class Needs:
    """What a plan cannot do without. `uses_bench`: a bench is to be opened if there is one, needed or not;
    `instead` says what else to do when something is missing."""

    needs: tuple[Need, ...] = ()
    uses_bench: bool = False
    instead: str = "leave it out of the plan"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a station can do, car by car (identifiers)."""

    simulated: bool
    bench: str | None = None
    chargers: frozenset[int] = frozenset()
    meters: frozenset[int] = frozenset()
    buttons: frozenset[int] = frozenset()


def abilities_of(wiring: Wiring | None, *, simulated: bool) -> Abilities:
    """What a radio and the bench beside it can do."""
    if wiring is None:
        return Abilities(simulated)
    bays = [(bay.car, bay) for bay in wiring.bays]
    return Abilities(
        simulated,
        wiring.name,
        chargers=frozenset(car for car, bay in bays if car is not None and bay.charger is not None),
        meters=frozenset(car for car, bay in bays if car is not None and bay.meter is not None),
        buttons=frozenset(car for car, bay in bays if car is not None and bay.button is not None),
    )


def refuse_unmet(plan_name: str, needs: Needs, can: Abilities, cars: Sequence[SoakCar]) -> None:
    """Refuses a plan that a station cannot run.

    Raises:
        InputError: names what is missing, for which car, and what to do instead.
    """
    for need in needs.needs:
        if need.ability is Ability.SIMULATED_RADIO:
            if not can.simulated:
                raise InputError(f"plan '{plan_name}' wants {need.what}, {need.ability}; {needs.instead}")
            continue
        have = {
            Ability.CHARGER: can.chargers,
            Ability.METER: can.meters,
            Ability.BUTTON: can.buttons,
        }[need.ability]
        without = [car.label for car in cars if car.identifier not in have]
        if without:
            where = f"bench '{can.bench}' has none for" if can.bench else "there is no bench for"
            raise InputError(
                f"plan '{plan_name}' wants {need.what}, {need.ability}: {where} {', '.join(without)};"
                f" {needs.instead}, or name a bench with --bench"
            )
