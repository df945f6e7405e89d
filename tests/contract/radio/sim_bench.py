"""The simulated radio in process: our bleak backend over virtual controllers, in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rig.radio.backend import HostStackClient, HostStackScanner
from rig.radio.host_adapter import HostAdapter
from rig.radio.radio import Radio, RadioCapabilities
from rig.radio.transmit import TransmitPolicy
from rig.sim.world import SimWorld
from tests.contract.radio.abilities import Ability, car_abilities
from tests.contract.radio.benches import Bench, Setup, Stand
from tests.contract.radio.contract_car import ContractCar


class SimBench(Bench):
    """`--bench sim`, the default."""

    name = "sim"
    abilities = car_abilities(8) | {
        Ability.VIRTUAL_TIME,
        Ability.WRAP_BACKEND,
        Ability.CAR_SIDE,
        Ability.CHOOSE_PDUS,
        Ability.ODD_NAMES,
        Ability.SILENCE,
        Ability.ANY_FRAME,
        Ability.KNOWS_WORLD,
        Ability.MONIKER,
    }

    @asynccontextmanager
    async def stand(self, setup: Setup) -> AsyncIterator[Stand]:
        """A world of contract cars and its adapter."""
        cars = [ContractCar(number) for number in range(1, setup.cars + 1)]
        async with (
            SimWorld(cars, setup.air, setup.seed) as world,
            Radio(
                name="sim",
                transmit=TransmitPolicy.SIMULATED_CARS,
                scanner_backend=setup.scanner_backend or HostStackScanner,
                client_backend=setup.client_backend or HostStackClient,
                backend_options={"host": HostAdapter(world.stack)},
                capabilities=RadioCapabilities(is_simulated=True, max_links=setup.air.max_links),
            ) as radio,
        ):
            yield Stand(radio, tuple(world.cars), world)
