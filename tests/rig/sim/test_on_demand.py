"""A world that begins when somebody else's loop first asks for it."""

import asyncio

import bleak

from rig.radio.backend import install
from rig.radio.host_adapter import HostAdapter
from rig.sim.air import AirParameters
from rig.sim.on_demand import StackOnDemand
from rig.sim.world import SimWorld
from rig.virtual_time import run_virtual


def test_every_loop_gets_a_world_of_its_own_that_ends_with_the_loop(echo_cars):
    worlds = []

    def build():
        worlds.append(SimWorld(echo_cars(2), AirParameters(advert_loss=0.0)))
        return worlds[-1]

    async def program():
        found = await asyncio.gather(bleak.BleakScanner.discover(1.0), bleak.BleakScanner.discover(1.0))
        async with bleak.BleakClient(found[0][0]) as client:
            return [len(devices) for devices in found], client.is_connected

    stack = StackOnDemand(build, "sim:test")
    with install(HostAdapter(stack)):
        assert run_virtual(program) == ([2, 2], True)
        assert run_virtual(program) == ([2, 2], True)
    assert len(worlds) == 2
    assert not any(world.stack.is_powered for world in worlds)
    assert (stack.name, stack.is_powered) == ("sim:test", True)
