"""bleak's backend over a host stack that fails on request: every failure becomes bleak's own error."""

import asyncio

import bleak
import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)

from rig.radio.backend import HostStackClient, HostStackScanner, install
from rig.radio.host_adapter import HostAdapter
from rig.radio.host_stack import AdvertReport, GattCharacteristic, GattService, HostError, HostFailure
from rig.virtual_time import run_virtual

ADDRESS = "D0:00:00:00:00:01"
CHARACTERISTIC = GattCharacteristic(3, "00002a00-0000-1000-8000-00805f9b34fb", 0x1A, ())
SERVICES = [GattService(1, "00001800-0000-1000-8000-00805f9b34fb", (CHARACTERISTIC,))]


class FailingLink:
    address, att_mtu = ADDRESS, 23

    def __init__(self, failures):
        self.failures = failures
        self.is_open = True
        self.ended = 0

    def _maybe_fail(self, step):
        if step in self.failures:
            raise self.failures[step]

    async def discover(self):
        self._maybe_fail("discover")
        return SERVICES

    async def read(self, handle):
        self._maybe_fail("read")
        return b"Drive"

    async def write(self, handle, data, with_response):
        self._maybe_fail("write")

    async def subscribe(self, handle, callback):
        self._maybe_fail("subscribe")

    async def unsubscribe(self, handle):
        self._maybe_fail("unsubscribe")

    async def disconnect(self):
        self.is_open = False
        self.ended += 1


class FailingStack:
    name, is_powered = "fake0", True

    def __init__(self, **failures):
        self.failures = failures
        self.links = []

    async def start_scanning(self, on_report, active):
        if "scan" in self.failures:
            raise self.failures["scan"]
        loop = asyncio.get_running_loop()
        loop.call_later(0.1, on_report, AdvertReport(ADDRESS, b"\x02\x01\x06", False, True, -50))
        loop.call_later(0.1, on_report, AdvertReport(ADDRESS, b"\x03\x09AB", True, True, -50))

    async def stop_scanning(self, on_report):
        if "stop" in self.failures:
            raise self.failures["stop"]

    async def connect(self, address, on_lost):
        if "connect" in self.failures:
            raise self.failures["connect"]
        self.links.append(FailingLink(self.failures))
        return self.links[-1]


def run(program, **failures):
    async def main():
        stack = FailingStack(**failures)
        with install(HostAdapter(stack)):
            return await program(stack)

    return run_virtual(main, limit_s=1000)


@pytest.mark.parametrize(
    ("failure", "expected", "words"),
    [
        (HostFailure.ADAPTER_OFF, BleakBluetoothNotAvailableError, "powered"),
        (HostFailure.ADAPTER_GONE, BleakBluetoothNotAvailableError, "No Bluetooth adapters"),
        (HostFailure.BUSY, BleakDBusError, r"\[org.bluez.Error.InProgress\] Operation already in progress"),
        (HostFailure.LINK_LIMIT, BleakError, "0x09"),
        (HostFailure.CONNECT_ABORTED, BleakDBusError, r"\[org.bluez.Error.Failed\] br-connection-canceled"),
        (HostFailure.CONNECT_TIMEOUT, BleakError, "timed out"),
        (HostFailure.TIMEOUT, TimeoutError, "no answer"),
    ],
)
def test_a_connect_that_fails_raises_what_bleak_would(failure, expected, words):
    async def program(stack):
        with pytest.raises(expected, match=words):
            await bleak.BleakClient(ADDRESS).connect()

    run(program, connect=HostError(failure))


def test_a_link_whose_discovery_fails_is_ended():
    async def program(stack):
        with pytest.raises(TimeoutError):
            await bleak.BleakClient(ADDRESS).connect()
        return [link.ended for link in stack.links]

    assert run(program, discover=HostError(HostFailure.TIMEOUT)) == [1]


def test_a_cancelled_discovery_ends_the_link():
    async def program(stack):
        async def endless(self):
            await asyncio.get_running_loop().create_future()

        FailingLink.discover, before = endless, FailingLink.discover
        try:
            with pytest.raises(TimeoutError):
                await bleak.BleakClient(ADDRESS, timeout=3).connect()
        finally:
            FailingLink.discover = before
        return [link.ended for link in stack.links]

    assert run(program) == [1]


@pytest.mark.parametrize("step", ["read", "write", "subscribe", "unsubscribe"])
def test_att_errors_carry_their_code(step):
    async def program(stack):
        async with bleak.BleakClient(ADDRESS) as client:
            calls = {
                "read": lambda: client.read_gatt_char(3),
                "write": lambda: client.write_gatt_char(3, b"x", response=True),
                "subscribe": lambda: client.start_notify(3, print),
                "unsubscribe": lambda: client.stop_notify(3),
            }
            with pytest.raises(BleakGATTProtocolError) as caught:
                await calls[step]()
        return caught.value.code

    assert run(program, **{step: HostError(HostFailure.ATT_ERROR, att_error=0x05)}) == 0x05


def test_scanning_failures_are_bleaks_too():
    async def program(stack):
        with pytest.raises(BleakBluetoothNotAvailableError):
            await bleak.BleakScanner.discover(1.0)

    run(program, scan=HostError(HostFailure.ADAPTER_OFF))
    run(program, stop=HostError(HostFailure.ADAPTER_OFF))


def test_a_client_connects_once_and_offers_only_the_services_asked_for():
    async def program(stack):
        client = bleak.BleakClient(ADDRESS, services=["180d"])
        await client.connect()
        with pytest.raises(BleakError, match="already connected"):
            await client.connect()
        for pairing in (client.pair, client.unpair):
            with pytest.raises(NotImplementedError):
                await pairing()
        return list(client.services), client.name

    assert run(program) == ([], "AB")


def test_without_an_adapter_there_is_no_bluetooth():
    for build in (
        lambda: HostStackScanner(None, None, "active"),
        lambda: HostStackClient(ADDRESS, disconnected_callback=None, timeout=1.0),
    ):
        with pytest.raises(BleakBluetoothNotAvailableError):
            build()


def test_install_gives_bleak_its_own_backends_back():
    before = vars(bleak)["get_platform_client_backend_type"]
    with install(HostAdapter(FailingStack())):
        assert vars(bleak)["get_platform_client_backend_type"] is not before
    assert vars(bleak)["get_platform_client_backend_type"] is before


def test_what_was_seen_long_ago_is_forgotten():
    async def program(stack):
        adapter = HostAdapter(stack)
        adapter.merge(AdvertReport(ADDRESS, b"\x03\x09AB", True, True, -50))
        names = []
        for wait_s in (29, 31):
            await asyncio.sleep(wait_s)
            names.append(adapter.merge(AdvertReport(ADDRESS, b"\x02\x0a\x00", False, True, -50)).local_name)
        return names

    assert run(program) == ["AB", None]
