"""The values that pass between the layers of a capture reader."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from rig.errors import InputError


class NotACaptureError(InputError):
    """The file is none of the formats we read, or holds no Bluetooth LE traffic we can follow."""


class TruncatedCaptureError(InputError):
    """The file ends inside a packet; everything before was handed out."""


class LinkType(IntEnum):
    """What a packet's bytes are, by the numbers of tcpdump.org's LINKTYPE list."""

    HCI_H4 = 187
    HCI_H4_WITH_PHDR = 201
    LE_LL = 251
    LINUX_MONITOR = 254
    LE_LL_WITH_PHDR = 256
    NORDIC_BLE = 272


class HciType(IntEnum):
    """The packet type byte of H4 (Core Specification, Vol 4 Part A 2)."""

    COMMAND = 1
    ACL = 2
    EVENT = 4


class Way(Enum):
    """Which way a packet went, seen from the host (the central)."""

    SENT = "sent"
    RECEIVED = "received"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of a container: seconds since 1970 as the capture has them, and the bytes behind the link type."""

    time_s: float
    link_type: int
    data: bytes
    way: Way = Way.UNKNOWN


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of an L2CAP frame on a connection; `first` begins a frame."""

    connection: int
    way: Way
    first: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """An advertising PDU: its raw AD structures and who sent it (`AA:BB:CC:DD:EE:FF`)."""

    address: str
    is_scan_response: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection begins; its number may have been used before."""

    connection: int
    peer: str


LinkEvent = Fragment | Heard | Connected


def address_text(little_endian: bytes) -> str:
    """Six bytes as they are on the air, as text."""
    return little_endian[::-1].hex(":").upper()
