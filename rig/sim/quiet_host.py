"""bumble's host without its debug prose.

bumble formats every packet for its log before asking whether anybody listens, which is most of what a
notification costs. These overrides do the same work and format only when debugging is on.
"""

from __future__ import annotations

import logging

from bumble import hci
from bumble.host import Host
from bumble.snoop import Snooper

_BUMBLE_LOG = logging.getLogger("bumble.host")
logging.getLogger("bumble").setLevel(
    logging.ERROR
)  # bumble warns of what a lost link leaves behind, and logs to the root logger, which wakes `basicConfig`


class QuietHost(Host):
    """A host that formats packets only for a log somebody reads."""

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """To the controller."""
        if _BUMBLE_LOG.isEnabledFor(logging.DEBUG):
            super().send_hci_packet(packet)
            return
        data = bytes(packet)
        if self.snooper is not None:
            self.snooper.snoop(data, Snooper.Direction.HOST_TO_CONTROLLER)
        if self.hci_sink is not None:
            self.hci_sink.on_packet(data)

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """From the controller."""
        if _BUMBLE_LOG.isEnabledFor(logging.DEBUG):
            super().on_hci_packet(packet)
            return
        if self.snooper is not None:
            self.snooper.snoop(bytes(packet), Snooper.Direction.CONTROLLER_TO_HOST)
        if isinstance(packet, hci.HCI_Event):
            self.on_hci_event_packet(packet)
        elif isinstance(packet, hci.HCI_AclDataPacket):
            self.on_hci_acl_data_packet(packet)
