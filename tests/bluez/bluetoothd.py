"""A bluetoothd that is not one: `org.bluez` on a private D-Bus, over a simulated host and its cars.

It answers what stock bleak 3.1 asks, in the words of BlueZ 5.66 (`src/error.c`, `src/adapter.c`,
`src/device.c`, `src/gatt-client.c`); the cars, the air and what a link does are those of `rig.sim`. What it
leaves out: pairing, bearers, BR/EDR, advertisement monitors, the cache of a device's services.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from rig.radio.host_stack import HostStack
from tests.bluez.adapter import FakeAdapter
from tests.bluez.objects import ObjectTree
from tests.bluez.script import Flash, Lose, Script

NAME = "org.bluez"
ADAPTER_PATH = "/org/bluez/hci0"
_DBUS = "org.freedesktop.DBus"


class FakeBluetoothd:
    """`async with FakeBluetoothd(stack) as bluez`: org.bluez is there until the context ends.

    The bus is the one `DBUS_SYSTEM_BUS_ADDRESS` names. `script` holds the faults. `stack` None: a machine
    without an adapter.
    """

    def __init__(self, stack: HostStack | None, script: Script | None = None) -> None:
        self.script = script or Script()
        self.adapter: FakeAdapter | None = None
        self._stack = stack
        self._bus: MessageBus | None = None
        self._tree: ObjectTree | None = None
        self._dying: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Takes the name."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the name back and ends every link."""
        if self._dying is not None:
            await self._dying
        await self.stop()

    async def start(self) -> None:
        """bluetoothd comes up, knowing no device."""
        bus = self._bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
        self._tree = ObjectTree(bus, self.script, on_crash=self._crash, on_fault=self._act)
        if self._stack is not None:
            self.plug_in(self._stack)
        await bus.call(
            Message(
                destination=_DBUS,
                path="/org/freedesktop/DBus",
                interface=_DBUS,
                member="AddMatch",
                signature="s",
                body=[f"type='signal',sender='{_DBUS}',member='NameOwnerChanged'"],
            )
        )
        bus.add_message_handler(self._on_owner_changed)
        await bus.request_name(NAME)

    async def stop(self) -> None:
        """bluetoothd ends: the name goes at once, callers under way hear NoReply from the daemon."""
        bus, self._bus = self._bus, None
        if bus is None:
            return
        bus.disconnect()
        with contextlib.suppress(Exception):
            await bus.wait_for_disconnect()
        if self._tree is not None:
            await self._tree.close()
        if self.adapter is not None:
            await self.adapter.close()
            self.adapter = None

    def plug_in(self, stack: HostStack) -> FakeAdapter:
        """An adapter appears."""
        assert self._tree is not None
        self.adapter = FakeAdapter(self._tree, ADAPTER_PATH, stack)
        return self.adapter

    async def unplug(self) -> None:
        """The adapter goes away, with its devices and their links."""
        assert self._tree is not None
        adapter, self.adapter = self.adapter, None
        if adapter is not None:
            await adapter.vanish()

    def _crash(self) -> None:
        self._dying = asyncio.get_running_loop().create_task(self.stop())

    async def _act(self, fault: Flash | Lose, path: str) -> None:
        device = None if self.adapter is None else self.adapter.device_of(path)
        assert device is not None, f"{fault} strikes a device, and {path} is none"
        if isinstance(fault, Lose):
            await device.drop()
        elif fault.shown:
            device.flash()

    def _on_owner_changed(self, message: Message) -> bool:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, owner = message.body
            if not owner and self.adapter is not None:
                self.adapter.client_gone(name)
        return False
