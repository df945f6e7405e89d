"""The BLE host under bleak: `HostStack` on a bumble device, over a virtual or a real controller."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bumble import att, core, gatt_client, hci
from bumble.device import Connection, ConnectionParametersPreferences, Device, DeviceConfiguration
from bumble.transport.common import TransportSink, TransportSource

from rig.radio.host_stack import (
    AdvertReport,
    GattCharacteristic,
    GattDescriptor,
    GattService,
    HostError,
    HostFailure,
    HostLink,
)
from rig.sim.quiet_host import QuietHost

T = TypeVar("T")
OnReport = Callable[[AdvertReport], None]

HOST_MTU = 517
"""What BlueZ asks for; a car answers 23."""

CCCD_UUID = core.UUID.from_16_bits(0x2902)
_ENABLE, _DISABLE = b"\x01\x00", b"\x00\x00"
_SCAN_RESPONSE = hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP
_CONNECTABLE = (
    hci.HCI_LE_Advertising_Report_Event.EventType.ADV_IND,
    hci.HCI_LE_Advertising_Report_Event.EventType.ADV_DIRECT_IND,
)
_EXTENDED = hci.HCI_LE_Extended_Advertising_Report_Event.EventType


@dataclass(frozen=True, slots=True)
class ConnectionPreferences:
    """What this host asks for when it connects; milliseconds, as in HCI_LE_Create_Connection."""

    interval_ms: float = 30.0
    supervision_timeout_ms: float = 2000.0


class BumbleHost:
    """A `HostStack`. `power_up` before use; one connect attempt at a time is the caller's business."""

    def __init__(
        self,
        name: str,
        address: str,
        source: TransportSource,
        sink: TransportSink,
        preferences: ConnectionPreferences | None = None,
    ) -> None:
        self._name = name
        self._preferences = preferences or ConnectionPreferences()
        self._callbacks: dict[OnReport, None] = {}
        self._links: dict[int, BumbleLink] = {}
        self._powered = False
        self._why_not = HostFailure.ADAPTER_OFF
        config = DeviceConfiguration(name=name, address=hci.Address(address))
        self._device = _HostDevice(config, QuietHost(source, sink), self._on_report)

    @property
    def name(self) -> str:
        """Adapter name as users see it."""
        return self._name

    @property
    def is_powered(self) -> bool:
        """Whether the adapter is on."""
        return self._powered

    @property
    def device(self) -> Device:
        """The bumble device, for those who know bumble (HCI capture, tests)."""
        return self._device

    async def power_up(self) -> None:
        """Resets the controller and makes the host ready."""
        await self._device.power_on()
        self._powered = True

    def power_lost(self, failure: HostFailure = HostFailure.ADAPTER_OFF) -> None:
        """The adapter is off or gone: every link is lost at once and nothing works until `power_up`."""
        if not self._powered:
            return
        self._powered, self._why_not = False, failure
        reason = hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR
        self._callbacks.clear()
        host = self._device.host
        for handle in list(self._links):
            host.emit("disconnection", handle, reason)
            host.connections.pop(handle, None)
        host.emit("flush")
        pending = host.pending_response
        if pending is not None and not pending.done():
            pending.set_exception(HostError(failure))
        self._device.scanning = False

    async def close(self) -> None:
        """Ends every link and stops scanning, as far as the adapter still answers."""
        if self._powered:
            await asyncio.gather(*(link.disconnect() for link in list(self._links.values())))
            if self._callbacks:
                self._callbacks.clear()
                with contextlib.suppress(hci.HCI_Error, core.BaseBumbleError):
                    await self._device.stop_scanning()
        self.power_lost()

    # Scanning.

    async def start_scanning(self, on_report: OnReport, active: bool) -> None:
        """Delivers every advertising report to `on_report` until `stop_scanning`."""
        self._require_power()
        first = not self._callbacks
        self._callbacks[on_report] = None
        if first:
            try:
                await self._device.start_scanning(
                    active=active, legacy=not self._device.supports_le_extended_advertising
                )
            except hci.HCI_Error as error:
                self._callbacks.pop(on_report, None)
                raise HostError(
                    HostFailure.BUSY, f"scan refused with HCI error {error.error_code:#04x}"
                ) from error

    async def stop_scanning(self, on_report: OnReport) -> None:
        """Removes one callback; the controller stops with the last."""
        was_scanning = self._callbacks.pop(on_report, _NOBODY) is None and not self._callbacks
        if was_scanning and self._powered:
            await self._device.stop_scanning()

    def _on_report(self, report: Any) -> None:
        if isinstance(report, hci.HCI_LE_Extended_Advertising_Report_Event.Report):
            is_scan_response = bool(report.event_type & _EXTENDED.SCAN_RESPONSE)
            connectable = bool(report.event_type & _EXTENDED.CONNECTABLE_ADVERTISING)
        else:
            is_scan_response = report.event_type == _SCAN_RESPONSE
            connectable = report.event_type in _CONNECTABLE
        ours = AdvertReport(
            address=report.address.to_string(with_type_qualifier=report.address.is_public),
            data=bytes(report.data),
            is_scan_response=is_scan_response,
            connectable=connectable,
            rssi_dbm=report.rssi,
        )
        for callback in list(self._callbacks):
            callback(ours)

    # Connecting.

    async def connect(self, address: str, on_lost: Callable[[int], None]) -> HostLink:
        """Connects as central; cancelling takes the attempt back from the controller."""
        self._require_power()
        wanted = self._preferences
        phy = ConnectionParametersPreferences(
            connection_interval_min=wanted.interval_ms,
            connection_interval_max=wanted.interval_ms,
            max_latency=0,
            supervision_timeout=round(wanted.supervision_timeout_ms),
        )
        attempt = asyncio.ensure_future(
            self._device.connect(
                hci.Address(address), connection_parameters_preferences={hci.Phy.LE_1M: phy}, timeout=None
            )
        )
        try:
            connection = await asyncio.shield(attempt)
        except asyncio.CancelledError:
            if not attempt.cancelled():
                await self._take_back(attempt)
                raise
            raise HostError(self._why_not, "while connecting") from None
        except (core.ConnectionError, hci.HCI_Error) as error:
            raise HostError(
                _connect_failure(error.error_code), f"HCI error {error.error_code:#04x}"
            ) from error
        except core.InvalidStateError as error:
            raise HostError(HostFailure.BUSY, "another connect is under way") from error
        return BumbleLink(connection, on_lost, self._links)

    async def _take_back(self, attempt: asyncio.Future[Connection]) -> None:
        """The caller gave up. The controller must not grab the car later on its own."""
        while not attempt.done():
            if self._device.is_le_connecting:
                with contextlib.suppress(hci.HCI_Error, HostError):
                    await self._device.cancel_connection()  # type: ignore[no-untyped-call]
                break
            await asyncio.sleep(0)
        done, _ = await asyncio.wait({attempt}, timeout=2.0)
        if not done:
            attempt.cancel()
        elif not attempt.cancelled() and attempt.exception() is None:
            await BumbleLink(attempt.result(), _ignore_reason, self._links).disconnect()

    def _require_power(self) -> None:
        if not self._powered:
            raise HostError(self._why_not, self._name)


