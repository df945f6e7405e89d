"""A world begins when it is made, whatever the clock of its loop says."""

from __future__ import annotations

import asyncio

from rig.sim.worlds import world_by_name
from rig.virtual_time import run_virtual


def test_cars_made_hours_into_a_loop_are_as_fresh_as_any():
    async def names_after(wait_s):
        await asyncio.sleep(wait_s)
        now_s = asyncio.get_running_loop().time()
        return [car.scan_response(now_s) for car in world_by_name("two-sets", 1).cars.values()]

    assert run_virtual(lambda: names_after(0.0)) == run_virtual(lambda: names_after(5 * 3600.0))
