"""Worlds by name: builds the running world that a world file describes."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from rig.errors import InputError
from rig.sim.air import AirParameters, RadioConditions
from rig.sim.faults import ADAPTER_FAULTS, FAULTS
from rig.sim.spec import CarAirSpec, FaultSpec, WorldSpec
from rig.sim.world import MakeAdapter, ScheduledFault, SimWorld
from rig.sim.world_files import load_world


def world_by_name(
    name: str,
    seed: int | None = None,
    *,
    adapter: bool | MakeAdapter = True,
    night: int = 1,
    at_begin: bool = False,
) -> SimWorld:
    """The world called `name` (built in, or the path of a file) as it is on that night of a series, with `seed`
    instead of its own when given; with `at_begin` nothing goes wrong that does not from its first instant.

    Raises:
        InputError: no such world, or something in its file is wrong.
    """
    spec = load_world(name, host_faults={fault: known.summary for fault, known in FAULTS.items()})
    spec = spec.at_night(night)
    return world_from_spec(spec.at_begin() if at_begin else spec, seed, adapter=adapter)


def world_from_spec(
    spec: WorldSpec, seed: int | None = None, *, adapter: bool | MakeAdapter = True
) -> SimWorld:
    """The world a specification describes, not yet entered.

    Raises:
        InputError: a fault of a car does not say of which, its value is too large, or it strikes the adapter
            that is left out.
    """
    for fault in spec.faults:
        _check(fault, spec.name)
        if adapter is False and fault.kind in ADAPTER_FAULTS:
            raise InputError(
                f"world '{spec.name}': fault '{fault.kind}' at {fault.at_s:g} s strikes the adapter, and here other "
                f"programs bring their own; take it out of the file"
            )
    chosen = spec.seed if seed is None else seed
    around = {car.traits.identifier: car.air for car in spec.cars}
    return SimWorld(
        spec.build_cars(seed=chosen, now_s=_loop_time()),
        AirParameters(**asdict(spec.air)),
        chosen,
        faults=[ScheduledFault(f.at_s, f.kind, f.car, f.value, f.lasts_s) for f in spec.faults],
        conditions=lambda identifier, conditions: _apply(around[identifier], conditions),
        adapter=adapter,
        bench=spec.bench,
        bench_faults=spec.bench_faults,
    )


def _check(fault: FaultSpec, world: str) -> None:
    known = FAULTS.get(fault.kind)
    if known is None:
        return
    if known.scope == "car" and fault.car is None:
        raise InputError(f"world '{world}': fault '{fault.kind}' at {fault.at_s:g} s must say which car")
    if fault.value is not None and fault.value > known.most:
        raise InputError(
            f"world '{world}': fault '{fault.kind}' at {fault.at_s:g} s has value {fault.value:g}; "
            f"it is the {known.value_means}, at most {known.most:g}"
        )


def _apply(special: CarAirSpec, conditions: RadioConditions) -> None:
    conditions.abort_connect_probability = special.connect_failure
    for name in ("rssi_dbm", "advert_loss", "link_loss"):
        value = getattr(special, name)
        if value is not None:
            setattr(conditions, name, value)


def _loop_time() -> float:
    """A world begins when it is made: a loop's clock may count from the machine's start, hours ago. Outside of
    a loop it begins at 0, where virtual time does."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return 0.0
