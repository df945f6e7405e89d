"""A stop that is asked for while a task is busy, not waiting, stops the next call into the stack: it is never lost."""

from __future__ import annotations

import asyncio

import pytest

from protocol import PingRequest
from rig.compose import run_with_radio
from rig.radio.errors import LinkLost


def stopped_just_before(call):
    """Runs `call` in a task that is asked to stop in the moment before, as a signal handler does."""

    async def busy():
        asyncio.current_task().cancel()
        await call()

    async def main():
        task = asyncio.create_task(busy())
        with pytest.raises(asyncio.CancelledError):
            await task

    return main()


def test_a_stop_before_a_connect_or_a_write_arrives():
    async def main(station):
        car = next(iter(station.world.cars))
        sighting = await station.radio.find(car, 10)
        await stopped_just_before(lambda: station.radio.connect(sighting))
        assert not station.radio.links
        link = await station.radio.connect(sighting)
        await stopped_just_before(lambda: link.write(PingRequest()))
        await link.write(PingRequest())
        await link.disconnect()

    run_with_radio("sim:one-car", main, seed=1)


def test_one_that_arrived_long_ago_and_was_dealt_with_stops_nothing():
    async def main(station):
        car = next(iter(station.world.cars))
        asyncio.current_task().cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(0)
        link = await station.radio.connect(await station.radio.find(car, 10))
        await link.write(PingRequest())
        station.world.break_link(car)
        await link.lost.wait()
        with pytest.raises(LinkLost):
            await link.write(PingRequest())

    run_with_radio("sim:one-car", main, seed=1)
