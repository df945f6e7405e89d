"""The air under stock bleak: timing, RSSI, range, establishment, slots, supervision, repeatability."""

import asyncio
import itertools
import statistics
from dataclasses import replace

import bleak
import pytest

from rig.sim.air import AirParameters

QUIET = AirParameters(advert_loss=0.0, rssi_noise_db=0.0)
TO_HOST = "be15bee0-6186-407e-8381-0bd89c4d8df4"
TO_CAR = "be15bee1-6186-407e-8381-0bd89c4d8df4"
PING = b"\x01\x16"


async def pings(device, count):
    loop = asyncio.get_running_loop()
    heard = asyncio.Queue()
    times = []
    async with bleak.BleakClient(device) as client:
        await client.start_notify(TO_HOST, lambda _, data: heard.put_nowait(data))
        await heard.get()
        for _ in range(count):
            asked_s = loop.time()
            await client.write_gatt_char(TO_CAR, PING, response=False)
            await heard.get()
            times.append(loop.time() - asked_s)
    return times


@pytest.mark.parametrize("interval_ms", [7.5, 15.0, 30.0, 50.0])
def test_a_round_trip_takes_two_connection_events(in_world, find, interval_ms):
    async def scenario(world):
        return await pings(await find(), 10)

    air = replace(QUIET, connection_interval_ms=interval_ms)
    assert in_world(scenario, air=air) == [pytest.approx(2 * interval_ms / 1000)] * 10


def test_ten_per_cent_loss_stretches_round_trips_and_loses_none(in_world, find):
    async def scenario(world):
        return await pings(await find(), 300)

    times = in_world(scenario, air=replace(QUIET, link_loss=0.1))
    assert len(times) == 300
    assert statistics.median(times) == pytest.approx(0.060)
    assert 0.090 < sorted(times)[296] < 0.300


def test_advert_spacing_is_the_interval_plus_advdelay(in_world):
    async def scenario(world):
        loop = asyncio.get_running_loop()
        heard = []
        async with bleak.BleakScanner(lambda _d, _a: heard.append(loop.time()), scanning_mode="passive"):
            await asyncio.sleep(30)
        return heard

    heard = in_world(scenario)
    gaps = [later - earlier for earlier, later in itertools.pairwise(heard)]
    assert min(gaps) >= 0.100
    assert max(gaps) <= 0.110 + 1e-9
    assert statistics.mean(gaps) == pytest.approx(0.105, abs=0.001)


def test_lost_adverts_are_missing_at_the_rate_asked_for(in_world):
    async def scenario(world):
        heard = []
        async with bleak.BleakScanner(lambda _d, a: heard.append(a), scanning_mode="passive"):
            await asyncio.sleep(200)
        return len(heard) / world.air.statistics.adverts_sent

    assert in_world(scenario, air=replace(QUIET, advert_loss=0.3)) == pytest.approx(0.7, abs=0.03)


def test_rssi_is_noisy_around_its_level(in_world):
    async def scenario(world):
        heard = []
        async with bleak.BleakScanner(lambda _d, a: heard.append(a.rssi), scanning_mode="passive"):
            await asyncio.sleep(100)
        return heard

    levels = in_world(scenario, air=replace(QUIET, rssi_dbm=-70, rssi_noise_db=3))
    assert statistics.mean(levels) == pytest.approx(-70, abs=0.5)
    assert statistics.stdev(levels) == pytest.approx(3, abs=0.4)


def test_nobody_listening_means_no_adverts_are_computed(in_world):
    async def scenario(world):
        await asyncio.sleep(3600)
        return world.air.statistics.adverts_sent

    assert in_world(scenario, limit_s=7200) == 0


def test_both_sides_report_the_parameters_the_host_asked_for(in_world, find):
    async def scenario(world):
        async with bleak.BleakClient(await find()):
            mine = next(iter(world.stack.device.connections.values())).parameters
            peripheral = next(iter(world.peripherals.values()))
            theirs = peripheral._connection.parameters
        return [(p.connection_interval, p.peripheral_latency, p.supervision_timeout) for p in (mine, theirs)]

    air = replace(QUIET, connection_interval_ms=15, supervision_timeout_ms=420)
    assert in_world(scenario, air=air) == [(15.0, 0, 420.0)] * 2


