"""A program that knows only bleak meets the simulated cars."""

import asyncio

import bleak
import pytest
from bumble import att
from bumble.snoop import Snooper

TO_HOST = "be15bee0-6186-407e-8381-0bd89c4d8df4"
TO_CAR = "be15bee1-6186-407e-8381-0bd89c4d8df4"
SERVICE = "be15beef-6186-407e-8381-0bd89c4d8df4"
PING, DISCONNECT = b"\x01\x16", b"\x01\x0d"
ACL_DATA = 0x02


def test_a_scan_sees_every_car_with_advert_and_scan_response_merged(in_world, echo_cars):
    async def scenario(world):
        return await bleak.BleakScanner.discover(timeout=1.0, return_adv=True)

    found = in_world(scenario, echo_cars(4))
    assert len(found) == 4
    device, advert = found["D0:00:00:00:00:03"]
    assert advert.manufacturer_data == {61374: bytes.fromhex("0008ab000003")}
    assert advert.service_uuids == [SERVICE]
    assert advert.local_name == "\x10t'\x01    Drive"
    assert advert.tx_power == 0
    assert advert.rssi == -55
    assert device.address == "D0:00:00:00:00:03"


OTHER_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"


@pytest.mark.parametrize(("wanted", "seen"), [(SERVICE, 2), (SERVICE.upper(), 2), (OTHER_SERVICE, 0)])
def test_a_scan_for_a_service_records_only_what_offers_it(in_world, echo_cars, wanted, seen):
    async def scenario(world):
        called = []
        async with bleak.BleakScanner(lambda device, _: called.append(device.address), [wanted]) as scanner:
            await asyncio.sleep(1.0)
        discovered = await bleak.BleakScanner.discover(timeout=1.0, service_uuids=[wanted])
        return len(set(called)), len(scanner.discovered_devices), len(discovered)

    assert in_world(scenario, echo_cars(2)) == (seen, seen, seen)


def test_a_passive_scan_never_sees_the_name(in_world):
    async def scenario(world):
        found = await bleak.BleakScanner.discover(timeout=1.0, return_adv=True, scanning_mode="passive")
        return [advert.local_name for _, advert in found.values()]

    assert in_world(scenario) == [None]


def test_the_service_filter_keeps_cars_and_drops_others(in_world):
    async def scenario(world):
        ours = await bleak.BleakScanner.discover(timeout=1.0, return_adv=True, service_uuids=[SERVICE])
        seen = []
        other = "0000180d-0000-1000-8000-00805f9b34fb"
        async with bleak.BleakScanner(lambda d, _: seen.append(d), service_uuids=[other]):
            await asyncio.sleep(1)
        return len(ours), len(seen)

    assert in_world(scenario) == (1, 0)


def test_the_attribute_database_is_the_captured_one(in_world, find):
    async def scenario(world):
        async with bleak.BleakClient(await find()) as client:
            services = [
                (s.handle, s.uuid[4:8], [c.handle for c in s.characteristics]) for s in client.services
            ]
            to_car, to_host = client.services[TO_CAR], client.services[TO_HOST]
            return services, to_car, to_host, client.mtu_size

    services, to_car, to_host, mtu = in_world(scenario)
    assert services == [(1, "1800", [3, 5, 7]), (8, "1801", []), (9, "beef", [11, 13])]
    assert to_car.properties == ["read", "write", "write-without-response"]
    assert to_host.properties == ["notify", "read"]
    assert [d.handle for d in to_host.descriptors] == [14]
    assert mtu == 23
    assert to_car.max_write_without_response_size == 20


def test_connect_subscribe_write_get_notified_disconnect(in_world, find, echo_cars):
    async def scenario(world):
        lost = []
        heard = asyncio.Queue()
        async with bleak.BleakClient(await find(), lost.append) as client:
            await client.start_notify(TO_HOST, lambda _, data: heard.put_nowait(data))
            hello = await heard.get()
            await client.write_gatt_char(TO_CAR, PING, response=False)
            first = await heard.get()
            await client.write_gatt_char(TO_CAR, PING, response=True)
            second = await heard.get()
            assert client.is_connected
        assert not client.is_connected
        await asyncio.sleep(1)
        return hello, first, second, lost == [client]

    cars = echo_cars()
    assert in_world(scenario, cars) == (b"\x05\x3f\x01\x00\x00\x01", b"\x01\x17", b"\x01\x17", True)
    assert [entry[0] for entry in cars[0].log] == ["up", "subscribed", "written", "written", "down"]
    assert cars[0].log[-1][2] is True


