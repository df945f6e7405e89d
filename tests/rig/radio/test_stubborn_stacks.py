"""Stacks that hang, lie or fail half-way: fakes below bleak's own backend seam, in virtual time."""

import asyncio
from dataclasses import replace

import pytest
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError

from protocol.advertising import COMPANY_ID, CarAdvert
from protocol.gatt import SERVICE_UUID, TO_CAR_UUID, TO_HOST_UUID
from rig.radio.bring_up import NUDGE_AFTER_S
from rig.radio.errors import (
    AdapterGone,
    AttError,
    ConnectTimedOut,
    LinkLost,
    NoFreshData,
    RadioClosed,
    ServicesMissing,
    StackBusy,
)
from rig.radio.link import DISCONNECT_LIMIT_S
from rig.radio.radio import Radio
from rig.radio.sighting import sighting_of
from rig.radio.teardown import see_through
from rig.virtual_time import run_virtual

DEVICE = BLEDevice("C0:00:00:00:00:01", None, None)
CAR = sighting_of(CarAdvert(0x0880EADB, 9, 0x2774), DEVICE.address, -50, 0.0, DEVICE)


class Stack:
    """What the fake stack does; `calls` what it was asked."""

    def __init__(self, *, uuid=SERVICE_UUID, connect=None, speak=True, write_error=None, disconnect=None):
        self.uuid, self.connect, self.speak = uuid, connect, speak
        self.write_error, self.disconnect = write_error, disconnect
        self.calls, self.scans = [], 0
        self.fail_scan_from = 99


class FakeClient(BaseBleakClient):
    def __init__(self, device, services=None, *, disconnected_callback, timeout, stack, **_):
        super().__init__(device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._stack, self._up = stack, False

    name = "fake"
    mtu_size = 23

    @property
    def is_connected(self):
        return self._up

    async def connect(self, pair, **kwargs):
        self._stack.calls.append("connect")
        if self._stack.connect is not None:
            await self._stack.connect()
        self._up = True
        await asyncio.sleep(0.1)
        self.services = BleakGATTServiceCollection()
        service = BleakGATTService(None, 9, self._stack.uuid)
        self.services.add_service(service)
        for handle, uuid in ((11, TO_CAR_UUID), (13, TO_HOST_UUID)):
            properties = ["write", "write-without-response", "notify"]
            self.services.add_characteristic(
                BleakGATTCharacteristic(None, handle, uuid, properties, lambda: 20, service)
            )

    async def disconnect(self):
        self._stack.calls.append("disconnect")
        if self._stack.disconnect is not None:
            await self._stack.disconnect()
        self._up = False

    async def start_notify(self, characteristic, callback, **kwargs):
        self._stack.calls.append("subscribe")
        if self._stack.speak:
            callback(bytearray.fromhex("053f01000001"))
            callback(bytearray.fromhex("ff27"))

    async def write_gatt_char(self, characteristic, data, response):
        self._stack.calls.append(bytes(data).hex())
        if self._stack.write_error is not None:
            raise self._stack.write_error

    async def pair(self, *args, **kwargs): ...
    async def unpair(self): ...
    async def read_gatt_char(self, characteristic, **kwargs): ...
    async def read_gatt_descriptor(self, descriptor, **kwargs): ...
    async def write_gatt_descriptor(self, descriptor, data): ...
    async def stop_notify(self, characteristic): ...


class FakeScanner(BaseBleakScanner):
    def __init__(self, callback, uuids, mode, *, stack, **_):
        super().__init__(callback, uuids)
        self._stack = stack

    async def start(self):
        self._stack.scans += 1
        if self._stack.scans >= self._stack.fail_scan_from:
            raise BleakBluetoothNotAvailableError(
                "No Bluetooth adapters found.", BleakBluetoothNotAvailableReason.NO_BLUETOOTH
            )
        whole = AdvertisementData(
            None, {COMPANY_ID: bytes.fromhex("00090880eadb")}, {}, [SERVICE_UUID], 0, -50, ()
        )
        named = AdvertisementData("\x10t'\x01    Bob", {}, {}, [], 0, -60, ())
        nobody = AdvertisementData("\x10t'\x01    Eve", {}, {}, [], 0, -60, ())
        self.call_detection_callbacks(BLEDevice("C0:00:00:00:00:02", None, None), nobody)
        self.call_detection_callbacks(DEVICE, whole)
        self.call_detection_callbacks(DEVICE, named)

    async def stop(self):
        raise BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"])


def with_radio(stack, body):
    async def main():
        radio = Radio(
            name="fake",
            scanner_backend=FakeScanner,
            client_backend=FakeClient,
            backend_options={"stack": stack},
        )
        async with radio:
            return await body(radio)

    return run_virtual(main, limit_s=600)


async def for_ever():
    await asyncio.Event().wait()


def now():
    return asyncio.get_running_loop().time()


def test_a_stack_that_never_connects_is_cancelled_in_time():
    async def body(radio):
        with pytest.raises(ConnectTimedOut) as caught:
            await radio.connect(CAR, timeout_s=3)
        return caught.value, now()

    stack = Stack(connect=lambda: asyncio.sleep(1e6))
    error, at_s = with_radio(stack, body)
    assert (error.phase, at_s) == ("link", pytest.approx(3))
    assert stack.calls == ["connect", "disconnect"]


def test_a_stack_that_never_disconnects_is_given_up_on():
    async def body(radio):
        link = await radio.connect(CAR)
        began_s = now()
        await link.disconnect()
        assert not radio.links
        return now() - began_s

    assert with_radio(Stack(disconnect=lambda: asyncio.sleep(1e6)), body) == pytest.approx(DISCONNECT_LIMIT_S)


def test_another_device_with_the_cars_advert_has_no_services():
    async def body(radio):
        with pytest.raises(ServicesMissing) as caught:
            await radio.connect(CAR)
        return caught.value

    stack = Stack(uuid="0000180f-0000-1000-8000-00805f9b34fb")
    assert with_radio(stack, body).milestones.services_s is not None
    assert stack.calls == ["connect", "disconnect"]


def test_a_silent_car_is_pinged_once_and_then_there_is_no_fresh_data():
    async def body(radio):
        with pytest.raises(NoFreshData) as caught:
            await radio.connect(CAR, timeout_s=4)
        return caught.value, now()

    stack = Stack(speak=False)
    error, at_s = with_radio(stack, body)
    assert stack.calls == ["connect", "subscribe", "0116", "disconnect"]
    assert (error.waited_s, error.milestones.pending) == (4, "first data")
    assert at_s > NUDGE_AFTER_S


def test_bad_frames_are_counted_and_handed_on_without_a_message():
    async def body(radio):
        link = await radio.connect(CAR)
        seen = []
        link.on_frame(seen.append)
        await link.disconnect()
        return link.bad_frames, [item.message is None for item in seen]

    assert with_radio(Stack(), body) == (1, [False, True])


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (BleakDBusError("org.bluez.Error.Failed", ["Not connected"]), LinkLost),
        (BleakDBusError("org.bluez.Error.Failed", ["Operation failed with ATT error: 0x03"]), AttError),
    ],
)
def test_a_failed_write_is_translated(raised, ours):
    async def body(radio):
        link = await radio.connect(CAR)
        with pytest.raises(ours, match="Skull 0880eadb"):
            await link.write(bytes.fromhex("0116"))
        await link.disconnect()

    with_radio(Stack(write_error=raised), body)


