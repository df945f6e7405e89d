"""A connected car's GATT on D-Bus: services, characteristics, notifications both ways bleak can ask."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import socket
from collections.abc import Awaitable
from typing import TypeVar

from bleak.assigned_numbers import gatt_char_props_to_strs
from dbus_fast import Message, Variant

from rig.radio.host_stack import GattCharacteristic, GattService, HostError, HostFailure, HostLink
from tests.bluez.objects import Answer, Interface, ObjectTree, Refused

T = TypeVar("T")

CHARACTERISTIC = "org.bluez.GattCharacteristic1"
_ERROR = "org.bluez.Error"
GENERIC_ACCESS = "00001800-0000-1000-8000-00805f9b34fb"
"""BlueZ keeps this service to itself (its GAP plugin claims it)."""

_ATT_REFUSALS = {
    0x02: ("NotPermitted", "Read not permitted"),
    0x03: ("NotPermitted", "Write not permitted"),
    0x05: ("NotPermitted", "Not paired"),
    0x06: ("NotSupported", "Operation is not supported"),
    0x07: ("InvalidArguments", "Invalid offset"),
    0x08: ("NotAuthorized", "Operation Not Authorized"),
    0x0C: ("NotPermitted", "Not paired"),
    0x0D: ("InvalidArguments", "Invalid Length"),
    0x0F: ("NotPermitted", "Not paired"),
}
"""`create_gatt_dbus_error` of src/gatt-client.c; what is not here reads `Operation failed with ATT error`."""


class FakeGatt:
    """The objects below one device, while its link is up."""

    def __init__(self, tree: ObjectTree, device: str, link: HostLink, services: list[GattService]) -> None:
        self._tree = tree
        self._link = link
        self._paths: list[str] = []
        self._pipes: dict[int, socket.socket] = {}
        self._busy: set[int] = set()
        self._clients: dict[str, set[str]] = {}  # who listens to which characteristic
        self._turn = asyncio.Lock()  # requests reach the car one after the other
        for service in services:
            if service.uuid == GENERIC_ACCESS:
                continue
            path = f"{device}/service{service.handle:04x}"
            self._paths.append(path)
            properties = {
                "UUID": Variant("s", service.uuid),
                "Device": Variant("o", device),
                "Primary": Variant("b", True),
                "Includes": Variant("ao", []),
            }
            tree.add(path, Interface("org.bluez.GattService1", properties))
            for characteristic in service.characteristics:
                self._add(path, characteristic)

    def close(self) -> None:
        """The objects go. BlueZ keeps them after the end of a link, until the car is discovered anew."""
        for pipe in self._pipes.values():
            pipe.close()
        for path in self._paths:
            self._tree.remove(path)

    def link_lost(self) -> None:
        """Whoever reads a pipe finds its end."""
        for pipe in self._pipes.values():
            pipe.close()
        self._pipes.clear()
        self._clients.clear()

    async def client_gone(self, sender: str) -> None:
        """A D-Bus client went away: it listens no more."""
        for path, clients in self._clients.items():
            if sender in clients:
                await self._leave(path, sender)

    def _add(self, service: str, found: GattCharacteristic) -> None:
        path = f"{service}/char{found.handle - 1:04x}"
        flags = sorted(gatt_char_props_to_strs(found.properties))
        properties = {
            "UUID": Variant("s", found.uuid),
            "Service": Variant("o", service),
            "Value": Variant("ay", b""),
            "Flags": Variant("as", flags),
            "MTU": Variant("q", self._link.att_mtu),
        }
        if "notify" in flags:
            properties |= {"Notifying": Variant("b", False), "NotifyAcquired": Variant("b", False)}
        if "write-without-response" in flags:
            properties["WriteAcquired"] = Variant("b", False)
        bind = functools.partial
        self._tree.add(
            path,
            Interface(
                CHARACTERISTIC,
                properties,
                {
                    "StartNotify": bind(self._start_notify, path, found),
                    "StopNotify": bind(self._stop_notify, path, found),
                    "AcquireNotify": bind(self._acquire_notify, path, found),
                    "WriteValue": bind(self._write, found),
                    "ReadValue": bind(self._read, path, found),
                },
            ),
        )
        for descriptor in found.descriptors:
            shown = {
                "UUID": Variant("s", descriptor.uuid),
                "Characteristic": Variant("o", path),
                "Value": Variant("ay", b""),
                "Flags": Variant("as", ["read", "write"]),
            }
            name = "org.bluez.GattDescriptor1"
            self._tree.add(f"{path}/desc{descriptor.handle:04x}", Interface(name, shown))

    async def _start_notify(self, path: str, found: GattCharacteristic, message: Message) -> None:
        known = self._tree.objects[path][CHARACTERISTIC].properties
        if "Notifying" not in known:
            raise Refused(f"{_ERROR}.NotSupported", "Operation is not supported")
        if known["NotifyAcquired"].value:
            raise Refused(f"{_ERROR}.NotPermitted", "Notify acquired")
        clients = self._clients.setdefault(path, set())
        async with self._turn:
            if not clients:
                await _asked(self._link.subscribe(found.handle, lambda data: self._tell(path, data)))
            clients.add(message.sender or "")
        self._tree.change(path, CHARACTERISTIC, {"Notifying": Variant("b", True)})

    async def _stop_notify(self, path: str, _found: GattCharacteristic, message: Message) -> None:
        if message.sender not in self._clients.get(path, ()):
            raise Refused(f"{_ERROR}.Failed", "No notify session started")
        await self._leave(path, message.sender or "")

    async def _leave(self, path: str, sender: str) -> None:
        clients = self._clients[path]
        async with self._turn:
            clients.discard(sender)
            if clients or not self._link.is_open:
                return
            await _asked(self._link.unsubscribe(int(path[-4:], 16) + 1))
            self._tree.change(path, CHARACTERISTIC, {"Notifying": Variant("b", False)})

    async def _acquire_notify(self, path: str, found: GattCharacteristic, _message: Message) -> Answer:
        if self._clients.get(path):
            raise Refused(f"{_ERROR}.InProgress", "In Progress")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._pipes[found.handle] = ours

        def push(data: bytes) -> None:
            with contextlib.suppress(OSError):
                ours.send(data)

        with theirs:
            await _asked(self._link.subscribe(found.handle, push))
            fd = os.dup(theirs.fileno())
        self._tree.change(path, CHARACTERISTIC, {"NotifyAcquired": Variant("b", True)})
        return Answer("hq", (0, self._link.att_mtu), (fd,))

    async def _write(self, found: GattCharacteristic, message: Message) -> None:
        data, options = bytes(message.body[0]), message.body[1]
        kind = options["type"].value if "type" in options else "request"
        if not isinstance(kind, str):
            raise Refused(f"{_ERROR}.InvalidArguments", "Invalid arguments in method call")
        if not self._link.is_open:
            raise Refused(f"{_ERROR}.Failed", "Not connected")
        if kind == "command":
            if len(data) > self._link.att_mtu - 3:
                raise Refused(f"{_ERROR}.Failed", "Failed to initiate write")
            await _asked(self._link.write(found.handle, data, with_response=False))
            return
        if found.handle in self._busy:
            raise Refused(f"{_ERROR}.InProgress", "In Progress")
        self._busy.add(found.handle)
        try:
            await _asked(self._link.write(found.handle, data, with_response=True))
        finally:
            self._busy.discard(found.handle)

    async def _read(self, path: str, found: GattCharacteristic, _message: Message) -> Answer:
        value = await _asked(self._link.read(found.handle))
        self._tell(path, value)
        return Answer("ay", (value,))

    def _tell(self, path: str, data: bytes) -> None:
        self._tree.change(path, CHARACTERISTIC, {"Value": Variant("ay", bytes(data))})


async def _asked(work: Awaitable[T]) -> T:
    try:
        return await work
    except HostError as error:
        if error.failure is HostFailure.ATT_ERROR:
            code = error.att_error or 0
            kind, words = _ATT_REFUSALS.get(
                code, ("Failed", f"Operation failed with ATT error: 0x{code:02x}")
            )
            raise Refused(f"{_ERROR}.{kind}", words) from error
        raise Refused(f"{_ERROR}.Failed", "Operation failed with ATT error: 0x0e") from error