def test_a_car_may_ask_for_other_parameters_and_both_sides_change(in_world, find, echo_cars):
    async def scenario(world):
        async with bleak.BleakClient(await find()) as client:
            await client.write_gatt_char(TO_CAR, b"\x09\x02\x06\x00\x06\x00\x00\x00\x64\x00", response=True)
            await asyncio.sleep(2)
            mine = next(iter(world.stack.device.connections.values())).parameters
            fast = await ping_time(client)
            await client.write_gatt_char(TO_CAR, b"\x09\x02\x00\x00\x00\x00\x00\x00\x00\x00", response=True)
            await asyncio.sleep(2)
            return mine.connection_interval, mine.supervision_timeout, fast, await ping_time(client)

    async def ping_time(client):
        loop = asyncio.get_running_loop()
        asked_s = loop.time()
        await client.write_gatt_char(TO_CAR, PING, response=True)
        return loop.time() - asked_s

    cars = echo_cars()
    interval_ms, timeout_ms, fast, after_nonsense = in_world(scenario, cars)
    assert (interval_ms, timeout_ms) == (7.5, 1000.0)
    assert fast <= 0.0150001
    assert after_nonsense <= 0.0150001


def test_out_of_range_ends_in_a_supervision_timeout_on_both_sides(in_world, find, echo_cars):
    async def scenario(world):
        loop = asyncio.get_running_loop()
        lost = asyncio.Event()
        async with bleak.BleakClient(await find(), lambda _: lost.set()) as client:
            await asyncio.sleep(1)
            left_s = loop.time()
            world.inject("out_of_range", identifier)
            await lost.wait()
            after_s = loop.time() - left_s
            assert not client.is_connected
            await asyncio.sleep(0.1)
        return after_s, dict(world.air.statistics.closed_by_reason)

    cars = echo_cars()
    identifier = cars[0].identifier
    after_s, reasons = in_world(scenario, cars, air=replace(QUIET, supervision_timeout_ms=720))
    assert 0.69 <= after_s <= 0.72
    assert reasons == {0x08: 2}
    assert cars[0].log[-1][0] == "down"
    assert cars[0].log[-1][2] is False


def test_a_write_in_flight_when_the_link_dies_raises_instead_of_cancelling_the_program(in_world, find):
    async def scenario(world):
        async with bleak.BleakClient(await find()) as client:
            await asyncio.sleep(1)
            world.inject("out_of_range", 0xAB000001)
            with pytest.raises(bleak.BleakError, match="Not connected"):
                await client.write_gatt_char(TO_CAR, PING, response=True)
        return asyncio.current_task().cancelling()

    assert in_world(scenario) == 0


def test_losing_the_link_while_discovering_has_the_words_of_bluez(in_world, find):
    async def scenario(world):
        device = await find()
        loop = asyncio.get_running_loop()
        loop.call_later(0.3, world.inject, "out_of_range", 0xAB000001)
        with pytest.raises(bleak.BleakError, match="failed to discover services, device disconnected"):
            await bleak.BleakClient(device).connect()

    in_world(scenario)


def test_connecting_to_a_silent_car_times_out_and_leaves_nothing_pending(in_world, find, echo_cars):
    async def scenario(world):
        device = await find()
        loop = asyncio.get_running_loop()
        cars[0].asleep = True
        started_s = loop.time()
        with pytest.raises(TimeoutError):
            await bleak.BleakClient(device, timeout=8).connect()
        took_s = loop.time() - started_s
        cars[0].asleep = False
        await asyncio.sleep(10)
        grabbed = cars[0].connected
        async with bleak.BleakClient(device):
            return took_s, grabbed, cars[0].connected

    cars = echo_cars()
    assert in_world(scenario, cars) == (pytest.approx(8, abs=0.01), False, True)


def test_cancelling_a_connect_at_any_moment_frees_the_car(in_world, find, echo_cars):
    async def scenario(world):
        device = await find()
        for steps in range(1, 12):
            client = bleak.BleakClient(device)
            task = asyncio.create_task(client.connect())
            await asyncio.sleep(steps * 0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0.5)
            assert not cars[0].connected
            assert not client.is_connected
        async with bleak.BleakClient(device):
            return cars[0].connected

    cars = echo_cars()
    assert in_world(scenario, cars)


