"""The BLE host under bleak: `HostStack` on a bumble device, over a virtual or a real controller."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bumble import att, core, hci
from bumble.device import Connection, ConnectionParametersPreferences, Device, DeviceConfiguration
from bumble.transport.common import TransportLostError, TransportSink, TransportSource

from rig.radio.host_stack import (
    AdvertReport,
    HostError,
    HostFailure,
    HostLink,
)
from rig.sim.host_link import BumbleLink
from rig.sim.quiet_host import QuietHost

OnReport = Callable[[AdvertReport], None]

POWER_UP_LIMIT_S = 5.0
TAKE_BACK_LIMIT_S = 2.0  # for a controller to give a connect attempt back; at once, unless it hangs
_TURN_S = 0.001
_NOTIFICATION, _NOTIFICATION_HEADER = int(att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION), 3
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
        self._heard: dict[str, hci.Address] = {}  # with the address type, which bleak does not carry
        self._powered = False
        self._why_not = HostFailure.ADAPTER_OFF
        self.switch_on: Callable[[], None] | None = None
        """What else switching the adapter on takes; may raise HostError."""
        config = DeviceConfiguration(name=name, address=hci.Address(address))
        self._device = _HostDevice(config, QuietHost(source, sink), self._on_report, self._on_notification)

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

    @property
    def open_links(self) -> tuple[HostLink, ...]:
        """The links this host believes in."""
        return tuple(self._links.values())

    async def power_cycle(self) -> None:
        """Ends every link, switches the adapter off and on, and returns when it is ready.

        Raises:
            HostError: the adapter is gone, stays off, or does not answer.
        """
        if not self._powered and self._why_not is HostFailure.ADAPTER_GONE:
            raise HostError(HostFailure.ADAPTER_GONE, self._name)
        self.power_lost()
        if self.switch_on is not None:
            self.switch_on()
        try:
            async with asyncio.timeout(POWER_UP_LIMIT_S):
                await self.power_up()
        except TimeoutError as error:
            raise HostError(HostFailure.TIMEOUT, f"{self._name} after switching it on") from error
        except TransportLostError as error:
            raise HostError(HostFailure.ADAPTER_GONE, self._name) from error

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
                with contextlib.suppress(hci.HCI_Error, core.BaseBumbleError, HostError):
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
            except BaseException as error:
                self._callbacks.pop(on_report, None)
                if isinstance(error, hci.HCI_Error):
                    why = f"scan refused with HCI error {error.error_code:#04x}"
                    raise HostError(HostFailure.BUSY, why) from error
                raise

    async def stop_scanning(self, on_report: OnReport) -> None:
        """Removes one callback; the controller stops with the last."""
        was_scanning = self._callbacks.pop(on_report, _NOBODY) is None and not self._callbacks
        if was_scanning and self._powered:
            try:
                await self._device.stop_scanning()
            except hci.HCI_Error as error:
                why = f"scan goes on with HCI error {error.error_code:#04x}"
                raise HostError(HostFailure.BUSY, why) from error

    def _on_report(self, report: Any) -> None:
        if isinstance(report, hci.HCI_LE_Extended_Advertising_Report_Event.Report):
            is_scan_response = bool(report.event_type & _EXTENDED.SCAN_RESPONSE)
            connectable = bool(report.event_type & _EXTENDED.CONNECTABLE_ADVERTISING)
        else:
            is_scan_response = report.event_type == _SCAN_RESPONSE
            connectable = report.event_type in _CONNECTABLE
        text = report.address.to_string(with_type_qualifier=False)
        self._heard[text] = report.address
        ours = AdvertReport(
            address=text,
            data=bytes(report.data),
            is_scan_response=is_scan_response,
            connectable=connectable,
            rssi_dbm=report.rssi,
        )
        for callback in list(self._callbacks):
            callback(ours)

    def _on_notification(self, connection_handle: int, attribute_handle: int, value: bytes) -> None:
        link = self._links.get(connection_handle)
        if link is not None:
            link.on_notification(attribute_handle, value)

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
                self._heard.get(address, hci.Address(address)),
                connection_parameters_preferences={hci.Phy.LE_1M: phy},
                timeout=None,
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
        except TransportLostError as error:
            raise HostError(HostFailure.ADAPTER_GONE, self._name) from error
        except core.InvalidStateError as error:
            raise HostError(HostFailure.BUSY, "another connect is under way") from error
        return BumbleLink(connection, on_lost, self._links)

    async def _take_back(self, attempt: asyncio.Future[Connection]) -> None:
        """The caller gave up. The controller must not grab the car later on its own."""
        until_s = asyncio.get_running_loop().time() + TAKE_BACK_LIMIT_S
        while not attempt.done() and asyncio.get_running_loop().time() < until_s:
            if self._device.is_le_connecting:
                with contextlib.suppress(hci.HCI_Error, HostError):
                    await self._device.cancel_connection()  # type: ignore[no-untyped-call]
                break
            await asyncio.wait({attempt}, timeout=_TURN_S)
        done, _ = await asyncio.wait({attempt}, timeout=TAKE_BACK_LIMIT_S)
        if not done:
            attempt.cancel()
            await asyncio.wait({attempt}, timeout=TAKE_BACK_LIMIT_S)
        elif not attempt.cancelled() and attempt.exception() is None:
            await BumbleLink(attempt.result(), _ignore_reason, self._links).disconnect()

    def _require_power(self) -> None:
        if not self._powered:
            raise HostError(self._why_not, self._name)


class _HostDevice(Device):
    """A device that hands over advertising reports as they come, unmerged, and notifications by the short
    way: bumble would format each for its log, which costs more than everything else together."""

    def __init__(
        self,
        config: DeviceConfiguration,
        host: QuietHost,
        on_report: Callable[[Any], None],
        on_notification: Callable[[int, int, bytes], None],
    ) -> None:
        self._report_to = on_report
        self._notify_to = on_notification
        super().__init__(config=config, host=host)

    def on_advertising_report(self, report: Any) -> None:
        """One report, one PDU."""
        self._report_to(report)

    def on_l2cap_pdu(  # pyright: ignore[reportIncompatibleMethodOverride]  # bumble wraps it to take a handle
        self, connection_handle: int, cid: int, pdu: bytes
    ) -> None:
        """Notifications to their subscriber, everything else to bumble."""
        if cid == att.ATT_CID and len(pdu) >= _NOTIFICATION_HEADER and pdu[0] == _NOTIFICATION:
            self._notify_to(connection_handle, pdu[1] | pdu[2] << 8, pdu[3:])
        else:
            super().on_l2cap_pdu(connection_handle, cid, pdu)  # pyright: ignore[reportArgumentType]  # as above


_NOBODY = object()


def _ignore_reason(reason: int) -> None:
    """Nobody wants to know why this link ends."""


def _connect_failure(code: int | None) -> HostFailure:
    error = hci.HCI_ErrorCode
    return {
        error.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR: HostFailure.ESTABLISHMENT_FAILED,
        error.CONNECTION_LIMIT_EXCEEDED_ERROR: HostFailure.LINK_LIMIT,
        error.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR: HostFailure.CONNECT_ABORTED,
        error.COMMAND_DISALLOWED_ERROR: HostFailure.BUSY,
    }.get(error(code or 0), HostFailure.CONNECT_TIMEOUT)
