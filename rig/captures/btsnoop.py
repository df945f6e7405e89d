"""btsnoop files as Android (datalink 1002), hcidump (1001) and btmon (2001) write them.

Layout: RFC 1761 with Bluetooth datalinks; the monitor's flags are `bluez:src/shared/btsnoop.h`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from rig.captures.packets import HciType, LinkType, NotACaptureError, Packet, TruncatedCaptureError, Way

_MAGIC = b"btsnoop\0"
_HEADER = struct.Struct(">8sII")
_RECORD = struct.Struct(">IIIIq")
_EPOCH_US = 0x00DCDDB30F2F8000
"""1970 in microseconds since year 0."""

_UNENCAPSULATED, _UART, _MONITOR = 1001, 1002, 2001
_RECEIVED, _COMMAND_OR_EVENT = 1, 2


def is_btsnoop(data: bytes) -> bool:
    """Whether the bytes begin like a btsnoop file."""
    return data[: len(_MAGIC)] == _MAGIC


def read_btsnoop(data: bytes) -> Iterator[Packet]:
    """The packets of a btsnoop file, as H4 or Linux monitor packets.

    Raises:
        NotACaptureError: the datalink is none of 1001, 1002, 2001.
        TruncatedCaptureError: after the last whole packet, when the file ends inside the next.
    """
    if len(data) < _HEADER.size:
        raise TruncatedCaptureError("the capture ends inside its own header")
    _, _, datalink = _HEADER.unpack_from(data)
    if datalink not in {_UNENCAPSULATED, _UART, _MONITOR}:
        raise NotACaptureError(f"the btsnoop capture has datalink {datalink}, known are 1001, 1002 and 2001")
    offset = _HEADER.size
    while offset < len(data):
        if offset + _RECORD.size > len(data):
            raise TruncatedCaptureError(f"the capture ends inside a packet header at byte {offset}")
        _, length, flags, _, stamp_us = _RECORD.unpack_from(data, offset)
        offset += _RECORD.size
        if offset + length > len(data):
            raise TruncatedCaptureError(f"the capture ends inside the packet at byte {offset}")
        yield _packet(datalink, flags, (stamp_us - _EPOCH_US) / 1e6, data[offset : offset + length])
        offset += length


def _packet(datalink: int, flags: int, time_s: float, data: bytes) -> Packet:
    if datalink == _MONITOR:
        return Packet(time_s, LinkType.LINUX_MONITOR, struct.pack(">HH", flags >> 16, flags & 0xFFFF) + data)
    way = Way.RECEIVED if flags & _RECEIVED else Way.SENT
    if datalink == _UNENCAPSULATED:
        kind = HciType.ACL
        if flags & _COMMAND_OR_EVENT:
            kind = HciType.EVENT if way is Way.RECEIVED else HciType.COMMAND
        data = bytes([kind]) + data
    return Packet(time_s, LinkType.HCI_H4, data, way)