def test_a_write_that_failed_was_not_sent_and_a_listener_may_be_removed_twice():
    stack = Stack()

    async def body(radio):
        link = await radio.connect(CAR)
        sent = []
        remove = link.on_sent(sent.append)
        await link.write(bytes.fromhex("0116"))
        stack.write_error = BleakDBusError("org.bluez.Error.Failed", ["Not connected"])
        with pytest.raises(LinkLost):
            await link.write(bytes.fromhex("011a"))
        remove()
        remove()
        await link.disconnect()
        return [item.frame.hex() for item in sent]

    assert with_radio(stack, body) == ["0116"]


def test_a_listener_that_raises_is_reported_once_and_the_others_hear_on():
    async def body(radio):
        reports, heard, calls = [], [], []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: reports.append(context["exception"]))

        def failing(received):
            calls.append(received)
            raise ZeroDivisionError

        link = await radio.connect(CAR, on_frame=failing)
        link.on_frame(heard.append)
        for _ in range(3):
            link.received(None, bytearray.fromhex("0117"))
        await link.disconnect()
        return [type(error) for error in reports], len(calls), len(heard)

    assert with_radio(Stack(), body) == ([ZeroDivisionError], 1, 3)


def test_closing_the_radio_ends_what_it_is_connecting_and_what_waits_for_its_turn():
    stack = Stack(connect=lambda: asyncio.sleep(1e6))

    async def body(radio):
        other = replace(CAR, identifier=0x0A41C37E)
        connects = [asyncio.ensure_future(radio.connect(car, timeout_s=60)) for car in (CAR, other)]
        await asyncio.sleep(1)
        await radio.close()
        assert all(connect.done() for connect in connects)
        assert [type(connect.exception()) for connect in connects] == [RadioClosed, RadioClosed]
        return now()

    assert with_radio(stack, body) == pytest.approx(1)
    assert stack.calls == ["connect", "disconnect"]


@pytest.mark.parametrize("before", [True, False])
def test_a_connect_whose_caller_is_cancelled_while_the_radio_closes_stays_cancelled(before):
    async def body(radio):
        connect = asyncio.ensure_future(radio.connect(CAR, timeout_s=60))
        await asyncio.sleep(1)
        if before:
            connect.cancel()
        closing = asyncio.ensure_future(radio.close())
        if not before:
            await asyncio.sleep(0)
            connect.cancel()
        await closing
        return connect.cancelled()

    assert with_radio(Stack(connect=lambda: asyncio.sleep(1e6)), body)


def test_a_busy_stack_is_the_hosts_fault():
    async def busy():
        raise BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"])

    async def body(radio):
        with pytest.raises(StackBusy, match="fake"):
            await radio.connect(CAR)

    with_radio(Stack(connect=busy), body)


def test_reports_that_come_apart_are_put_together():
    async def body(radio):
        return await radio.find(0x0880EADB)

    car = with_radio(Stack(), body)
    assert (car.name, car.firmware, car.rssi_dbm) == ("Bob", 0x2774, -60)


def test_a_scan_that_cannot_resume_tells_its_reader():
    stack = Stack()

    async def body(radio):
        async with radio.scan() as scan:
            car = await anext(scan)
            stack.fail_scan_from = 2
            link = await radio.connect(car)
            await link.disconnect()
            with pytest.raises(AdapterGone):
                async for _ in scan:
                    pass

    with_radio(stack, body)


def test_see_through_finishes_work_for_a_cancelled_caller():
    async def main():
        done = []

        async def work():
            await asyncio.sleep(2)
            done.append(now())

        caller = asyncio.create_task(see_through(work(), 5, "work"))
        await asyncio.sleep(1)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert done == [2.0]
        with pytest.raises(TimeoutError):
            await see_through(for_ever(), 5, "work")
        caller = asyncio.create_task(see_through(for_ever(), 5, "work"))
        await asyncio.sleep(1)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller

    run_virtual(main, limit_s=100)
