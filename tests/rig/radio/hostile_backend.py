"""A bleak backend in which any single call can misbehave in any way, and nothing below it is real."""

import asyncio

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from protocol.advertising import COMPANY_ID
from protocol.gatt import SERVICE_UUID, TO_CAR_UUID, TO_HOST_UUID
from rig.radio.radio import Radio

IDENTIFIER = 0x0880EADB
DEVICE = BLEDevice("C0:00:00:00:00:01", None, None)
ADVERT = AdvertisementData(
    "\x10t'\x01    Bob", {COMPANY_ID: bytes.fromhex("00090880eadb")}, {}, [SERVICE_UUID], 0, -50, ()
)
FRESH_DATA = bytearray.fromhex("053f01000001")
ALL_BUT_INDICATE = 0x1E

CALLS = (
    "start scanning",
    "stop scanning",
    "make the link",
    "discover",
    "subscribe",
    "write",
    "write with response",
    "disconnect",
)
"""Every call the radio makes of bleak; `make the link` and `discover` are the two halves of `connect`."""

ERRORS = {
    "an unknown BleakError": lambda: BleakError("the sky fell"),
    "not connected": lambda: BleakError("Not connected"),
    "device not found": lambda: BleakDeviceNotFoundError("C0:00", "Device was not found."),
    "in progress": lambda: BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"]),
    "no reply": lambda: BleakDBusError(
        "org.freedesktop.DBus.Error.NoReply",
        ["Message recipient disconnected from message bus without replying"],
    ),
    "unknown object": lambda: BleakDBusError("org.freedesktop.DBus.Error.UnknownObject", ["no such object"]),
    "no bluetoothd": lambda: BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["not activatable"]),
    "aborted": lambda: BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"]),
    "an unknown D-Bus error": lambda: BleakDBusError("org.example.Odd", []),
    "an ATT error": lambda: BleakGATTProtocolError(BleakGATTProtocolErrorCode.WRITE_NOT_PERMITTED),
    "adapter off": lambda: BleakBluetoothNotAvailableError(
        "No powered Bluetooth adapters found.", BleakBluetoothNotAvailableReason.POWERED_OFF
    ),
    "adapter gone": lambda: BleakBluetoothNotAvailableError(
        "No Bluetooth adapters found.", BleakBluetoothNotAvailableReason.NO_BLUETOOTH
    ),
    "a broken pipe": lambda: BrokenPipeError(32, "Broken pipe"),
    "an end of file": EOFError,
    "a timeout of its own": lambda: TimeoutError("no answer"),
    "a failed assertion": AssertionError,
    "a missing key": lambda: KeyError("/org/bluez/hci0/dev_C0"),
    "a missing attribute": lambda: AttributeError("'NoneType' object has no attribute 'call'"),
    "a bad state": lambda: RuntimeError("event loop is tired"),
    "a cancellation nobody asked for": asyncio.CancelledError,
}


class Hostile:
    """The stack's temper: `call` misbehaves as `how` says, all others work. `link_is_up` is the truth.

    `how`: `works`, `hangs`, `raises`, and with the link dying first `dies and hangs`, `dies and raises`,
    `dies and returns`, `dies twice and returns`.
    """

    def __init__(self, call="", how="works", error=None):
        self.call, self.how, self.error = call, how, error
        self.link_is_up = False
        self.reached = 0

    async def reach(self, call, dies):
        if call != self.call or self.how == "works":
            return
        self.reached += 1
        if "dies" in self.how:
            for _ in range(2 if "twice" in self.how else 1):
                dies()
        if "hangs" in self.how:
            await asyncio.Event().wait()
        if "raises" in self.how:
            raise self.error()


class HostileScanner(BaseBleakScanner):
    def __init__(self, callback, uuids, _mode, *, temper, **_):
        super().__init__(callback, uuids)
        self._temper = temper

    async def start(self):
        await self._temper.reach("start scanning", lambda: None)
        self.call_detection_callbacks(DEVICE, ADVERT)

    async def stop(self):
        await self._temper.reach("stop scanning", lambda: None)


class HostileClient(BaseBleakClient):
    def __init__(self, device, _services=None, *, disconnected_callback, timeout, temper, **_):
        super().__init__(device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._temper = temper

    name = "hostile"
    mtu_size = 23

    @property
    def is_connected(self):
        return self._temper.link_is_up

    def _dies(self):
        self._temper.link_is_up = False
        self._disconnected_callback()

    async def connect(self, pair, **kwargs):
        await self._temper.reach("make the link", self._dies)
        self._temper.link_is_up = True
        await self._temper.reach("discover", self._dies)
        self.services = BleakGATTServiceCollection()
        service = BleakGATTService(None, 9, SERVICE_UUID)
        self.services.add_service(service)
        for handle, uuid in ((11, TO_CAR_UUID), (13, TO_HOST_UUID)):
            properties = sorted(gatt_char_props_to_strs(ALL_BUT_INDICATE))
            self.services.add_characteristic(
                BleakGATTCharacteristic(None, handle, uuid, properties, lambda: 20, service)
            )

    async def disconnect(self):
        if self._temper.link_is_up:
            await self._temper.reach("disconnect", self._dies)
        if self._temper.link_is_up:
            self._dies()

    async def start_notify(self, characteristic, callback, **kwargs):
        await self._temper.reach("subscribe", self._dies)
        callback(FRESH_DATA)

    async def write_gatt_char(self, characteristic, data, response):
        await self._temper.reach("write with response" if response else "write", self._dies)

    async def pair(self, *args, **kwargs): ...
    async def unpair(self): ...
    async def read_gatt_char(self, characteristic, **kwargs): ...
    async def read_gatt_descriptor(self, descriptor, **kwargs): ...
    async def write_gatt_descriptor(self, descriptor, data): ...
    async def stop_notify(self, characteristic): ...


def hostile_radio(temper):
    return Radio(
        name="hostile",
        scanner_backend=HostileScanner,
        client_backend=HostileClient,
        backend_options={"temper": temper},
    )
