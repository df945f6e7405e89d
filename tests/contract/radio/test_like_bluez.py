"""The canary of the fake org.bluez: the same questions on D-Bus, the same answers, name and words, as BlueZ 5.66.

`--bench vhci` asks bluetoothd in the guest, `--bench fake` ours (`tests/bluez`). Both must give what stands here.
"""

import asyncio
from contextlib import asynccontextmanager

import pytest

from protocol import PingRequest
from protocol.gatt import TO_CAR_UUID, TO_HOST_UUID
from rig.errors import RigError
from rig.radio import errors
from rig.radio.radio import Radio
from tests.contract.radio.abilities import Ability, needs

pytestmark = needs(Ability.ORG_BLUEZ, Ability.KNOWS_WORLD)

BZ, FD = "org.bluez.Error", "org.freedesktop.DBus.Error"
ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
PROPERTIES = "org.freedesktop.DBus.Properties"
OK = ("ok",)
BUSY = (f"{BZ}.InProgress", "Operation already in progress")
NOT_READY = (f"{BZ}.NotReady", "Resource Not Ready")
NO_DISCOVERY = (f"{BZ}.Failed", "No discovery started")
ABORTED = (f"{BZ}.Failed", "le-connection-abort-by-local")
CANCELED = (f"{BZ}.Failed", "br-connection-canceled")
ANSWER_LIMIT_S = 20


def no_method(kind, member, signature, interface):
    return (
        f"{FD}.{kind}",
        f'Method "{member}" with signature "{signature}" on interface "{interface}" doesn\'t exist\n',
    )