def test_a_failed_establishment_is_retried_silently_like_bleak_does(in_world, find):
    async def scenario(world):
        device = await find()
        world.inject("fail_establish_next", 0xAB000001, 3)
        lost = []
        async with bleak.BleakClient(device, lost.append) as client:
            return client.is_connected, list(lost), world.air.statistics.failed_establishments

    assert in_world(scenario) == (True, [], 3)


def test_a_car_that_never_gets_established_times_out(in_world, find):
    async def scenario(world):
        device = await find()
        world.inject("fail_establish", 0xAB000001, 1.0)
        with pytest.raises(TimeoutError):
            await bleak.BleakClient(device, timeout=5).connect()
        return world.air.statistics.failed_establishments

    assert in_world(scenario) > 5


def test_missed_connectable_adverts_make_connecting_slower(in_world, find):
    async def scenario(world):
        device = await find()
        loop = asyncio.get_running_loop()
        times = []
        for missed in (0, 10):
            world.inject("ignore_connect_next", 0xAB000001, missed)
            started_s = loop.time()
            async with bleak.BleakClient(device):
                times.append(loop.time() - started_s)
        return times[1] - times[0]

    assert in_world(scenario) == pytest.approx(1.05, abs=0.15)


def test_the_adapter_has_a_last_slot(in_world, find, echo_cars):
    async def scenario(world):
        clients = [bleak.BleakClient(await find(number)) for number in (1, 2, 3)]
        for client in clients[:2]:
            await client.connect()
        with pytest.raises(bleak.BleakError, match="0x09"):
            await clients[2].connect()
        await clients[0].disconnect()
        await clients[2].connect()
        return [client.is_connected for client in clients]

    assert in_world(scenario, echo_cars(3), air=replace(QUIET, max_links=2)) == [False, True, True]


def test_connects_asked_for_at_once_happen_one_after_another(in_world, find, echo_cars):
    async def scenario(world):
        clients = [bleak.BleakClient(await find(number)) for number in (1, 2, 3, 4)]
        await asyncio.gather(*(client.connect() for client in clients))
        connected = [client.is_connected for client in clients]
        await asyncio.gather(*(client.disconnect() for client in clients))
        return connected

    cars = echo_cars(4)
    assert in_world(scenario, cars) == [True] * 4
    ups = sorted(car.log[0][1] for car in cars)
    assert all(later - earlier > 0.3 for earlier, later in itertools.pairwise(ups))


def test_a_car_that_floods_its_radio_drops_what_does_not_fit_and_keeps_the_order(in_world, find, echo_cars):
    async def scenario(world):
        numbers = []
        async with bleak.BleakClient(await find()) as client:
            await client.start_notify(
                TO_HOST,
                lambda _, data: numbers.append(int.from_bytes(data[2:6], "little")) if data[1] == 0x27 else 0,
            )
            await asyncio.sleep(10)
        return numbers, next(iter(world.peripherals.values())).notifications_dropped

    numbers, dropped = in_world(scenario, echo_cars(stream_period_s=0.005))
    assert numbers == sorted(set(numbers))
    assert dropped > 0
    assert len(numbers) == pytest.approx(
        10 * 4 / 0.030, rel=0.05
    )  # four packets an event is all the air carries


def test_the_same_seed_gives_the_same_events_and_another_seed_others(in_world, find, echo_cars):
    def history(seed):
        async def scenario(world):
            loop = asyncio.get_running_loop()
            log = []
            async with bleak.BleakScanner(lambda d, a: log.append((loop.time(), d.address, a.rssi))):
                await asyncio.sleep(3)
            world.inject("fail_establish", 0xAB000002, 0.5)
            for number in (1, 2, 3):
                log.extend(await pings(await find(number), 20))
            return log + [car.log for car in cars]

        cars = echo_cars(3)
        return in_world(scenario, cars, air=AirParameters(link_loss=0.2), seed=seed)

    first = history(7)
    assert first == history(7)
    assert first != history(8)
