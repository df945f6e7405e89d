"""A virtual controller that behaves like a radio.

bumble's own `Controller` speaks HCI well but has no radio under it: it sends advertising data twice instead
of the scan response, keeps links for ever, ignores a cancelled connect and reports made-up connection
parameters. Everything that touches the air is replaced here; `tests/contract/test_bumble_overrides.py`
holds bumble to the internals this leans on.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

from bumble import hci, ll
from bumble.controller import Controller
from bumble.core import PhysicalTransport

from rig.sim.advertiser import AirAdvertiser
from rig.sim.air import Air, RadioConditions
from rig.sim.link_layer import AirConnection, LinkEnd, LinkTiming
from rig.sim.linked_connection import LinkedConnection
from rig.sim.seeds import child_random

HCI_LATEST_LEGACY = hci.HCI_VERSION_BLUETOOTH_CORE_5_0
FIRST_ANCHOR_S = 2.5e-3
"""From CONNECT_IND to the first connection event: transmit window delay 1.25 ms plus an offset of 1.25 ms."""

_ACTIVE_SCANNING = 1
_NO_RSSI = 127
_ERROR = hci.HCI_ErrorCode
_SUCCESS = hci.HCI_StatusReturnParameters(_ERROR.SUCCESS)
_DISALLOWED = hci.HCI_StatusReturnParameters(_ERROR.COMMAND_DISALLOWED_ERROR)


class AirController(Controller):
    """A controller on an `Air`. `random_address` and the host come as with any bumble controller."""

    filter_duplicates: bool = False

    def __init__(self, name: str, air: Air, public_address: str | None = None) -> None:
        self.air = air
        self._seen: dict[tuple[hci.Address, int], None] = {}
        self._powered = True
        self._held_back: list[Callable[[], None]] | None = None
        self._random = child_random(air.seed, "controller", name)
        super().__init__(name, link=None, public_address=public_address)
        self.link = air
        self.le_features = hci.LeFeatureMask.LE_ENCRYPTION
        self.hci_version = self.lmp_version = HCI_LATEST_LEGACY
        self.advertiser = AirAdvertiser(self)
        self.le_legacy_advertiser = self.advertiser
        self.max_links = air.parameters.max_links
        air.add_controller(self)

    @property
    def conditions(self) -> RadioConditions:
        """This controller's radio conditions."""
        return self.air.conditions(self)

    # HCI transport.

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """To the host on the next turn of the loop; an unpowered controller says nothing."""
        if self._held_back is not None:
            self._held_back.append(lambda: self.send_hci_packet(packet))
        elif self.host is not None and self._powered:
            asyncio.get_running_loop().call_soon(self.host.on_packet, bytes(packet))

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """From the host; an unpowered or silent controller does not answer."""
        if not self._powered:
            return
        if self._held_back is not None:
            if not isinstance(packet, hci.HCI_Command):
                self._held_back.append(lambda: self.on_hci_packet(packet))
            return
        if isinstance(packet, hci.HCI_AclDataPacket):
            self.on_hci_acl_data_packet(packet)
        elif isinstance(packet, hci.HCI_Command):
            self.on_hci_command_packet(packet)

    def be_silent(self, silent: bool) -> None:
        """A silent controller loses commands and holds data and events back until it is silent no more; its
        radio goes on."""
        if silent:
            self._held_back = self._held_back or []
            return
        waiting, self._held_back = self._held_back or [], None
        for act in waiting:
            act()

    def power_cut(self) -> None:
        """Off at once: connections fall silent, the host hears nothing more."""
        self._forget_everything()
        self._powered = False
        if self._held_back is not None:
            self._held_back.clear()

    def power_up(self) -> None:
        """On again, as after HCI_Reset."""
        self._powered = True

    def _forget_everything(self) -> None:
        self.pending_le_connection = None
        self.le_scan_enable = False
        self._seen.clear()
        self.advertiser.stop()
        self.le_connections.clear()
        if self in self.air.members:
            self.air.silence(self)
        self.air.listeners_changed()

    def on_hci_reset_command(self, command: hci.HCI_Reset_Command) -> hci.HCI_StatusReturnParameters:
        """Stops everything; peers find out by their supervision timeouts."""
        self._forget_everything()
        return _SUCCESS

    # Scanning.

    @property
    def is_listening(self) -> bool:
        """Whether adverts matter to this controller."""
        return self.le_scan_enable or self.pending_le_connection is not None

    @property
    def listening_duty(self) -> float:
        """Share of the time its receiver is on an advertising channel, 0..1."""
        if self.pending_le_connection is not None:
            pending = self.pending_le_connection
            return _duty(getattr(pending, "le_scan_window", 1), getattr(pending, "le_scan_interval", 1))
        return _duty(self.le_scan_window, self.le_scan_interval)

    def on_hci_le_set_scan_enable_command(
        self, command: hci.HCI_LE_Set_Scan_Enable_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Starts or stops scanning; the duplicate filter starts empty."""
        result = super().on_hci_le_set_scan_enable_command(command)
        self._seen.clear()
        self.air.listeners_changed()
        return result

    def on_advert_heard(self, sender: AirController, pdu: ll.AdvInd, rssi_dbm: int, answered: bool) -> None:
        """An ADV_IND reached this controller; `answered` tells whether a scan request would be."""
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self._initiate(sender)
        if self.le_scan_enable:
            report = hci.HCI_LE_Advertising_Report_Event.EventType
            self._report(report.ADV_IND, pdu.advertiser_address, pdu.data, rssi_dbm)
            if self.le_scan_type == _ACTIVE_SCANNING and answered:
                scan_response = sender.advertiser.scan_response_data
                self._report(report.SCAN_RSP, pdu.advertiser_address, scan_response, rssi_dbm)

    def _report(self, event_type: int, address: hci.Address, data: bytes, rssi_dbm: int) -> None:
        if self.filter_duplicates:
            if (address, event_type) in self._seen:
                return
            self._seen[address, event_type] = None
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=hci.HCI_LE_Advertising_Report_Event.EventType(event_type),
            address_type=address.address_type,
            address=address,
            data=data,
            rssi=rssi_dbm,
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    # Connecting.

    def on_hci_le_create_connection_command(self, command: hci.HCI_LE_Create_Connection_Command) -> None:
        """Begins to wait for the peer's advert, unless the slots are full or a connect is under way."""
        if not _asked_timing(command).is_legal:
            self._send_hci_command_status(_ERROR.INVALID_COMMAND_PARAMETERS_ERROR, command.op_code)
        elif self.pending_le_connection is not None or command.peer_address in self.le_connections:
            self._send_hci_command_status(_ERROR.COMMAND_DISALLOWED_ERROR, command.op_code)
        elif len(self.le_connections) >= self.max_links:
            self._send_hci_command_status(_ERROR.CONNECTION_LIMIT_EXCEEDED_ERROR, command.op_code)
        else:
            self.pending_le_connection = command
            self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)
            self.air.listeners_changed()

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Ends the wait; the host then gets a connection complete with status 0x02, as from a real one."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return _DISALLOWED
        self.air.listeners_changed()
        asyncio.get_running_loop().call_soon(self._report_cancelled, pending.peer_address)
        return _SUCCESS

    def _abort_connect(self) -> None:
        pending, self.pending_le_connection = self.pending_le_connection, None
        assert pending is not None
        self.air.listeners_changed()
        reason = _ERROR.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR
        self._report_connection(reason, 0, hci.Role.CENTRAL, pending.peer_address, LinkTiming(0, 0, 0))

    def _report_cancelled(self, peer: hci.Address) -> None:
        self._report_connection(
            _ERROR.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, 0, hci.Role.CENTRAL, peer, LinkTiming(0, 0, 0)
        )

    def _report_connection(
        self, status: int, handle: int, role: hci.Role, peer: hci.Address, timing: LinkTiming
    ) -> None:
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=status,
                connection_handle=handle,
                role=role,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=timing.interval_1250us,
                peripheral_latency=timing.latency_events,
                supervision_timeout=timing.supervision_timeout_10ms,
                central_clock_accuracy=0,
            )
        )

    def _initiate(self, advertiser: AirController) -> None:
        """CONNECT_IND goes out: from here the central believes in the connection."""
        pending = self.pending_le_connection
        assert isinstance(pending, hci.HCI_LE_Create_Connection_Command)
        conditions = advertiser.conditions
        chance = self.air.streams(pending.peer_address).establish
        if conditions.ignore_connect_next > 0:
            conditions.ignore_connect_next -= 1
            return
        if chance.random() < conditions.ignore_connect_probability:
            return
        if chance.random() < conditions.abort_connect_probability:
            self._abort_connect()
            return
        doomed = chance.random() < conditions.fail_establish_probability
        if conditions.fail_establish_next > 0:
            conditions.fail_establish_next -= 1
            doomed = True
        self.pending_le_connection = None
        self.air.listeners_changed()
        timing = _asked_timing(pending)
        own = (
            self.public_address
            if pending.own_address_type == hci.OwnAddressType.PUBLIC
            else self.random_address
        )
        self._open_link(advertiser, own, pending.peer_address, timing, doomed=doomed)

    def _open_link(
        self,
        advertiser: AirController,
        own: hci.Address,
        peer: hci.Address,
        timing: LinkTiming,
        *,
        doomed: bool,
    ) -> None:
        mine = self._add_connection(hci.Role.CENTRAL, own, peer, timing)
        theirs: LinkedConnection | None = None
        if doomed:  # the advertiser never heard CONNECT_IND and goes on advertising
            self.air.statistics.failed_establishments += 1
            their_end = LinkEnd("nobody", 0.0, self.air.closed)
            their_end.open = False
        else:
            advertiser.advertiser.stop()
            theirs = advertiser._add_connection(hci.Role.PERIPHERAL, peer, own, timing)
            their_end = theirs.end
        air = AirConnection(
            mine.end,
            their_end,
            timing,
            anchor_s=asyncio.get_running_loop().time() + FIRST_ANCHOR_S,
            pdus_per_event=self.air.parameters.pdus_per_event,
            random=self.air.streams(peer).link,
            loss=lambda: self.air.loss(self, advertiser),
            in_reach=lambda: self.air.in_reach(self, advertiser),
            on_over=lambda: self.air.forget(air),
        )
        self.air.register(air, self, advertiser)
        mine.air, mine.peer = air, lambda: advertiser
        if theirs is not None:
            theirs.air, theirs.peer = air, lambda: self

    def _add_connection(
        self, role: hci.Role, own: hci.Address, peer: hci.Address, timing: LinkTiming
    ) -> LinkedConnection:
        connection = LinkedConnection(
            controller=self,
            handle=self.allocate_connection_handle(),
            role=role,
            self_address=own,
            peer_address=peer,
            link=self.air,
            transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
        )
        now_s = asyncio.get_running_loop().time()
        connection.end = LinkEnd(self.name, now_s, lambda reason: self._on_closed(connection, reason))
        self.le_connections[peer] = connection
        self._report_connection(_ERROR.SUCCESS, connection.handle, role, peer, timing)
        return connection

    def _on_closed(self, connection: LinkedConnection, reason: int) -> None:
        self.air.closed(reason)
        if self.le_connections.get(connection.peer_address) is connection:
            self.on_le_disconnected(connection, reason)

    def abandon(self, peer: str) -> None:
        """Gives the link to `peer` up as after a supervision timeout; the other side is not told."""
        for connection in list(self.le_connections.values()):
            if isinstance(connection, LinkedConnection) and connection.peer_address == hci.Address(peer):
                connection.air.fall_silent(connection.end)
                self._on_closed(connection, _ERROR.CONNECTION_TIMEOUT_ERROR)

    def link_of(self, handle: int) -> LinkedConnection | None:
        """The connection with this HCI handle."""
        connection = self.find_le_connection_by_handle(handle)
        return connection if isinstance(connection, LinkedConnection) else None

    def on_hci_disconnect_command(self, command: hci.HCI_Disconnect_Command) -> None:
        """Sends LL_TERMINATE_IND; complete when acknowledged or after the supervision timeout."""
        connection = self.link_of(command.connection_handle)
        if connection is None:
            self._send_hci_command_status(_ERROR.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, command.op_code)
            return
        self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)
        connection.air.terminate(connection.end, command.reason)

    def on_hci_le_connection_update_command(self, command: hci.HCI_LE_Connection_Update_Command) -> None:
        """New connection parameters, in force on both sides six events later."""
        connection = self.link_of(command.connection_handle)
        if connection is None:
            self._send_hci_command_status(_ERROR.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, command.op_code)
            return
        timing = _asked_timing(command)
        if not timing.is_legal:
            self._send_hci_command_status(_ERROR.INVALID_COMMAND_PARAMETERS_ERROR, command.op_code)
            return
        self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)

        def both_hosts_hear() -> None:
            peer = connection.peer()
            other = peer.le_connections.get(connection.self_address)
            for controller, side in ((self, connection), (peer, other)):
                if side is not None:
                    controller.send_hci_packet(_updated(side.handle, timing))

        connection.air.update_timing(timing, both_hosts_hear)

    # Small things bumble leaves out or draws from the machine's randomness.

    def on_hci_read_rssi_command(
        self, command: hci.HCI_Read_RSSI_Command
    ) -> hci.HCI_Read_RSSI_ReturnParameters:
        """Level of the last packet of a connection."""
        (handle,) = struct.unpack_from("<H", command.parameters)
        connection = self.link_of(handle)
        if connection is None:
            return hci.HCI_Read_RSSI_ReturnParameters(
                _ERROR.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, handle, _NO_RSSI
            )
        central = connection.role == hci.Role.CENTRAL
        address = connection.peer_address if central else connection.self_address
        sender = connection.peer()
        level = _NO_RSSI
        if isinstance(sender, AirController):
            level = self.air.rssi(sender, self.air.streams(address))
        return hci.HCI_Read_RSSI_ReturnParameters(_ERROR.SUCCESS, handle, level)

    def on_hci_le_rand_command(self, command: hci.HCI_LE_Rand_Command) -> hci.HCI_LE_Rand_ReturnParameters:
        """Random bytes, repeatable by the seed."""
        number = struct.pack("<Q", self._random.getrandbits(64))
        return hci.HCI_LE_Rand_ReturnParameters(status=_ERROR.SUCCESS, random_number=number)


def _asked_timing(
    command: hci.HCI_LE_Create_Connection_Command | hci.HCI_LE_Connection_Update_Command,
) -> LinkTiming:
    """What a controller makes of the range it is given: the longest interval."""
    return LinkTiming(command.connection_interval_max, command.max_latency, command.supervision_timeout)


def _duty(window: int, interval: int) -> float:
    return min(1.0, window / interval) if interval else 1.0


def _updated(handle: int, timing: LinkTiming) -> hci.HCI_LE_Connection_Update_Complete_Event:
    return hci.HCI_LE_Connection_Update_Complete_Event(
        status=_ERROR.SUCCESS,
        connection_handle=handle,
        connection_interval=timing.interval_1250us,
        peripheral_latency=timing.latency_events,
        supervision_timeout=timing.supervision_timeout_10ms,
    )
