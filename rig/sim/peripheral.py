"""Puts a car on the air: a real GATT server with the handles, properties and MTU of a real car.

The layout is the captured one (opcau/anki:oracle/AnkiNodeDrive/logs/debug.bck): GAP 1-7, GATT 8, the
vendor service 9-0xffff with the to-car value 0x0b, the to-host value 0x0d and its CCCD 0x0e; ATT MTU 23.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from random import Random
from typing import Protocol, runtime_checkable

from bumble import att, gatt, hci, l2cap
from bumble.core import UUID
from bumble.device import Connection, Device, DeviceConfiguration

from rig.sim.air import Air
from rig.sim.ambush import Ambush, Moment
from rig.sim.car.contract import Car, DropLink, Notify, RequestLinkParameters
from rig.sim.controller import AirController
from rig.sim.link_layer import LinkTiming
from rig.sim.linked_connection import LinkedConnection
from rig.sim.quiet_host import QuietHost
from rig.sim.seeds import child_random

SERVICE_UUID = "BE15BEEF-6186-407E-8381-0BD89C4D8DF4"
TO_HOST_UUID = "BE15BEE0-6186-407E-8381-0BD89C4D8DF4"
TO_CAR_UUID = "BE15BEE1-6186-407E-8381-0BD89C4D8DF4"

CAR_MTU = 23
_LAST_WORDS_S = 0.1
LONGEST_FRAME = 20
LAST_HANDLE = 0xFFFF
PREFERRED_CONNECTION_PARAMETERS = bytes.fromhex("0600 1800 0000 c800")
"""7.5-30 ms, latency 0, timeout 2 s; the value on a real car is not public."""

_SOONEST_S = 1e-4
_WRITE_COMMAND, _WRITE_HEADER = int(att.Opcode.ATT_WRITE_COMMAND), 3
_NOTIFICATION = int(att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION)
_NO_LINK_REASONS = (
    hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR,
    hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR,
)


@runtime_checkable
class FaultyCar(Protocol):
    """A car that has faults of its own."""

    def inject(self, fault: str, now_s: float, value: float = 1.0) -> None:
        """Makes one happen; KeyError when there is none of that name."""
        ...

    def fault_level(self, fault: str) -> float:
        """How much of a lasting one there is now, 0..1."""
        ...


class _CarCharacteristic(gatt.Characteristic[bytes]):
    """A characteristic value that minds its permissions, which bumble's server does not."""

    on_write: Callable[[bytes], None] | None = None

    async def write_value(self, bearer: att.Bearer, value: bytes) -> None:
        """A write of either kind; the server turns ATT_Error into an error response."""
        if self.on_write is None:
            raise att.ATT_Error(att.ATT_WRITE_NOT_PERMITTED_ERROR, self.handle)
        if len(value) > LONGEST_FRAME:
            raise att.ATT_Error(att.ATT_INVALID_ATTRIBUTE_LENGTH_ERROR, self.handle)
        self.on_write(value)


class _CarDevice(Device):
    """A device that hands write commands over by the short way, without bumble's task and log for each, and
    shows every ATT PDU first to whoever may take it."""

    def __init__(
        self,
        config: DeviceConfiguration,
        host: QuietHost,
        on_write_command: Callable[[int, bytes], None],
        takes: Callable[[bytes], bool],
    ) -> None:
        self._hand_over = on_write_command
        self._takes = takes
        super().__init__(config=config, host=host)

    def on_l2cap_pdu(  # pyright: ignore[reportIncompatibleMethodOverride]  # bumble wraps it to take a handle
        self, connection_handle: int, cid: int, pdu: bytes
    ) -> None:
        """Write commands to the car, everything else to bumble's server."""
        if cid == att.ATT_CID and pdu and self._takes(pdu):
            return
        if cid == att.ATT_CID and len(pdu) >= _WRITE_HEADER and pdu[0] == _WRITE_COMMAND:
            self._hand_over(pdu[1] | pdu[2] << 8, pdu[3:])
        else:
            super().on_l2cap_pdu(connection_handle, cid, pdu)  # pyright: ignore[reportArgumentType]  # as above