@asynccontextmanager
async def line():
    """`await ask(path, interface, member, signature, *body)` on a D-Bus connection of its own: the error's name
    and words, or OK."""
    from dbus_fast import BusType, Message, MessageType
    from dbus_fast.aio import MessageBus

    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()

    async def ask(path, interface, member, signature="", *body, told=False):
        request = Message(
            destination="org.bluez",
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        async with asyncio.timeout(ANSWER_LIMIT_S):
            reply = await bus.call(request)
        if reply.message_type is MessageType.ERROR:
            return (reply.error_name, *reply.body)
        return (*OK, *reply.body) if told else OK

    try:
        yield ask
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()


def value(signature, what):
    from dbus_fast import Variant

    return Variant(signature, what)


def hci_of(stand):
    return stand.radio.name.partition(":")[2]


def adapter_of(stand):
    return f"/org/bluez/{hci_of(stand)}"


async def discovering(ask, hci):
    """OK once the kernel scans: before, BlueZ answers the end of a scan with InProgress."""
    async with asyncio.timeout(ANSWER_LIMIT_S):
        while (await ask(hci, PROPERTIES, "Get", "ss", ADAPTER, "Discovering", told=True))[
            1
        ].value is not True:
            await asyncio.sleep(0.05)
    return OK


async def path_of(stand, n=0):
    return (await stand.find(n)).handle.details["path"]


async def switch(ask, stand, on):
    return await ask(adapter_of(stand), PROPERTIES, "Set", "ssv", ADAPTER, "Powered", value("b", on))


def test_of_discovery(on_stand):
    async def scenario(stand):
        hci = adapter_of(stand)
        async with line() as one, line() as two:
            return [
                await one("/org/bluez/hci9", ADAPTER, "StartDiscovery"),
                await one(hci, ADAPTER, "Nonsense"),
                await one(hci, DEVICE, "Connect"),
                await one(hci, ADAPTER, "StopDiscovery"),
                await one(hci, ADAPTER, "SetDiscoveryFilter", "a{sv}", {"Nonsense": value("s", "x")}),
                await one(hci, ADAPTER, "SetDiscoveryFilter", "a{sv}", {"Transport": value("s", "le")}),
                await one(hci, ADAPTER, "StartDiscovery"),
                await one(hci, ADAPTER, "StartDiscovery"),
                await two(hci, ADAPTER, "StartDiscovery"),
                await discovering(two, hci),
                await one(hci, ADAPTER, "StopDiscovery"),
                await one(hci, ADAPTER, "StopDiscovery"),
                await two(hci, ADAPTER, "StopDiscovery"),
                await one(hci, ADAPTER, "RemoveDevice", "o", f"{hci}/dev_00_00_00_00_00_01"),
                await one(hci, PROPERTIES, "Set", "ssv", ADAPTER, "Name", value("s", "x")),
            ]

    assert on_stand(scenario) == [
        no_method("UnknownObject", "StartDiscovery", "", ADAPTER),
        no_method("UnknownMethod", "Nonsense", "", ADAPTER),
        no_method("UnknownMethod", "Connect", "", DEVICE),
        NO_DISCOVERY,
        (f"{BZ}.InvalidArguments", "Invalid arguments in method call"),
        OK,
        OK,
        BUSY,
        OK,
        OK,
        OK,
        NO_DISCOVERY,
        OK,
        (f"{BZ}.DoesNotExist", "Does Not Exist"),
        (f"{FD}.PropertyReadOnly", "Property 'Name' is not writable"),
    ]


def test_of_a_connected_car(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        services = link._client.services
        device = link.sighting.handle.details["path"]
        to_car = services.get_characteristic(TO_CAR_UUID).obj[0]
        to_host = services.get_characteristic(TO_HOST_UUID).obj[0]
        request, command = value("s", "request"), value("s", "command")
        async with line() as one, line() as two:

            async def write(path, data, **options):
                return await one(path, CHARACTERISTIC, "WriteValue", "aya{sv}", data, options)

            answers = [
                await one(device, DEVICE, "Connect"),
                await one(to_host, CHARACTERISTIC, "StopNotify"),
                await one(to_host, CHARACTERISTIC, "StartNotify"),
                await one(to_host, CHARACTERISTIC, "StartNotify"),
                await two(to_host, CHARACTERISTIC, "AcquireNotify", "a{sv}", {}),
                await one(to_car, CHARACTERISTIC, "StartNotify"),
                await write(to_host, b"\x01", type=request),
                await write(to_car, bytes(21), type=request),
                await write(to_car, bytes(21), type=command),
                await write(to_car, b"\x01\x16", type=value("q", 5)),
                *await asyncio.gather(*(write(to_car, b"\x01\x16", type=request) for _ in range(2))),
                await write(f"{to_car}0", b"\x01", type=request),
            ]
            await link.disconnect()
            answers.append(await write(to_car, b"\x01\x16", type=request))
            answers.append(await one(device, DEVICE, "Disconnect"))
        return answers

    assert on_stand(scenario) == [
        OK,
        (f"{BZ}.Failed", "No notify session started"),
        OK,
        OK,
        (f"{BZ}.InProgress", "In Progress"),
        (f"{BZ}.NotSupported", "Operation is not supported"),
        (f"{BZ}.NotPermitted", "Write not permitted"),
        (f"{BZ}.InvalidArguments", "Invalid Length"),
        (f"{BZ}.Failed", "Failed to initiate write"),
        (f"{BZ}.InvalidArguments", "Invalid arguments in method call"),
        OK,
        (f"{BZ}.InProgress", "In Progress"),
        no_method("UnknownObject", "WriteValue", "aya{sv}", CHARACTERISTIC),
        (f"{BZ}.Failed", "Not connected"),
        OK,
    ]


def test_of_connecting(on_stand):
    async def scenario(stand):
        car = stand.cars[0]
        async with line() as one, line() as two:
            device = await path_of(stand)
            pair = await asyncio.gather(one(device, DEVICE, "Connect"), two(device, DEVICE, "Connect"))
            answers = [*pair, await one(device, DEVICE, "Disconnect")]
            device = await path_of(stand)
            stand.world.inject("fail_establish_next", car, 1)
            answers.append(await one(device, DEVICE, "Connect"))
            await one(device, DEVICE, "Disconnect")
            device = await path_of(stand)
            stand.world.inject("out_of_range", car, lasts_s=3)
            connecting = asyncio.ensure_future(one(device, DEVICE, "Connect"))
            await asyncio.sleep(1)
            answers.append(await two(device, DEVICE, "Connect"))
            answers.append(await two(device, DEVICE, "Disconnect"))
            answers.append(await connecting)
        return answers

    busy = (f"{BZ}.Failed", "Operation already in progress")
    assert on_stand(scenario) == [OK, busy, OK, ABORTED, busy, OK, CANCELED]


def test_of_an_adapter_that_is_off_and_a_device_that_is_gone(on_stand):
    async def scenario(stand):
        hci = adapter_of(stand)
        async with line() as ask:
            link = await stand.connect()
            device = link.sighting.handle.details["path"]
            await link.disconnect()
            answers = [
                await switch(ask, stand, on=False),
                await ask(hci, ADAPTER, "StartDiscovery"),
                await ask(hci, ADAPTER, "StopDiscovery"),
                await ask(hci, ADAPTER, "SetDiscoveryFilter", "a{sv}", {"Transport": value("s", "le")}),
                await ask(device, DEVICE, "Connect"),
                await ask(hci, ADAPTER, "RemoveDevice", "o", device),
                await switch(ask, stand, on=True),
            ]
            device = await path_of(stand)
            answers.append(await ask(hci, ADAPTER, "RemoveDevice", "o", device))
            answers.append(await ask(device, DEVICE, "Connect"))
        return answers

    gone = no_method("UnknownObject", "Connect", "", DEVICE)
    unknown = (f"{BZ}.DoesNotExist", "Does Not Exist")
    assert on_stand(scenario) == [OK, NOT_READY, NOT_READY, NOT_READY, gone, unknown, OK, OK, gone]


# The same through Radio: what the user is told.


async def failure_of(work):
    with pytest.raises(RigError) as caught:
        await work
    return caught.value


def test_a_link_lost_under_a_write_is_a_lost_link_and_no_refusal(on_stand):
    """BlueZ answers such a write with ATT error 0x0e, as if the car had refused it."""

    async def scenario(stand):
        link = await stand.connect()
        stand.world.inject("out_of_range", stand.cars[0], lasts_s=4)
        error = await failure_of(link.write(PingRequest(), response=True))
        await link.disconnect()
        return type(error)

    assert on_stand(scenario) is errors.LinkLost


def test_an_adapter_switched_off_is_told_as_that(on_stand):
    async def scenario(stand):
        async with line() as ask:
            link = await stand.connect()
            await link.disconnect()
            car = link.sighting
            await switch(ask, stand, on=False)
            found = type(await failure_of(stand.find()))
            connected = type(await failure_of(stand.radio.connect(car)))
            await switch(ask, stand, on=True)
        return found, connected

    assert on_stand(scenario) == (errors.AdapterOff, errors.CarNotFound), "BlueZ forgets cars with the power"


def test_a_car_bluez_forgot_is_not_found(on_stand):
    async def scenario(stand):
        car = await stand.find()
        async with line() as ask:
            await ask(adapter_of(stand), ADAPTER, "RemoveDevice", "o", car.handle.details["path"])
        return type(await failure_of(stand.radio.connect(car)))

    assert on_stand(scenario) is errors.CarNotFound


def test_a_second_scanner_of_the_program_finds_the_stack_busy(on_stand):
    async def scenario(stand):
        options = {"bluez": {"adapter": hci_of(stand)}}
        async with stand.radio.scan(), Radio(name="other", backend_options=options) as other:
            return type(await failure_of(other.find(stand.cars[0], 2)))

    assert on_stand(scenario) is errors.StackBusy


def test_a_link_that_fails_to_be_established_once_is_brought_up_by_bleak(on_stand):
    async def scenario(stand):
        car = await stand.find()
        stand.world.inject("fail_establish_next", stand.cars[0], 1)
        link = await stand.radio.connect(car, timeout_s=20)
        await link.disconnect()
        return True

    assert on_stand(scenario)


@needs(Ability.TWO_CARS)
def test_a_controller_without_a_free_link_reads_as_an_aborted_attempt(on_stand):
    """HCI 0x09 comes out as the words that bleak repeats until the time is up; only `max_links` knows better."""

    async def scenario(stand):
        first = await stand.connect()
        second = await stand.find(1)
        stand.world.inject("slot_limit", value=1, lasts_s=30)
        error = await failure_of(stand.radio.connect(second, timeout_s=3))
        async with line() as ask:
            answer = await ask(await path_of(stand, 1), DEVICE, "Connect")
        await first.disconnect()
        return answer, type(error)

    assert on_stand(scenario) == (ABORTED, errors.ConnectTimedOut)
