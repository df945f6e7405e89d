"""The whole way: world file, cars, air, host stack, stock bleak, and back."""

from __future__ import annotations

import asyncio
import itertools

import bleak

from protocol import (
    Direction,
    Disconnect,
    PositionUpdate,
    SdkMode,
    SetSpeed,
    StatusUpdate,
    decode,
    dialect_for,
    encode,
)
from protocol.advertising import advert_from_host
from protocol.gatt import TO_CAR_UUID, TO_HOST_UUID
from rig.radio.backend import install
from rig.radio.host_adapter import HostAdapter
from rig.sim.worlds import world_by_name
from rig.virtual_time import run_virtual

SKULL = 0x0880EADB


def in_builtin_world(name, scenario, seed=1):
    async def main():
        async with world_by_name(name, seed) as world:
            with install(HostAdapter(world.stack)):
                return await scenario(world)

    return run_virtual(main, limit_s=3600)


def test_a_scan_of_the_default_world_finds_both_sets():
    async def scenario(world):
        found = await bleak.BleakScanner.discover(timeout=3.0, return_adv=True)
        return sorted(
            advert_from_host(adv.local_name, adv.manufacturer_data, adv.service_uuids).identifier
            for _, adv in found.values()
        )

    async def identifiers(world):
        return sorted(world.cars)

    assert in_builtin_world("two-sets", scenario) == in_builtin_world("two-sets", identifiers)


def test_a_car_driven_by_stock_bleak_comes_round_the_oval():
    async def scenario(world):
        frames = []
        device = await bleak.BleakScanner.find_device_by_address(world.cars[SKULL].address, timeout=5.0)
        loop = asyncio.get_running_loop()
        async with bleak.BleakClient(device) as client:
            await client.start_notify(TO_HOST_UUID, lambda _, data: frames.append((loop.time(), bytes(data))))
            await client.write_gatt_char(TO_CAR_UUID, encode(SdkMode(1, 1)), response=False)
            await client.write_gatt_char(TO_CAR_UUID, encode(SetSpeed(300, 1000, 0)), response=False)
            await asyncio.sleep(35.0)
        return frames

    frames = in_builtin_world("one-car", scenario)
    sent = [(at_s, decode(frame, Direction.TO_HOST, dialect_for(0x2774))) for at_s, frame in frames]
    assert isinstance(sent[0][1], StatusUpdate)
    pieces = [m.piece_id for _, m in sent if isinstance(m, PositionUpdate)]
    assert list(dict.fromkeys(pieces)) == [34, 33, 20, 23, 36, 17, 18]
    finishes = [at_s for at_s, m in sent if isinstance(m, PositionUpdate) and m.piece_id == 33]
    laps = [later - earlier for earlier, later in itertools.pairwise(finishes)]
    assert len(laps) >= 2
    assert all(abs(lap / round(lap / 9.58) - 9.58) < 0.25 for lap in laps)
    assert in_builtin_world("one-car", scenario) == frames
    assert in_builtin_world("one-car", scenario, seed=2) != frames


def test_a_write_request_for_the_end_of_the_link_is_acknowledged_before_the_link_ends():
    async def scenario(world):
        lost = asyncio.Event()
        device = await bleak.BleakScanner.find_device_by_address(world.cars[SKULL].address, timeout=5.0)
        async with bleak.BleakClient(device, lambda _: lost.set()) as client:
            await client.write_gatt_char(TO_CAR_UUID, encode(Disconnect()), response=True)
            await asyncio.wait_for(lost.wait(), 0.2)
            return client.is_connected

    assert in_builtin_world("one-car", scenario) is False