class _HostDevice(Device):
    """A device that hands over advertising reports as they come, unmerged."""

    def __init__(
        self, config: DeviceConfiguration, host: QuietHost, on_report: Callable[[Any], None]
    ) -> None:
        self._report_to = on_report
        super().__init__(config=config, host=host)

    def on_advertising_report(self, report: Any) -> None:
        """One report, one PDU."""
        self._report_to(report)


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
            self._gone.set_result(int(reason))
            self._siblings.pop(self._connection.handle, None)
            self._on_lost(int(reason))

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
        self._client.notification_subscribers[handle] = {callback}
        await self._write_cccd(handle, _ENABLE)

    async def unsubscribe(self, handle: int) -> None:
        """Undoes `subscribe`."""
        await self._write_cccd(handle, _DISABLE)
        self._subscribers.pop(handle, None)
        self._client.notification_subscribers.pop(handle, None)

    async def _write_cccd(self, handle: int, value: bytes) -> None:
        cccd = self._cccd.get(handle)
        if cccd is None:
            raise HostError(
                HostFailure.ATT_ERROR, f"no CCCD for handle {handle:#06x}", att.ATT_ATTRIBUTE_NOT_FOUND_ERROR
            )
        await self._while_open(self._client.write_value(cccd, value, with_response=True))

    async def disconnect(self) -> None:
        """Ends the link; returns once it is down."""
        if self._gone.done():
            return
        with contextlib.suppress(hci.HCI_Error, HostError, asyncio.InvalidStateError):
            await self._connection.device.host.send_async_command(
                hci.HCI_Disconnect_Command(
                    connection_handle=self._connection.handle,
                    reason=hci.HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR,
                )
            )
        await asyncio.wait({self._gone})

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


_NOBODY = object()


def _ignore_reason(reason: int) -> None:
    """Nobody wants to know why this link ends."""


def _connect_failure(code: int | None) -> HostFailure:
    error = hci.HCI_ErrorCode
    return {
        error.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR: HostFailure.ESTABLISHMENT_FAILED,
        error.CONNECTION_LIMIT_EXCEEDED_ERROR: HostFailure.LINK_LIMIT,
        error.COMMAND_DISALLOWED_ERROR: HostFailure.BUSY,
    }.get(error(code or 0), HostFailure.CONNECT_TIMEOUT)


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
