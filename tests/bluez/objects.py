"""Objects on a D-Bus: interfaces with properties and methods, announced the way ObjectManager does.

dbus-fast's own service classes fix the set of properties at class level and answer every call at once; a
bluetoothd whose RSSI comes and goes and whose replies can be late, missing or wrong needs the message level.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tests.bluez.script import Crash, Fault, Flash, Late, Lose, Refuse, Script, Silence

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
_ERRORS = "org.freedesktop.DBus.Error"
_log = logging.getLogger("tests.bluez")


class Refused(Exception):  # noqa: N818 - a refusal, as the method says it
    """A method's way to answer with an error."""

    def __init__(self, name: str, words: str | None = None) -> None:
        super().__init__(name, words)
        self.name, self.words = name, words


@dataclass(frozen=True, slots=True)
class Answer:
    """A method's reply."""

    signature: str = ""
    body: tuple[Any, ...] = ()
    fds: tuple[int, ...] = ()


Method = Callable[[Message], Awaitable[Answer | None]]


@dataclass(slots=True)
class Interface:
    """One interface of one object."""

    name: str
    properties: dict[str, Variant]
    methods: Mapping[str, Method] = field(default_factory=dict)
    setters: Mapping[str, Callable[[Any], Awaitable[None]]] = field(default_factory=dict)


class ObjectTree:
    """The objects of one service. `on_crash` and `on_fault` carry out what the script asks beyond a refusal."""

    def __init__(
        self,
        bus: MessageBus,
        script: Script,
        *,
        on_crash: Callable[[], None],
        on_fault: Callable[[Flash | Lose, str], Awaitable[None]],
    ) -> None:
        self.objects: dict[str, dict[str, Interface]] = {}
        self._bus = bus
        self._script = script
        self._on_crash = on_crash
        self._on_fault = on_fault
        self._answering: set[asyncio.Task[None]] = set()
        bus.add_message_handler(self._on_message)

    def add(self, path: str, *interfaces: Interface) -> None:
        """A new object."""
        self.objects[path] = {interface.name: interface for interface in interfaces}
        shown = {interface.name: dict(interface.properties) for interface in interfaces}
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, shown])

    def remove(self, path: str) -> None:
        """An object and everything below it, the deepest first."""
        below = [known for known in self.objects if known == path or known.startswith(f"{path}/")]
        for gone in sorted(below, reverse=True):
            interfaces = list(self.objects.pop(gone))
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [gone, interfaces])

    def change(
        self, path: str, interface: str, changed: Mapping[str, Variant], without: Iterable[str] = ()
    ) -> None:
        """Sets properties, takes those in `without` away, and tells it unless the script mutes it."""
        known = self.objects.get(path, {}).get(interface)
        if known is None:
            return
        known.properties.update(changed)
        for name in without:
            known.properties.pop(name, None)
        told = {name: value for name, value in changed.items() if name not in self._script.mute}
        if told or without:
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, told, list(without)])

    async def close(self) -> None:
        """Ends what is being answered."""
        self._bus.remove_message_handler(self._on_message)
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        if not self._bus.connected:
            return
        self._bus.send(
            Message(
                path=path,
                interface=interface,
                member=member,
                message_type=MessageType.SIGNAL,
                signature=signature,
                body=body,
            )
        )

    def _on_message(self, message: Message) -> bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        task = asyncio.get_running_loop().create_task(self._answer(message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        return True

    async def _answer(self, message: Message) -> None:
        answer = Answer()
        try:
            await self._meet(self._script.called(message.member or "", message.path or ""), message)
            answer = await self._method(message)(message) or Answer()
            reply = Message.new_method_return(message, answer.signature, list(answer.body), list(answer.fds))
        except Refused as error:
            reply = _error(message, error.name, error.words)
        except Exception:  # noqa: BLE001 - a bug of the fake must show up as such, not as a hang
            _log.exception("the fake failed in %s", message.member)
            reply = _error(message, "org.pitboard.FakeIsBroken", message.member)
        if self._bus.connected:
            await self._bus.send(reply)
        for fd in answer.fds:
            os.close(fd)

    async def _meet(self, fault: Fault | None, message: Message) -> None:
        match fault:
            case Refuse(name, words):
                raise Refused(name, words)
            case Flash(words):
                await self._on_fault(fault, message.path or "")
                raise Refused("org.bluez.Error.Failed", words)
            case Lose():
                await self._on_fault(fault, message.path or "")
            case Silence():
                await asyncio.Event().wait()
            case Late(after_s):
                await asyncio.sleep(after_s)
            case Crash():
                self._on_crash()
                await asyncio.Event().wait()

    def _method(self, message: Message) -> Method:
        path, interface, member = message.path or "", message.interface or "", message.member or ""
        if (interface, member, path) == (OBJECT_MANAGER, "GetManagedObjects", "/"):
            return self._managed_objects
        known = self.objects.get(path)
        if interface == PROPERTIES and known is not None:
            return {"Get": self._get, "GetAll": self._get_all, "Set": self._set}[member]
        found = (known or {}).get(interface)
        method = found.methods.get(member) if found is not None else None
        if method is None:
            kind = "UnknownObject" if known is None else "UnknownMethod"
            raise Refused(
                f"{_ERRORS}.{kind}",
                f'Method "{member}" with signature "{message.signature}" on interface "{interface}" doesn\'t exist\n',
            )
        return method

    async def _managed_objects(self, _message: Message) -> Answer:
        shown = {
            path: {name: dict(interface.properties) for name, interface in interfaces.items()}
            for path, interfaces in self.objects.items()
        }
        return Answer("a{oa{sa{sv}}}", (shown,))

    def _interface(self, message: Message) -> Interface:
        return self.objects[message.path or ""][message.body[0]]

    async def _get(self, message: Message) -> Answer:
        return Answer("v", (self._interface(message).properties[message.body[1]],))

    async def _get_all(self, message: Message) -> Answer:
        return Answer("a{sv}", (dict(self._interface(message).properties),))

    async def _set(self, message: Message) -> None:
        setter = self._interface(message).setters.get(message.body[1])
        if setter is None:
            raise Refused(f"{_ERRORS}.PropertyReadOnly", f"Property '{message.body[1]}' is not writable")
        await setter(message.body[2].value)


def _error(message: Message, name: str, words: str | None) -> Message:
    if words is not None:
        return Message.new_error(message, name, words)
    return Message(
        message_type=MessageType.ERROR,
        reply_serial=message.serial,
        destination=message.sender,
        error_name=name,
    )
