"""bumble's host without its debug prose, and at ease with commands nobody waits for any more.

bumble formats every packet for its log before asking whether anybody listens, which is most of what a
notification costs. These overrides do the same work and format only when debugging is on.
"""

from __future__ import annotations

import logging
from typing import Any

from bumble import hci
from bumble.host import Host
from bumble.snoop import Snooper
from bumble.transport.common import TransportLostError

from rig.radio.host_stack import HostError, HostFailure

COMMAND_LIMIT_S = 2.0
"""The kernel's HCI_CMD_TIMEOUT (`include/net/bluetooth/hci.h`)."""

_NO_COMMAND = 0
"""Stands where the op code would, in an event that only says how many commands the controller takes."""

_BUMBLE_LOG = logging.getLogger("bumble.host")
logging.getLogger("bumble").setLevel(
    logging.ERROR
)  # bumble warns of what a lost link leaves behind, and logs to the root logger, which wakes `basicConfig`


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a log record tells more than the exception that reaches whoever sent the command."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, TransportLostError | TimeoutError | HostError)


_BUMBLE_LOG.addFilter(_is_news)


class QuietHost(Host):
    """A host that formats packets only for a log somebody reads."""

    async def _send_command(
        self, command: hci.HCI_SyncCommand[Any] | hci.HCI_AsyncCommand, response_timeout: float | None = None
    ) -> hci.HCI_Command_Complete_Event[Any] | hci.HCI_Command_Status_Event:
        """Sends a command and gives up on a controller that does not answer, as the Linux kernel does.

        Raises:
            HostError: BUSY after `COMMAND_LIMIT_S`.
        """
        limit_s = min(response_timeout or COMMAND_LIMIT_S, COMMAND_LIMIT_S)
        try:
            return await super()._send_command(command, limit_s)
        except TimeoutError as error:
            raise HostError(HostFailure.BUSY, f"the controller does not answer {command.name}") from error

    def on_command_processed(
        self, event: hci.HCI_Command_Complete_Event[Any] | hci.HCI_Command_Status_Event
    ) -> None:
        """The answer to a command goes to whoever sent it, unless that task has been cancelled meanwhile.

        bumble sets the result of a future that is already cancelled, gives a late answer to the next command, or
        lets a second command go for it.
        """
        pending, command = self.pending_response, self.pending_command
        if pending is None or command is None:
            if event.command_opcode != _NO_COMMAND:
                return
        elif pending.done() or command.op_code != event.command_opcode:
            return
        super().on_command_processed(event)

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
