"""The simulated world at run time: cars on the air and one adapter to meet them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rig.radio.host_stack import HostStack
from rig.sim.air import Air, AirParameters
from rig.sim.car.contract import Car
from rig.sim.controller import AirController
from rig.sim.host import BumbleHost, ConnectionPreferences
from rig.sim.peripheral import CarPeripheral

ADAPTER_ADDRESS = "C0:FF:EE:00:00:01"
_IDENTIFIER = slice(27, 31)
"""Where the car's identifier stands in its 31 bytes of advertising data, big-endian."""
_TURNS_TO_SETTLE = 5


class SimWorld:
    """Cars, air and adapter. An async context manager; build it inside the loop it will run on."""

    def __init__(self, cars: Sequence[Car], air: AirParameters | None = None, seed: int = 0) -> None:
        self.seed = seed
        self.air_parameters = air or AirParameters()
        self.cars: dict[int, Car] = {identifier_of(car): car for car in cars}
        self.air: Air
        self.peripherals: dict[int, CarPeripheral] = {}
        self._host: BumbleHost | None = None
        self._adapter: AirController | None = None

    async def __aenter__(self) -> Self:
        """Boots the adapter and every car, in order."""
        self.air = Air(self.air_parameters, self.seed)
        self._adapter = AirController("sim0", self.air)
        preferences = ConnectionPreferences(
            self.air_parameters.connection_interval_ms, self.air_parameters.supervision_timeout_ms
        )
        self._host = BumbleHost("sim0", ADAPTER_ADDRESS, self._adapter, self._adapter, preferences)
        await self._host.power_up()
        for identifier, car in self.cars.items():
            peripheral = CarPeripheral(car, self.air)
            self.peripherals[identifier] = peripheral
            await peripheral.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Everything off."""
        if self._host is not None:
            self._host.power_lost()
        for peripheral in self.peripherals.values():
            peripheral.stop()
        if self._adapter is not None:
            self._adapter.power_cut()
        for _ in range(_TURNS_TO_SETTLE):  # what was cancelled ends inside the loop, not after it
            await asyncio.sleep(0)

    @property
    def stack(self) -> HostStack:
        """The host to put under bleak."""
        assert self._host is not None, "enter the world first"
        return self._host


def identifier_of(car: Car) -> int:
    """The car's 32-bit identifier, from its advertising data."""
    return int.from_bytes(car.advertising_data()[_IDENTIFIER], "big")
