"""This machine's own BlueZ and kernel, with the simulated air on /dev/vhci; stock bleak, real time.

Needs root, Linux, hci_vhci and a running bluetoothd: `docs/real-bluetooth.md` says how to have all that without
touching the machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rig.radio.radio import Radio, RadioCapabilities
from rig.radio.transmit import TransmitPolicy
from rig.sim.controller import AirController
from rig.sim.transport import open_hci
from rig.sim.world import SimWorld
from tests.contract.radio.abilities import Ability, car_abilities
from tests.contract.radio.benches import Bench, Setup, Stand
from tests.contract.radio.contract_car import ContractCar

if TYPE_CHECKING:
    from rig.radio.bluez import Bluez

ADAPTER_LIMIT_S = 10.0


class VhciBench(Bench):
    """`--bench vhci`."""

    name = "vhci"
    abilities = car_abilities(8) | {
        Ability.CAR_SIDE,
        Ability.CHOOSE_PDUS,
        Ability.ODD_NAMES,
        Ability.SILENCE,
        Ability.ANY_FRAME,
        Ability.KNOWS_WORLD,
        Ability.STOCK_BLUEZ,
    }

    @asynccontextmanager
    async def stand(self, setup: Setup) -> AsyncIterator[Stand]:
        """A world of contract cars without an adapter of its own, and BlueZ's adapter in its air."""
        cars = [ContractCar(number) for number in range(1, setup.cars + 1)]
        async with (
            SimWorld(cars, setup.air, setup.seed, adapter=False) as world,
            _bluez_adapter(world) as (
                controller,
                name,
            ),
            Radio(
                name=f"vhci:{name}",
                transmit=TransmitPolicy.SIMULATED_CARS,
                backend_options={"bluez": {"adapter": name}},
                capabilities=RadioCapabilities(is_simulated=True, max_links=setup.air.max_links),
            ) as radio,
        ):
            yield Stand(radio, tuple(world.cars), world, adapter=controller, facts={"adapter": name})


@asynccontextmanager
async def _bluez_adapter(world: SimWorld) -> AsyncIterator[tuple[AirController, str]]:
    from rig.radio.bluez import Bluez

    async with Bluez.connect() as bluez:
        before = {adapter.name for adapter in await bluez.adapters()}
        async with open_hci("vhci") as transport:
            controller = AirController("os", world.air)
            controller.host = transport.sink
            transport.source.set_packet_sink(controller)
            try:
                name = await _appeared(bluez, before)
                await bluez.set_powered(name, on=True)
                yield controller, name
            finally:
                controller.power_cut()
        await _gone(bluez, name)


async def _appeared(bluez: Bluez, before: set[str]) -> str:
    async with asyncio.timeout(ADAPTER_LIMIT_S):
        while True:
            for adapter in await bluez.adapters():
                if adapter.name not in before:
                    return adapter.name
            await asyncio.sleep(0.01)


async def _gone(bluez: Bluez, name: str) -> None:
    async with asyncio.timeout(ADAPTER_LIMIT_S):
        while any(adapter.name == name for adapter in await bluez.adapters()):
            await asyncio.sleep(0.01)
