"""Hands at the stand: who presses buttons and moves cars, where it is not the crew."""

from __future__ import annotations

import asyncio
from typing import Protocol

from rig.sim.car.model import CarModel
from rig.sim.world import SimWorld

GRID_FRACTION = 0.55
"""Where on the long half of the start piece a hand puts a car down, its nose towards the line."""


class Hands(Protocol):
    """What hands can do. Each returns when it is over, with whether it was done; what came of it the adverts show."""

    async def press(self, car: int) -> bool:
        """Presses a car's power button once."""
        ...

    async def charge(self, car: int, *, on: bool) -> bool:
        """Puts a car on its charger, or takes it off into the hand."""
        ...

    async def place(self, car: int, *, on: bool) -> bool:
        """Puts a car on the track, ready to race, or lifts it off."""
        ...


class WorldHands:
    """Hands in a simulated world of this process: each act takes `act_s` seconds."""

    def __init__(self, world: SimWorld, lanes_mm: dict[int, float], act_s: float = 1.0) -> None:
        self._world = world
        self._lanes_mm = lanes_mm
        self._act_s = act_s

    async def press(self, car: int) -> bool:
        """Presses a car's power button once."""
        await asyncio.sleep(self._act_s)
        self._world.handle(car, lambda model, now_s: _model(model).press_power_button(now_s))
        return True

    async def charge(self, car: int, *, on: bool) -> bool:
        """Puts a car on its charger, or takes it off into the hand."""
        await asyncio.sleep(self._act_s)
        if on:
            self._world.handle(car, lambda model, now_s: _model(model).put_on_charger(now_s))
        else:
            self._world.handle(car, lambda model, now_s: _model(model).take_off_charger(now_s))
        return True

    async def place(self, car: int, *, on: bool) -> bool:
        """Puts a car on the track, its nose towards the line, or lifts it off."""
        await asyncio.sleep(self._act_s)
        if not on:
            self._world.handle(car, lambda model, now_s: _model(model).lift(now_s))
            return True
        lane_mm = self._lanes_mm.get(car, 0.0)
        self._world.handle(
            car, lambda model, now_s: _model(model).place(now_s, fraction=GRID_FRACTION, lane_mm=lane_mm)
        )
        return True


def _model(car: object) -> CarModel:
    assert isinstance(car, CarModel), "hands reach into simulated worlds only"
    return car
