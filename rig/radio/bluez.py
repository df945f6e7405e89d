"""BlueZ itself, over D-Bus: its adapters, and the devices it remembers. Linux only.

bleak hides what a host stack keeps between two programs; this is the door to it. Every call is bounded by
`CALL_LIMIT_S` and fails in our error tree. The interfaces are BlueZ's `org.bluez.Adapter1` and
`org.bluez.Device1` (BlueZ `doc/adapter-api.txt`, `doc/device-api.txt`).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from bleak.exc import BleakDBusError

from rig.radio.errors import AdapterMissing, HostFault, HostTrouble, NotPermitted, StackBusy, StackMissing
from rig.radio.translate import Doing, translate

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio.message_bus import MessageBus

CALL_LIMIT_S = 10.0  # BlueZ answers within 50 ms but for power (1 s) and disconnect (2 s)

_CLOSING_LIMIT_S = 1.0  # for the line's reader to see that it was closed

_BLUEZ = "org.bluez"
_ADAPTER = "org.bluez.Adapter1"
_DEVICE = "org.bluez.Device1"
_CHARACTERISTIC = "org.bluez.GattCharacteristic1"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_OBJECTS = "org.freedesktop.DBus.ObjectManager"
_BUSY = "org.bluez.Error.Busy"  # it is at it already, for instance at switching the adapter on
_NO_SUCH_OBJECT = frozenset(
    {
        "org.freedesktop.DBus.Error.UnknownObject",
        "org.freedesktop.DBus.Error.UnknownMethod",
        "org.freedesktop.DBus.Error.UnknownInterface",
        "org.bluez.Error.DoesNotExist",
    }
)

Objects = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Object path -> interface -> property -> value, as ObjectManager tells it, without D-Bus variants."""


@dataclass(frozen=True, slots=True)
class _Request:
    """One method call to BlueZ."""

    path: str
    interface: str
    member: str
    signature: str = ""
    body: Sequence[Any] = ()
    destination: str = _BLUEZ


_DBUS = "org.freedesktop.DBus"
_BUS_PATH = "/org/freedesktop/DBus"
_CHANGES = (
    f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg0='{_BLUEZ}'",
    f"type='signal',sender='{_BLUEZ}',member='InterfacesRemoved',interface='{_OBJECTS}'",
    f"type='signal',sender='{_BLUEZ}',member='PropertiesChanged',arg0='{_ADAPTER}'",
)


class BluezChange(Enum):
    """What may happen to the host's Bluetooth. A service that is there again may need a moment for its adapters."""

    BUS_LOST = "D-Bus ended"
    SERVICE_GONE = "bluetoothd ended"
    SERVICE_THERE = "bluetoothd began"
    ADAPTER_GONE = "the adapter went away"
    ADAPTER_OFF = "the adapter was switched off"
    ADAPTER_ON = "the adapter was switched on"


