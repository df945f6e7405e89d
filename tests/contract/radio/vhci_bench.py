"""This machine's own BlueZ and kernel, with the simulated air on /dev/vhci; stock bleak, real time.

Needs root, Linux, hci_vhci and a running bluetoothd: `python tasks.py bluez` gives all that in a guest machine.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rig.radio.radio import Radio, RadioCapabilities
from rig.radio.transmit import TransmitPolicy
from rig.sim.os_adapter import OsAdapter
from rig.sim.world import SimWorld
from tests.contract.radio.abilities import Ability, car_abilities
from tests.contract.radio.benches import Bench, Setup, Stand
from tests.contract.radio.contract_car import ContractCar
from tests.guest.service import in_guest


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
        Ability.MONIKER,
        Ability.ORG_BLUEZ,
        Ability.STOCK_BLUEZ,
        Ability.SERVICE,
    }

    def __init__(self) -> None:
        if not in_guest():  # a machine's own bluetoothd is not ours to end
            self.abilities = self.abilities - {Ability.SERVICE}

    @asynccontextmanager
    async def stand(self, setup: Setup) -> AsyncIterator[Stand]:
        """A world of contract cars whose adapter is one of this machine."""
        cars = [ContractCar(number) for number in range(1, setup.cars + 1)]
        async with (
            SimWorld(cars, setup.air, setup.seed, adapter=OsAdapter) as world,
            Radio(
                name=f"vhci:{world.adapter.name}",
                transmit=TransmitPolicy.SIMULATED_CARS,
                backend_options={"bluez": {"adapter": world.adapter.name}},
                capabilities=RadioCapabilities(is_simulated=True, max_links=setup.air.max_links),
            ) as radio,
        ):
            yield Stand(radio, tuple(world.cars), world)
