"""Every named fault does what its description says, and a lasting one can be undone."""

import asyncio

import bleak
import pytest

from rig.sim.faults import FAULTS

CAR = 0xAB000001
TO_HOST = "be15bee0-6186-407e-8381-0bd89c4d8df4"
TO_CAR = "be15bee1-6186-407e-8381-0bd89c4d8df4"
PING = b"\x01\x16"


async def seconds_until(event):
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    await asyncio.wait_for(event.wait(), 60)
    return loop.time() - started_s


async def seconds_until_seen():
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    while await bleak.BleakScanner.find_device_by_address("D0:00:00:00:00:01", timeout=1.0) is None:
        assert loop.time() - started_s < 60
    return loop.time() - started_s


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_strikes_a_connected_and_an_idle_car_without_an_error(in_world, find, echo_cars, name):
    async def scenario(world):
        car = CAR if FAULTS[name].scope == "car" else None
        world.inject(name, car, lasts_s=1.0)
        await asyncio.sleep(10)
        async with bleak.BleakClient(await find(timeout_s=30)) as client:
            world.inject(name, car, lasts_s=1.0)
            await asyncio.sleep(10)
            return client.is_connected

    in_world(scenario, echo_cars(stream_period_s=0.25))


def test_faults_that_nobody_knows_and_cars_that_are_not_there_are_refused(in_world):
    async def scenario(world):
        for arguments in (("gremlins", CAR), ("ghost", 0x123), ("ghost", None)):
            with pytest.raises(KeyError):
                world.inject(*arguments)

    in_world(scenario)


def test_a_ghost_does_not_advertise_until_it_gives_the_link_up(in_world, find):
    async def scenario(world):
        lost = asyncio.Event()
        async with bleak.BleakClient(await find(), lambda _: lost.set()):
            await asyncio.sleep(1)
            world.break_link(CAR, "ghost", lasts_s=6.0)
            at_once_s = await seconds_until(lost)
            return at_once_s, await seconds_until_seen()

    lost_s, seen_s = in_world(scenario)
    assert lost_s == pytest.approx(0.0, abs=0.001)
    assert 5.9 < seen_s < 6.2


def test_a_terminated_link_is_noticed_at_once_a_silent_end_by_the_timeout(in_world, find):
    async def scenario(world):
        times = []
        for how in ("terminated", "silent_end"):
            lost = asyncio.Event()
            async with bleak.BleakClient(await find(), lambda _, lost=lost: lost.set()):
                await asyncio.sleep(1)
                world.break_link(CAR, how)
                times.append(await seconds_until(lost))
        return times

    terminated_s, silent_s = in_world(scenario)
    assert terminated_s <= 0.030 + 1e-6
    assert 1.95 < silent_s <= 2.0


def test_out_of_range_is_undone_after_its_time(in_world, find):
    async def scenario(world):
        lost = asyncio.Event()
        async with bleak.BleakClient(await find(), lambda _: lost.set()):
            world.break_link(CAR, "out_of_range", lasts_s=5.0)
            lost_s = await seconds_until(lost)
            return lost_s, await seconds_until_seen()

    lost_s, seen_s = in_world(scenario)
    assert 1.9 < lost_s <= 2.01
    assert 2.9 < seen_s < 3.3


def test_a_slow_readvertiser_is_silent_after_an_unclean_loss_only(in_world, find):
    async def scenario(world):
        world.inject("slow_readvertise", CAR, 6.0)
        async with bleak.BleakClient(await find()):
            pass
        clean_s = await seconds_until_seen()
        lost = asyncio.Event()
        async with bleak.BleakClient(await find(), lambda _: lost.set()):
            world.break_link(CAR, "out_of_range", lasts_s=2.5)
            await lost.wait()
            return clean_s, await seconds_until_seen()

    clean_s, unclean_s = in_world(scenario)
    assert clean_s < 0.2
    assert 5.9 < unclean_s < 6.3


