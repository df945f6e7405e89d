"""Stock bleak on a bluetoothd of ours (`tests/bluez`), on a private D-Bus, over the simulated world; real time.

For where only `dbus-daemon` exists. What it says about BlueZ is as good as the fake, which
`test_like_bluez.py` compares with the real one on `--bench vhci`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rig.errors import InputError
from rig.radio.radio import Radio, RadioCapabilities
from rig.radio.transmit import TransmitPolicy
from rig.sim.world import SimWorld
from tests.bluez.daemon import DAEMON, private_bus
from tests.contract.radio.abilities import Ability, car_abilities
from tests.contract.radio.benches import Bench, Setup, Stand
from tests.contract.radio.contract_car import ContractCar

_ADDRESS = "DBUS_SYSTEM_BUS_ADDRESS"


class FakeBench(Bench):
    """`--bench fake`."""

    name = "fake"
    abilities = car_abilities(8) | {
        Ability.CAR_SIDE,
        Ability.CHOOSE_PDUS,
        Ability.ODD_NAMES,
        Ability.SILENCE,
        Ability.ANY_FRAME,
        Ability.KNOWS_WORLD,
        Ability.ORG_BLUEZ,
    }

    def __init__(self) -> None:
        if DAEMON is None:
            raise InputError("the bench 'fake' cannot run here: no dbus-daemon; install the package dbus")

    @asynccontextmanager
    async def stand(self, setup: Setup) -> AsyncIterator[Stand]:
        """A world of contract cars, and org.bluez over its adapter."""
        from tests.bluez.bluetoothd import FakeBluetoothd

        cars = [ContractCar(number) for number in range(1, setup.cars + 1)]
        before = os.environ.get(_ADDRESS)
        with private_bus() as bus:
            os.environ[_ADDRESS] = bus.address
            try:
                async with (
                    SimWorld(cars, setup.air, setup.seed) as world,
                    FakeBluetoothd(world.stack),
                    Radio(
                        name="fake:hci0",
                        transmit=TransmitPolicy.SIMULATED_CARS,
                        backend_options={"bluez": {"adapter": "hci0"}},
                        capabilities=RadioCapabilities(is_simulated=True, max_links=setup.air.max_links),
                    ) as radio,
                ):
                    yield Stand(radio, tuple(world.cars), world)
            finally:
                if before is None:
                    del os.environ[_ADDRESS]
                else:
                    os.environ[_ADDRESS] = before
