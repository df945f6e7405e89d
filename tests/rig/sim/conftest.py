"""A world of echo cars under stock bleak, in virtual time."""

import bleak
import pytest

from rig.radio.backend import install
from rig.radio.host_adapter import HostAdapter
from rig.sim.air import AirParameters
from rig.sim.world import SimWorld
from rig.virtual_time import run_virtual
from tests.rig.sim.echo_car import EchoCar

QUIET = AirParameters(advert_loss=0.0, rssi_noise_db=0.0)


@pytest.fixture
def echo_cars():
    """Makes `count` echo cars."""
    return lambda count=1, **options: [EchoCar(n, **options) for n in range(1, count + 1)]


@pytest.fixture
def in_world(echo_cars):
    """Runs `scenario(world)` in virtual time with bleak's defaults on the world's adapter."""

    def run(scenario, cars=None, *, air=QUIET, seed=1, limit_s=3600):
        async def main():
            async with SimWorld(echo_cars() if cars is None else cars, air, seed) as world:
                with install(HostAdapter(world.stack)):
                    return await scenario(world)

        return run_virtual(main, limit_s=limit_s)

    return run


@pytest.fixture
def find():
    """Finds the car with this number by its address."""

    async def by_number(number=1, timeout_s=5.0):
        device = await bleak.BleakScanner.find_device_by_address(f"D0:00:00:00:00:{number:02X}", timeout_s)
        assert device is not None
        return device

    return by_number