class CarPeripheral:
    """One car, its controller and its GATT server.

    Faults reach it through `ignored_writes` (chance that the firmware overlooks a write of either kind),
    `readvertise_delay_s` (silence after an unclean end of a link) and the controller's radio conditions.
    """

    def __init__(self, car: Car, air: Air) -> None:
        self.car = car
        self.controller = AirController(car.address, air)
        self.controller.hci_version = hci.HCI_VERSION_BLUETOOTH_CORE_4_0
        self.ignored_writes = 0.0
        self.readvertise_delay_s = 0.0
        self.notifications_dropped = 0
        self._air = air
        self._silent_until_s = 0.0
        self._connection: Connection | None = None
        self._subscribed = False
        self._ambush: Ambush | None = None
        self.dumb_next = False
        """Whether it falls silent before its first frame, once it has taken the next subscription."""
        self._timer: asyncio.TimerHandle | None = None
        self._ignoring: Random = child_random(air.seed, "peripheral", "ignored writes", car.address)
        config = DeviceConfiguration(
            name="Drive",
            address=hci.Address(car.address),
            gap_service_enabled=False,
            gatt_service_enabled=False,
        )
        self._device = _CarDevice(
            config, QuietHost(self.controller, self.controller), self._on_write_command, self._takes
        )
        self._to_host = _CarCharacteristic(
            TO_HOST_UUID,
            gatt.Characteristic.Properties.READ | gatt.Characteristic.Properties.NOTIFY,
            att.Attribute.READABLE,
            b"",
        )
        self._build_database()
        self._device.on(Device.EVENT_CONNECTION, self._on_connection)

    async def start(self) -> None:
        """Boots the car's radio and begins to advertise."""
        await self._device.power_on()
        advertiser = self.controller.advertiser
        advertiser.content = self._content
        now_s = asyncio.get_running_loop().time()
        await self._device.start_advertising(
            auto_restart=True,
            advertising_data=self.car.advertising_data(),
            scan_response_data=self.car.scan_response(now_s),
            advertising_interval_min=self._air.parameters.advertising_interval_ms,
            advertising_interval_max=self._air.parameters.advertising_interval_ms,
        )
        self._pump()

    def stop(self) -> None:
        """Takes the car off the air and stops its timers."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._device.emit(Device.EVENT_FLUSH)  # ends bumble's task that would advertise again
        self.controller.power_cut()

    @property
    def is_connected(self) -> bool:
        """Whether the car believes it has a link."""
        return self._connection is not None

    @property
    def link_timing(self) -> LinkTiming | None:
        """What host and car have agreed for the present link; None without one."""
        linked = self._linked()
        return None if linked is None else linked.air.timing

    @property
    def address(self) -> str:
        """The car's Bluetooth address."""
        return self.car.address

    def inject(self, fault: str, value: float) -> None:
        """Makes a fault of the car itself happen now.

        Raises:
            KeyError: the car has no such fault.
        """
        if not isinstance(self.car, FaultyCar):
            raise KeyError(fault)
        self.car.inject(fault, self._now_s(), value)
        self._pump()

    def fault_level(self, fault: str) -> float:
        """How much of a lasting fault the car has now, 0..1.

        Raises:
            KeyError: the car has no such fault.
        """
        if not isinstance(self.car, FaultyCar):
            raise KeyError(fault)
        return self.car.fault_level(fault)

    def attend(self) -> None:
        """Hands have moved the car: it may have something to say, and its next event may come sooner."""
        self._pump()

    def hold_link(self, for_s: float) -> None:
        """Stretches this side's supervision timeout of the present link, in seconds."""
        linked = self._linked()
        if linked is not None:
            linked.end.hold_s = for_s

    def _linked(self) -> LinkedConnection | None:
        return None if self._connection is None else self.controller.link_of(self._connection.handle)

    def end_link(self, *, clean: bool) -> None:
        """The car ends its link: with LL_TERMINATE_IND, or by falling silent."""
        linked = self._linked()
        if linked is None:
            return
        if clean:
            linked.air.terminate(linked.end, hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)
        else:
            linked.air.fall_silent(linked.end)
            self.controller.on_le_disconnected(linked, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def ambush(self, moment: Moment, nth: int, action: Callable[[], None]) -> Callable[[], None]:
        """Makes `action` happen instead of an answer to the host's `nth` request of a kind, counted from 1 and
        from now. One at a time: a later ambush takes the place of an earlier one. Returns what calls it off."""
        waiting = self._ambush = Ambush(moment, nth, action)

        def call_off() -> None:
            if self._ambush is waiting:
                self._ambush = None

        return call_off

    def _takes(self, pdu: bytes) -> bool:
        ambush = self._ambush
        if ambush is None or not ambush.passes(pdu, self._to_car.handle, self._to_host.handle + 1):
            return False
        self._ambush = None
        ambush.action()
        return True

    # The attribute database.

    def _build_database(self) -> None:
        readable = att.Attribute.READABLE
        read = gatt.Characteristic.Properties.READ
        server = self._device.gatt_server
        server.max_mtu = CAR_MTU
        server.add_service(
            gatt.Service(
                UUID.from_16_bits(0x1800),
                [
                    _CarCharacteristic(gatt.GATT_DEVICE_NAME_CHARACTERISTIC, read, readable, b"Drive"),
                    _CarCharacteristic(gatt.GATT_APPEARANCE_CHARACTERISTIC, read, readable, bytes(2)),
                    _CarCharacteristic(
                        gatt.GATT_PERIPHERAL_PREFERRED_CONNECTION_PARAMETERS_CHARACTERISTIC,
                        read,
                        readable,
                        PREFERRED_CONNECTION_PARAMETERS,
                    ),
                ],
            )
        )
        server.add_service(gatt.Service(UUID.from_16_bits(0x1801), []))
        properties = gatt.Characteristic.Properties
        self._to_car = to_car = _CarCharacteristic(
            TO_CAR_UUID,
            properties.READ | properties.WRITE | properties.WRITE_WITHOUT_RESPONSE,
            readable | att.Attribute.WRITEABLE,
            b"",
        )
        to_car.on_write = self._on_write_request
        self._to_host.on(gatt.Characteristic.EVENT_SUBSCRIPTION, self._on_subscription)
        vendor = gatt.Service(SERVICE_UUID, [to_car, self._to_host])
        server.add_service(vendor)
        vendor.end_group_handle = LAST_HANDLE
        self._notification_header = struct.pack("<BH", _NOTIFICATION, self._to_host.handle)

    # Events.

    def _content(self, now_s: float) -> tuple[bytes, bytes] | None:
        if now_s < self._silent_until_s or not self.car.is_advertising(now_s):
            return None
        return self.car.advertising_data(), self.car.scan_response(now_s)

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)
        self.car.link_up(self._now_s())
        self._pump()

    def _on_disconnection(self, reason: int) -> None:
        now_s = self._now_s()
        clean = reason not in _NO_LINK_REASONS
        self._connection, self._subscribed = None, False
        if not clean:
            self._silent_until_s = now_s + self.readvertise_delay_s
        self.car.link_down(now_s, clean)
        self._pump()

    def _on_subscription(self, _bearer: Connection, notify: bool, _indicate: bool) -> None:
        self._subscribed = notify
        self.car.subscribed(self._now_s(), notify)
        self._pump()

    def _on_write_command(self, handle: int, value: bytes) -> None:
        if handle == self._to_car.handle and len(value) <= LONGEST_FRAME:
            self._on_write(value)

    def _on_write_request(self, value: bytes) -> None:
        """The firmware hears of it once the radio has acknowledged, so that nothing it does overtakes the response."""
        asyncio.get_running_loop().call_soon(self._on_acknowledged_write, value, self._connection)

    def _on_acknowledged_write(self, value: bytes, connection: Connection | None) -> None:
        if connection is self._connection:
            self._on_write(value)

    def _on_write(self, value: bytes) -> None:
        if self.ignored_writes and self._ignoring.random() < self.ignored_writes:
            return
        self.car.written(bytes(value), self._now_s())
        self._pump()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _pump(self) -> None:
        """Moves the car on to now, sends what it says, and comes back when it asks to."""
        now_s = self._now_s()
        for output in self.car.advance(now_s):
            if isinstance(output, Notify):
                self._notify(output.frame)
            elif isinstance(output, DropLink):
                self.end_link(clean=output.clean)
            else:
                self._request_parameters(output)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = self.car.next_event_s()
        if due_s is not None:
            self._timer = asyncio.get_running_loop().call_at(max(due_s, now_s + _SOONEST_S), self._pump)

    def _request_parameters(self, wanted: RequestLinkParameters) -> None:
        asked = LinkTiming(wanted.max_interval_1250us, wanted.latency_events, wanted.supervision_timeout_10ms)
        if self._connection is not None and asked.is_legal:  # a SoftDevice refuses to send nonsense
            self._device.l2cap_channel_manager.send_control_frame(
                self._connection,
                l2cap.L2CAP_LE_SIGNALING_CID,
                l2cap.L2CAP_Connection_Parameter_Update_Request(
                    identifier=self._device.l2cap_channel_manager.next_identifier(self._connection),
                    interval_min=wanted.min_interval_1250us,
                    interval_max=wanted.max_interval_1250us,
                    latency=wanted.latency_events,
                    timeout=wanted.supervision_timeout_10ms,
                ),
            )

    def _notify(self, frame: bytes) -> None:
        if not self._subscribed:
            return
        if self.dumb_next:
            self.dumb_next = self._subscribed = False
            # its answer to the subscription is on its way, and gets through
            asyncio.get_running_loop().call_later(_LAST_WORDS_S, lambda: self.end_link(clean=False))
            return
        linked = self._linked()
        if linked is None or linked.air.tx_pending(linked.end) >= self._air.parameters.tx_buffers:
            self.notifications_dropped += 1
            return
        self._device.send_l2cap_pdu(linked.handle, att.ATT_CID, self._notification_header + frame)
