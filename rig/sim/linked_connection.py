"""bumble's record of a connection in a controller, tied to one end of the air."""

from __future__ import annotations

from collections.abc import Callable

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.core import PhysicalTransport

from rig.sim.link_layer import AirConnection, LinkEnd, Pdu

_COMPLETED_BATCH = 8
"""Acknowledged packets reported to the host in one event; far below the 64 buffers it may fill."""


class LinkedConnection(Connection):
    """bumble's record of a connection, tied to its end of the air."""

    air: AirConnection
    end: LinkEnd
    acknowledged = 0

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Data from the host; its buffer is free again once the other side has acknowledged it."""
        self.assembler.feed_packet(packet)

    def on_acl_pdu(self, pdu: bytes) -> None:
        """A whole L2CAP PDU waits for the next connection event."""
        peer = self.peer
        fragments = -(-len(pdu) // self.controller.le_acl_data_packet_length)
        self.air.send(
            self.end,
            Pdu(
                lambda: peer().on_link_acl_data(self.self_address, PhysicalTransport.LE, pdu),
                lambda: self.on_acknowledged(fragments),
            ),
        )

    def send_ll_control_pdu(self, packet: ll.ControlPdu) -> None:
        """A link-layer control PDU waits for the next connection event too."""
        peer = self.peer
        self.air.send(self.end, Pdu(lambda: peer().on_ll_control_pdu(self.self_address, packet)))

    def on_acknowledged(self, packets: int) -> None:
        """Gives the host its buffers back, in batches."""
        self.acknowledged += packets
        if self.acknowledged >= _COMPLETED_BATCH:
            self.controller.send_hci_packet(
                hci.HCI_Number_Of_Completed_Packets_Event(
                    connection_handles=[self.handle], num_completed_packets=[self.acknowledged]
                )
            )
            self.acknowledged = 0

    peer: Callable[[], Controller]
