"""Which cars a soak is about: those of the world, or those the user names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from protocol.models import model_name
from rig.bench.wiring import Wiring
from rig.builtin_data import builtin_names, find_data_file
from rig.errors import InputError
from rig.radio.moniker import Moniker
from rig.sim.faults import FAULTS
from rig.sim.spec import WorldSpec
from rig.sim.world_files import load_world
from rig.soak.schedule import CarSet, SoakCar


def sets_of(
    moniker: Moniker,
    wanted_sets: Sequence[str],
    wanted_cars: str | None,
    *,
    night: int = 1,
    wiring: Wiring | None = None,
) -> tuple[CarSet, ...]:
    """The cars under test, set by set: those of the simulated world as they are on that night; on a real radio those
    of the bench, or those named.

    Raises:
        InputError: a set or car that is not there; or a real radio without --cars and without a bench that has any.
    """
    identifiers = None if wanted_cars is None else _identifiers(wanted_cars)
    if moniker.has_world:
        found, where = _world_sets(moniker.target, night), f"world '{moniker.target}'"
    elif wiring is not None and (found := _bench_sets(wiring)):
        where = f"bench '{wiring.name}'"
    elif identifiers is None:
        raise InputError(
            f"name the cars to soak on '{moniker}' with --cars ID,ID ('pitboard scan' shows them), or a bench whose"
            " bays have cars with --bench"
        )
    else:
        return (CarSet(wanted_sets[0] if wanted_sets else "A", tuple(_bare_car(i) for i in identifiers)),)
    for name in wanted_sets:
        if name not in {group.name for group in found}:
            known = ", ".join(group.name for group in found)
            raise InputError(f"{where} has no set '{name}'; it has {known}")
    if wanted_sets:
        found = tuple(group for group in found if group.name in wanted_sets)
    if identifiers is not None:
        found = _only(found, identifiers, where)
    return found


def _bench_sets(wiring: Wiring) -> tuple[CarSet, ...]:
    names = dict.fromkeys(bay.set_name for bay in wiring.bays if bay.car is not None)
    return tuple(
        CarSet(
            name,
            tuple(_bare_car(bay.car) for bay in wiring.bays if bay.car is not None and bay.set_name == name),
        )
        for name in names
    )


def _bare_car(identifier: int) -> SoakCar:
    """A car of which no more is known than its identifier."""
    return SoakCar(identifier, f"car {identifier:08x}")


def found_anywhere(moniker: Moniker) -> Moniker:
    """The same air by a name that holds in every folder: a world file by its absolute path."""
    if not moniker.has_world or moniker.target in builtin_names("worlds"):
        return moniker
    return replace(moniker, target=str(find_data_file("worlds", moniker.target).resolve()))


def world_digest(moniker: Moniker) -> str | None:
    """SHA-256 of the world file; None for a real radio."""
    if not moniker.has_world:
        return None
    return hashlib.sha256(find_data_file("worlds", moniker.target).read_bytes()).hexdigest()


def bench_of(moniker: Moniker) -> str | None:
    """The wiring map that a simulated world names; None for a real radio."""
    return _world(moniker.target).bench if moniker.has_world else None


def _world(target: str) -> WorldSpec:
    return load_world(target, host_faults={fault: known.summary for fault, known in FAULTS.items()})


def _world_sets(target: str, night: int) -> tuple[CarSet, ...]:
    groups = []
    for name, cars in _world(target).at_night(night).sets().items():
        members = tuple(
            SoakCar(
                car.traits.identifier,
                f"{model_name(car.traits.model_id)} {name}{place}",
                car.traits.model_id,
                car.traits.firmware,
            )
            for place, car in enumerate(cars, start=1)
        )
        groups.append(CarSet(name, members))
    return tuple(groups)


def _only(sets: tuple[CarSet, ...], identifiers: list[int], where: str) -> tuple[CarSet, ...]:
    known = {car.identifier for group in sets for car in group.cars}
    for identifier in identifiers:
        if identifier not in known:
            raise InputError(f"{where} has no car {identifier:08x}")
    kept = [
        CarSet(group.name, tuple(car for car in group.cars if car.identifier in identifiers))
        for group in sets
    ]
    return tuple(group for group in kept if group.cars)


def _identifiers(text: str) -> list[int]:
    found = []
    for word in text.split(","):
        try:
            identifier = int(word.strip(), 16)
        except ValueError:
            identifier = -1
        if not 0 <= identifier < 2**32:
            raise InputError(
                f"--cars: '{word.strip()}' is no car identifier; write up to 8 hex digits, e.g. 0880eadb"
            )
        found.append(identifier)
    return list(dict.fromkeys(found))
