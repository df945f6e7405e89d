"""One connection of a bumble host: discovery, reads, writes, notifications and its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bumble import att, core, gatt_client, hci
from bumble.device import Connection

from rig.radio.host_stack import GattCharacteristic, GattDescriptor, GattService, HostError, HostFailure

T = TypeVar("T")

HOST_MTU = 517
"""What BlueZ asks for; a car answers 23."""

END_LIMIT_S = 33.0
"""Ending a link takes a supervision timeout at most, and that 32 s (Core 5.4, Vol 4, Part E, 7.8.12)."""

LOCAL_END = int(hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)
CCCD_UUID = core.UUID.from_16_bits(0x2902)
_ENABLE, _DISABLE = b"\x01\x00", b"\x00\x00"


class BumbleLink:
    """A `HostLink`."""

    def __init__(
        self, connection: Connection, on_lost: Callable[[int], None], siblings: dict[int, BumbleLink]
    ) -> None:
        self._connection = connection
        self._client = connection.gatt_client
        self._on_lost = on_lost
        self._siblings = siblings
        self._gone: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._subscribers: dict[int, Callable[[bytes], None]] = {}
        self._cccd: dict[int, int] = {}
        siblings[connection.handle] = self
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)

    @property
    def address(self) -> str:
        """The peer's address."""
        return self._connection.peer_address.to_string(with_type_qualifier=False)

    @property
    def is_open(self) -> bool:
        """Whether the host believes the link is up."""
        return not self._gone.done()

    @property
    def att_mtu(self) -> int:
        """Negotiated ATT MTU in bytes."""
        return int(self._connection.att_mtu)

    def _on_disconnection(self, reason: int) -> None:
        if not self._gone.done():
            why = int(reason) or LOCAL_END  # bumble gives 0 when the controller itself is gone
            self._gone.set_result(why)
            self._siblings.pop(self._connection.handle, None)
            self._on_lost(why)

    def on_notification(self, handle: int, value: bytes) -> None:
        """A notification came; without a subscriber it is dropped, as hosts do."""
        subscriber = self._subscribers.get(handle)
        if subscriber is not None:
            subscriber(value)

    async def discover(self) -> list[GattService]:
        """Exchanges the MTU, then finds all primary services, characteristics and descriptors."""
        return await self._while_open(self._discover())

    async def _discover(self) -> list[GattService]:
        await self._client.request_mtu(HOST_MTU)
        services = []
        for service in await self._client.discover_services():
            found = []
            for proxy in await self._client.discover_characteristics((), service):
                descriptors = await self._client.discover_descriptors(proxy)
                characteristic = _characteristic(proxy, descriptors)
                found.append(characteristic)
                self._cccd.update(
                    (characteristic.handle, d.handle) for d in descriptors if d.type == CCCD_UUID
                )
            services.append(GattService(service.handle, _uuid_text(service.uuid), tuple(found)))
        return services

    async def read(self, handle: int) -> bytes:
        """Attribute value by handle."""
        return bytes(await self._while_open(self._client.read_value(handle)))

    async def write(self, handle: int, data: bytes, with_response: bool) -> None:
        """Attribute write."""
        if not with_response and self.is_open:
            await self._client.write_value(handle, data, with_response=False)  # only queues
            return
        await self._while_open(self._client.write_value(handle, data, with_response=True))

    async def subscribe(self, handle: int, callback: Callable[[bytes], None]) -> None:
        """Delivers notifications of the characteristic to `callback`, then writes its CCCD."""
        self._subscribers[handle] = callback
        await self._write_cccd(handle, _ENABLE)

    async def unsubscribe(self, handle: int) -> None:
        """Undoes `subscribe`."""
        await self._write_cccd(handle, _DISABLE)
        self._subscribers.pop(handle, None)

    async def _write_cccd(self, handle: int, value: bytes) -> None:
        cccd = self._cccd.get(handle)
        if cccd is None:
            raise HostError(
                HostFailure.ATT_ERROR, f"no CCCD for handle {handle:#06x}", att.ATT_ATTRIBUTE_NOT_FOUND_ERROR
            )
        await self._while_open(self._client.write_value(cccd, value, with_response=True))

    async def disconnect(self) -> None:
        """Ends the link; returns once it is down, or given up because the controller does not say so."""
        if self._gone.done():
            return
        with contextlib.suppress(hci.HCI_Error, HostError, asyncio.InvalidStateError):
            await self._connection.device.host.send_async_command(
                hci.HCI_Disconnect_Command(
                    connection_handle=self._connection.handle,
                    reason=hci.HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR,
                )
            )
        await asyncio.wait({self._gone}, timeout=END_LIMIT_S)
        self._on_disconnection(LOCAL_END)

    async def _while_open(self, work: Awaitable[T]) -> T:
        """Runs an ATT procedure; when the link goes down first, bumble would cancel the caller."""
        if self._gone.done():
            if asyncio.iscoroutine(work):
                work.close()
            raise HostError(HostFailure.NOT_CONNECTED)
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self._gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))
        if task.cancelled():
            raise HostError(HostFailure.NOT_CONNECTED)
        try:
            return task.result()
        except att.ATT_Error as error:
            raise HostError(HostFailure.ATT_ERROR, str(error), error.error_code) from error
        except core.TimeoutError as error:
            raise HostError(HostFailure.TIMEOUT, "ATT request") from error


def _characteristic(
    proxy: gatt_client.CharacteristicProxy[bytes], descriptors: list[gatt_client.DescriptorProxy]
) -> GattCharacteristic:
    return GattCharacteristic(
        handle=proxy.handle,
        uuid=_uuid_text(proxy.uuid),
        properties=int(proxy.properties),
        descriptors=tuple(GattDescriptor(d.handle, _uuid_text(d.type)) for d in descriptors),
    )


def _uuid_text(uuid: core.UUID) -> str:
    text = bytes(reversed(uuid.to_bytes(force_128=True))).hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
