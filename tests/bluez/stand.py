"""A radio on stock bleak, on the fake org.bluez, on simulated cars: everything a case needs, in real time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig.radio.radio import Radio
from rig.radio.sighting import Sighting
from rig.sim.world import SimWorld
from rig.sim.worlds import world_by_name
from tests.bluez.bluetoothd import FakeBluetoothd
from tests.bluez.script import Script
from tests.bluez.stock_bleak import fresh_manager

LIMIT_S = 60
CAR = 0x0880EADB
QUICK = str(Path(__file__).with_name("quick-car.toml"))


@dataclass(frozen=True, slots=True)
class Stand:
    """The radio under test, the fake stack with its script, the world below."""

    radio: Radio
    bluez: FakeBluetoothd
    world: SimWorld

    @property
    def script(self) -> Script:
        """What goes wrong."""
        return self.bluez.script

    async def find(self) -> Sighting:
        """The one car."""
        return await self.radio.find(CAR, 5)


@contextlib.asynccontextmanager
async def stand(world: str = QUICK, options: dict[str, Any] | None = None) -> AsyncIterator[Stand]:
    """Everything up, on the bus that `DBUS_SYSTEM_BUS_ADDRESS` names."""
    async with (
        fresh_manager(),
        world_by_name(world) as running,
        FakeBluetoothd(running.stack) as bluez,
        Radio(name="ble", backend_options=options or {}) as radio,
    ):
        yield Stand(radio, bluez, running)


def run_stand(scenario: Callable[[Stand], Awaitable[Any]], world: str = QUICK, **options: Any) -> Any:
    """Runs `scenario(stand)` on a loop of its own, at most `LIMIT_S` seconds."""

    async def main() -> Any:
        async with asyncio.timeout(LIMIT_S), stand(world, options) as ours:
            return await scenario(ours)

    return asyncio.run(main())