def test_ignored_writes_never_reach_the_firmware_though_the_radio_acknowledges(in_world, find, echo_cars):
    async def scenario(world):
        world.inject("ignored_writes", CAR, 0.5)
        async with bleak.BleakClient(await find()) as client:
            for _ in range(200):
                await client.write_gatt_char(TO_CAR, PING, response=True)

    cars = echo_cars()
    in_world(scenario, cars)
    assert 70 < sum(entry[0] == "written" for entry in cars[0].log) < 130


def test_an_adapter_that_is_off_says_so_and_works_again_afterwards(in_world, find, echo_cars):
    async def scenario(world):
        lost = asyncio.Event()
        device = await find()
        client = bleak.BleakClient(device, lambda _: lost.set())
        await client.connect()
        world.inject("adapter_off", lasts_s=5.0)
        noticed_s = await seconds_until(lost)
        reasons = []
        for attempt in (client.connect, bleak.BleakScanner.discover):
            with pytest.raises(bleak.exc.BleakBluetoothNotAvailableError) as caught:
                await attempt()
            reasons.append(caught.value.reason)
        await asyncio.sleep(6)
        async with bleak.BleakClient(await find()) as again:
            return noticed_s, set(reasons), again.is_connected

    cars = echo_cars()
    noticed_s, reasons, again = in_world(scenario, cars)
    assert noticed_s == pytest.approx(0, abs=0.001)
    assert reasons == {bleak.exc.BleakBluetoothNotAvailableReason.POWERED_OFF}
    assert again
    assert [entry[0] for entry in cars[0].log] == ["up", "down", "up", "down"]
    assert cars[0].log[1][2] is False


def test_an_adapter_reset_during_a_connect_ends_it_with_an_error(in_world, find):
    async def scenario(world):
        device = await find()
        for delay_s in (0.02, 0.3):
            asyncio.get_running_loop().call_later(delay_s, world.inject, "adapter_reset", None, 1.0)
            with pytest.raises(bleak.BleakError):
                await bleak.BleakClient(device).connect()
            await asyncio.sleep(5)
        async with bleak.BleakClient(await find()) as client:
            return client.is_connected

    assert in_world(scenario)


def test_an_adapter_reset_ends_a_scan_and_a_new_one_works(in_world):
    async def scenario(world):
        heard = []
        async with bleak.BleakScanner(lambda _d, _a: heard.append(1)):
            await asyncio.sleep(2)
            world.inject("adapter_reset", value=1.0)
            before = len(heard)
            await asyncio.sleep(3)
            after = len(heard)
        return before > 0, after - before, len(await bleak.BleakScanner.discover(timeout=1.0))

    assert in_world(scenario) == (True, 0, 1)


def test_the_slot_limit_can_shrink_and_grow_back(in_world, find, echo_cars):
    async def scenario(world):
        world.inject("slot_limit", value=1, lasts_s=30.0)
        async with bleak.BleakClient(await find(1)):
            with pytest.raises(bleak.BleakError, match="0x09"):
                await bleak.BleakClient(await find(2)).connect()
            await asyncio.sleep(30)
            async with bleak.BleakClient(await find(2)) as second:
                return second.is_connected

    assert in_world(scenario, echo_cars(2))


def test_an_aborted_connect_reaches_the_program_and_the_next_may_work(in_world, find):
    async def scenario(world):
        device = await find()
        outcomes = []
        world.inject("abort_connect", CAR, 0.5)
        for _ in range(60):
            try:
                async with bleak.BleakClient(device):
                    outcomes.append("ok")
            except bleak.exc.BleakDBusError as error:
                outcomes.append(error.dbus_error_details)
        return outcomes

    outcomes = in_world(scenario)
    assert set(outcomes) == {"ok", "br-connection-canceled"}
    assert 15 < outcomes.count("ok") < 45


def test_a_weaker_car_is_heard_weaker(in_world):
    async def scenario(world):
        levels = []
        for _ in range(2):
            found = await bleak.BleakScanner.discover(timeout=1.0, return_adv=True)
            levels += [advert.rssi for _, advert in found.values()]
            world.inject("rssi_drop", CAR, 30)
        return levels

    assert in_world(scenario) == [-55, -85]
