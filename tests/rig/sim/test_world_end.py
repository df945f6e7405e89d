"""However a world ends, nothing of it is left running."""

import asyncio

import bleak
import pytest

from rig.radio.backend import install
from rig.radio.host_adapter import HostAdapter
from rig.sim.air import AirParameters
from rig.sim.world import SimWorld
from rig.virtual_time import run_virtual
from tests.rig.sim.echo_car import EchoCar

TURNS = range(0, 40, 2)


async def live_through(turns, entered=None):
    """A world left `turns` turns of the loop after a car's link has ended and it begins to advertise again."""
    async with SimWorld([EchoCar(1)], AirParameters(advert_loss=0.0), 1) as world:
        with install(HostAdapter(world.stack)):
            device = await bleak.BleakScanner.find_device_by_address("D0:00:00:00:00:01")
            async with bleak.BleakClient(device):
                pass
        if entered is not None:
            entered.set()
        for _ in range(turns):
            await asyncio.sleep(0)


@pytest.mark.parametrize("turns", TURNS)
def test_no_task_outlives_a_world(turns):
    async def main():
        await live_through(turns)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert run_virtual(main) == set()


@pytest.mark.parametrize("turns", TURNS)
def test_no_task_outlives_a_world_whose_end_is_cancelled_as_by_a_second_ctrl_c(turns):
    async def main():
        entered = asyncio.Event()
        living = asyncio.ensure_future(live_through(10_000, entered))
        await entered.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        living.cancel()
        await asyncio.sleep(0)
        living.cancel()
        with pytest.raises(asyncio.CancelledError):
            await living
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert run_virtual(main) == set()
