"""Worlds by name: builds the running world a moniker means."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rig.errors import InputError
from rig.sim.car.model import CarModel
from rig.sim.car.traits import LANES_MM, CarTraits, StartPlace
from rig.sim.world import SimWorld

_MODELS = (9, 8, 10, 11)
_FIRST_IDENTIFIER = 0x0880EA00


@asynccontextmanager
async def open_world(name: str, seed: int | None = None) -> AsyncIterator[SimWorld]:
    """The running world called `name`, with `seed` instead of its own when given.

    Raises:
        InputError: no such world.
    """
    if name != "two-sets":
        raise InputError(f"no world named '{name}'; built in: two-sets")
    chosen = seed or 0
    cars = [
        CarModel(
            CarTraits(identifier=_FIRST_IDENTIFIER + index, model_id=_MODELS[index % 4]),
            start=StartPlace(lane_mm=LANES_MM[index % 4]),
            seed=chosen,
        )
        for index in range(8)
    ]
    async with SimWorld(cars, seed=chosen) as world:
        yield world
