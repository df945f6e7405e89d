"""Waits at one exact step of a host's work with a car, to make something happen there.

What a host does with a car is told apart by its ATT requests (Core 5.4, Vol 3, Part F, 3.4.8): those that look for
attributes are discovery, a write to the characteristic's configuration is the subscription, a write to the
characteristic itself a frame for the car.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bumble import att

_LOOKING = frozenset(
    int(opcode)
    for opcode in (
        att.Opcode.ATT_EXCHANGE_MTU_REQUEST,
        att.Opcode.ATT_FIND_INFORMATION_REQUEST,
        att.Opcode.ATT_FIND_BY_TYPE_VALUE_REQUEST,
        att.Opcode.ATT_READ_BY_TYPE_REQUEST,
        att.Opcode.ATT_READ_BY_GROUP_TYPE_REQUEST,
    )
)
_WRITING = frozenset((int(att.Opcode.ATT_WRITE_REQUEST), int(att.Opcode.ATT_WRITE_COMMAND)))


class Moment(Enum):
    """A step of a host's work with a car."""

    DISCOVERY = "discovery"
    SUBSCRIPTION = "subscription"
    WRITE = "write"


@dataclass(slots=True)
class Ambush:
    """At the `nth` request of its kind from now, counted from 1, `action` happens instead of an answer."""

    moment: Moment
    nth: int
    action: Callable[[], None]

    def passes(self, pdu: bytes, to_car: int, configuration: int) -> bool:
        """Whether this ATT PDU of the host is the one; `to_car` and `configuration` are the handles written to."""
        if _moment_of(pdu, to_car, configuration) is self.moment:
            self.nth -= 1
        return self.nth <= 0


def _moment_of(pdu: bytes, to_car: int, configuration: int) -> Moment | None:
    if pdu[0] in _LOOKING:
        return Moment.DISCOVERY
    if pdu[0] in _WRITING:
        return {to_car: Moment.WRITE, configuration: Moment.SUBSCRIPTION}.get(pdu[1] | pdu[2] << 8)
    return None