@dataclass(frozen=True, slots=True)
class AdapterFacts:
    """What BlueZ says of one adapter. `name` is the kernel's (`hci0`), `address` the one it goes by on the air."""

    name: str
    address: str
    alias: str
    powered: bool
    discovering: bool
    roles: tuple[str, ...]
    modalias: str


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What BlueZ remembers of one device; `name` empty when it never heard one. `uuids` are its services, and
    `notifying` says that some program listens to it."""

    path: str
    address: str
    name: str
    connected: bool
    services_resolved: bool
    paired: bool
    uuids: tuple[str, ...] = ()
    notifying: bool = False


class Bluez:
    """An open line to bluetoothd; make one with `async with Bluez.connect() as bluez`."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._ends: list[asyncio.Future[None]] = []

    @classmethod
    @asynccontextmanager
    async def connect(cls) -> AsyncIterator[Bluez]:
        """A line over the system bus, closed at the end. bluetoothd itself need not run yet.

        Raises:
            StackMissing: not Linux, or no D-Bus to ask.
            NotPermitted: the bus refuses this user.
        """
        if sys.platform != "linux":
            raise StackMissing("BlueZ", f"it is part of Linux, and this is {sys.platform}")
        from dbus_fast import BusType  # noqa: PLC0415 - Linux only
        from dbus_fast.aio import MessageBus  # noqa: PLC0415
        from dbus_fast.errors import AuthError  # noqa: PLC0415

        bus = MessageBus(bus_type=BusType.SYSTEM)
        try:
            async with asyncio.timeout(CALL_LIMIT_S):
                await bus.connect()
        except (AuthError, PermissionError) as error:
            bus.disconnect()
            raise NotPermitted("BlueZ", f"D-Bus: {error}") from error
        except (OSError, EOFError, TimeoutError) as error:
            bus.disconnect()
            raise StackMissing("BlueZ", f"no system D-Bus: {_words(error)}") from error
        bluez = cls(bus)
        try:
            yield bluez
        finally:
            ends, bluez._ends = bluez._ends, []
            bus.disconnect()
            if ends:
                await asyncio.wait(ends, timeout=_CLOSING_LIMIT_S)

    async def on_change(self, changed: Callable[[BluezChange, str], None]) -> None:
        """Calls `changed` with what happens to bluetoothd, the bus and the adapters, and the adapter's name where it
        is about one, until this line is closed.

        Raises:
            StackMissing, NotPermitted, StackBusy, HostTrouble: as named.
        """
        from dbus_fast import MessageType  # noqa: PLC0415 - Linux only

        def heard(message: Message) -> None:
            if message.message_type is MessageType.SIGNAL and (news := _news(message)) is not None:
                changed(*news)

        self._bus.add_message_handler(heard)
        for rule in _CHANGES:
            await self._call("BlueZ", _Request(_BUS_PATH, _DBUS, "AddMatch", "s", [rule], destination=_DBUS))
        line = asyncio.ensure_future(self._bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
        self._ends.append(line)

        def over(ended: asyncio.Future[None]) -> None:
            if not ended.cancelled():
                ended.exception()
            if self._ends:
                changed(BluezChange.BUS_LOST, "")

        line.add_done_callback(over)

    async def adapters(self) -> tuple[AdapterFacts, ...]:
        """Every adapter BlueZ knows, by name.

        Raises:
            StackMissing: bluetoothd does not run.
            NotPermitted, StackBusy, HostTrouble: as named.
        """
        found = [
            _adapter(path.rpartition("/")[2], interfaces[_ADAPTER])
            for path, interfaces in (await self._objects()).items()
            if _ADAPTER in interfaces
        ]
        return tuple(sorted(found, key=lambda facts: (len(facts.name), facts.name)))

    async def set_powered(self, adapter: str, on: bool) -> None:
        """Switches an adapter on or off; returns when BlueZ has done it.

        Raises:
            AdapterMissing: no adapter of that name.
            StackMissing, NotPermitted, StackBusy, AdapterOff, HostTrouble: as named.
        """
        from dbus_fast import Variant  # noqa: PLC0415 - Linux only

        wish = [_ADAPTER, "Powered", Variant("b", on)]
        await self._call(adapter, _Request(_path(adapter), _PROPERTIES, "Set", "ssv", wish))

    async def devices(self, adapter: str) -> tuple[DeviceFacts, ...]:
        """What BlueZ remembers of devices under one adapter, by address; none when there is no such adapter.

        Raises:
            StackMissing, NotPermitted, StackBusy, HostTrouble: as named.
        """
        under = _path(adapter) + "/"
        objects = await self._objects()
        found = [
            _device(path, interfaces[_DEVICE], _is_notifying(path, objects))
            for path, interfaces in objects.items()
            if _DEVICE in interfaces and path.startswith(under)
        ]
        return tuple(sorted(found, key=lambda facts: facts.address))

    async def disconnect(self, path: str) -> None:
        """Ends BlueZ's link to a device, whoever opened it; harmless when it has none or is forgotten.

        Raises:
            StackMissing, NotPermitted, StackBusy, AdapterOff, HostTrouble: as named.
        """
        await self._call_if_known(path, _Request(path, _DEVICE, "Disconnect"))

    async def remove(self, path: str) -> None:
        """Makes BlueZ forget a device, its link included; harmless when it has.

        Raises:
            StackMissing, NotPermitted, StackBusy, AdapterOff, HostTrouble: as named.
        """
        request = _Request(path.rpartition("/")[0], _ADAPTER, "RemoveDevice", "o", [path])
        await self._call_if_known(path, request)

    async def _objects(self) -> Objects:
        from dbus_fast.unpack import unpack_variants  # noqa: PLC0415 - Linux only

        body = await self._call("BlueZ", _Request("/", _OBJECTS, "GetManagedObjects"))
        objects: Objects = unpack_variants(body[0])
        return objects

    async def _call_if_known(self, device: str, request: _Request) -> None:
        """A call about a device that may be gone already."""
        with contextlib.suppress(AdapterMissing):
            await self._call(device.split("/")[3], request)

    async def _call(self, adapter: str, request: _Request) -> list[Any]:
        from dbus_fast import Message, MessageType  # noqa: PLC0415 - Linux only

        message = Message(
            destination=request.destination,
            path=request.path,
            interface=request.interface,
            member=request.member,
            signature=request.signature,
            body=list(request.body),
        )
        try:
            async with asyncio.timeout(CALL_LIMIT_S):
                reply = await self._bus.call(message)
        except TimeoutError as error:
            raise StackBusy(adapter, f"no answer to {request.member} in {CALL_LIMIT_S:g} s") from error
        except (OSError, EOFError) as error:
            raise StackMissing(adapter, f"the line to D-Bus broke: {_words(error)}") from error
        if reply is None:
            raise StackMissing(adapter, "the line to D-Bus was closed")
        if reply.message_type is MessageType.ERROR:
            raise _fault(adapter, reply.error_name or "", reply.body)
        return list(reply.body)


def _fault(adapter: str, name: str, body: list[Any]) -> HostFault:
    words = str(body[0]) if body else name
    if name in _NO_SUCH_OBJECT:
        return AdapterMissing(adapter, words)
    if name == _BUSY:
        return StackBusy(adapter, words)
    ours = translate(BleakDBusError(name, body), Doing.SCANNING, adapter=adapter)
    if isinstance(ours, HostFault):
        return ours
    if name.startswith("org.freedesktop.DBus.Error.Spawn."):
        return StackMissing(adapter, words)
    return HostTrouble(adapter, f"{name}: {words}")


def _news(message: Message) -> tuple[BluezChange, str] | None:
    """What a signal says; None: nothing of ours."""
    name = (message.path or "").rpartition("/")[2]
    match message.member:
        case "NameOwnerChanged" if message.body[0] == _BLUEZ:
            return BluezChange.SERVICE_THERE if message.body[2] else BluezChange.SERVICE_GONE, ""
        case "InterfacesRemoved" if _ADAPTER in message.body[1]:
            return BluezChange.ADAPTER_GONE, str(message.body[0]).rpartition("/")[2]
        case "PropertiesChanged" if message.body[0] == _ADAPTER and "Powered" in message.body[1]:
            on = message.body[1]["Powered"].value
            return BluezChange.ADAPTER_ON if on else BluezChange.ADAPTER_OFF, name
    return None


def _path(adapter: str) -> str:
    return f"/org/bluez/{adapter}"


def _adapter(name: str, properties: Mapping[str, Any]) -> AdapterFacts:
    return AdapterFacts(
        name=name,
        address=str(properties.get("Address", "")),
        alias=str(properties.get("Alias", "")),
        powered=bool(properties.get("Powered", False)),
        discovering=bool(properties.get("Discovering", False)),
        roles=tuple(str(role) for role in properties.get("Roles", ())),
        modalias=str(properties.get("Modalias", "")),
    )


def _is_notifying(device: str, objects: Objects) -> bool:
    return any(
        path.startswith(device + "/") and interfaces.get(_CHARACTERISTIC, {}).get("Notifying")
        for path, interfaces in objects.items()
    )


def _device(path: str, properties: Mapping[str, Any], notifying: bool) -> DeviceFacts:
    return DeviceFacts(
        path=path,
        address=str(properties.get("Address", "")),
        name=str(properties.get("Name", "")),
        connected=bool(properties.get("Connected", False)),
        services_resolved=bool(properties.get("ServicesResolved", False)),
        paired=bool(properties.get("Paired", False)),
        uuids=tuple(str(uuid).lower() for uuid in properties.get("UUIDs", ())),
        notifying=notifying,
    )


def _words(error: BaseException) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error) or "no answer"