class AttOpcodes:
    """An HCI snooper that keeps the ATT opcodes that reach the host."""

    def __init__(self):
        self.heard = []

    def snoop(self, data, direction):
        if (
            direction == Snooper.Direction.CONTROLLER_TO_HOST
            and data[0] == ACL_DATA
            and data[7:9] == b"\x04\x00"
        ):
            self.heard.append(att.Opcode(data[9]))


def test_a_car_that_answers_at_once_does_not_overtake_the_write_response(in_world, find):
    async def scenario(world):
        async with bleak.BleakClient(await find()) as client:
            await client.start_notify(TO_HOST, lambda *_: None)
            await asyncio.sleep(0.5)
            world.stack.device.host.snooper = snooper = AttOpcodes()
            await client.write_gatt_char(TO_CAR, PING, response=True)
            await asyncio.sleep(0.5)
            return snooper.heard

    assert in_world(scenario) == [att.Opcode.ATT_WRITE_RESPONSE, att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION]


@pytest.mark.parametrize("response", [True, False])
def test_a_car_asked_to_disconnect_acknowledges_first(in_world, find, response):
    async def scenario(world):
        lost = asyncio.Event()
        async with bleak.BleakClient(await find(), lambda _: lost.set()) as client:
            await client.write_gatt_char(TO_CAR, DISCONNECT, response=response)
            await asyncio.wait_for(lost.wait(), 0.2)
        return (await find()).address

    assert in_world(scenario) == "D0:00:00:00:00:01"


def test_no_notification_comes_before_subscribing_or_after_unsubscribing(in_world, find):
    async def scenario(world):
        heard = []
        async with bleak.BleakClient(await find()) as client:
            await client.write_gatt_char(TO_CAR, PING, response=True)
            await asyncio.sleep(0.5)
            await client.start_notify(TO_HOST, lambda _, data: heard.append(bytes(data)))
            await asyncio.sleep(0.5)
            await client.stop_notify(TO_HOST)
            await client.write_gatt_char(TO_CAR, PING, response=True)
            await asyncio.sleep(0.5)
        return heard

    assert in_world(scenario) == [b"\x05\x3f\x01\x00\x00\x01"]


def test_connecting_by_address_scans_first_and_an_unknown_one_is_not_found(in_world):
    async def scenario(world):
        async with bleak.BleakClient("D0:00:00:00:00:01") as client:
            name = client.name
        with pytest.raises(bleak.exc.BleakDeviceNotFoundError):
            await bleak.BleakClient("D0:00:00:00:00:77", timeout=3).connect()
        return name

    assert in_world(scenario) == "\x10t'\x01    Drive"


def test_reading_and_writing_attributes_the_wrong_way_gives_gatt_errors(in_world, find):
    async def scenario(world):
        async with bleak.BleakClient(await find()) as client:
            assert await client.read_gatt_char(3) == b"Drive"
            assert await client.read_gatt_descriptor(14) == b"\x00\x00"
            with pytest.raises(bleak.exc.BleakGATTProtocolError) as caught:
                await client.write_gatt_char(client.services[TO_HOST], b"x", response=True)
            with pytest.raises(bleak.exc.BleakGATTProtocolError) as too_long:
                await client.write_gatt_char(client.services[TO_CAR], bytes(21), response=True)
        return caught.value.code, too_long.value.code

    assert in_world(scenario) == (0x03, 0x0D)


def test_using_a_closed_client_raises_a_bleak_error(in_world, find):
    async def scenario(world):
        client = bleak.BleakClient(await find())
        await client.connect()
        services = client.services
        await client.disconnect()
        await client.disconnect()
        with pytest.raises(bleak.BleakError):
            await client.write_gatt_char(services[TO_CAR], PING)

    in_world(scenario)


def test_the_name_follows_the_cars_state_and_it_advertises_again_after_a_clean_end(in_world, find):
    async def scenario(world):
        device = await find()
        before = device.name[0]
        async with bleak.BleakClient(device):
            assert await bleak.BleakScanner.discover(timeout=2.0) == []
        again = await find()
        return before, again.name[0]

    assert in_world(scenario) == ("\x10", "\x18")
