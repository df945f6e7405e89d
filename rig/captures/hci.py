"""HCI packets -> adverts, connections and L2CAP fragments (Core Specification, Vol 4 Part E)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from rig.captures.packets import Connected, Fragment, HciType, Heard, LinkEvent, Way, address_text

_LE_META = 0x3E
_CONNECTION_COMPLETE = (0x01, 0x0A, 0x29)
_ADVERTISING_REPORT = 0x02
_EXTENDED_ADVERTISING_REPORT = 0x0D
_SCAN_RESPONSE = 4
_EXTENDED_SCAN_RESPONSE = 0x08
_CONTINUATION = 1

_REPORT = struct.Struct("<BB6sB")
_EXTENDED_REPORT = struct.Struct("<HB6sBBBbbHB6sB")

_MONITOR_HEADER = struct.Struct(">HH")
_MONITOR_EVENT, _MONITOR_ACL_SENT, _MONITOR_ACL_RECEIVED = 3, 4, 5


def h4_events(data: bytes, way: Way) -> Iterator[LinkEvent]:
    """Events of one H4 packet (type byte first); nothing for packets that tell nothing of LE."""
    if data[:1] == bytes([HciType.ACL]):
        yield from _acl(data[1:], way)
    elif data[:1] == bytes([HciType.EVENT]):
        yield from _event(data[1:])


def h4_with_direction_events(data: bytes) -> Iterator[LinkEvent]:
    """Events of one H4 packet behind libpcap's four-byte direction header."""
    yield from h4_events(data[4:], Way.RECEIVED if data[3:4] == b"\1" else Way.SENT)


def monitor_events(data: bytes) -> Iterator[LinkEvent]:
    """Events of one packet of the Linux monitor channel (adapter and opcode first)."""
    if len(data) < _MONITOR_HEADER.size:
        return
    adapter, opcode = _MONITOR_HEADER.unpack_from(data)
    body = data[_MONITOR_HEADER.size :]
    if opcode == _MONITOR_EVENT:
        yield from _event(body, adapter)
    elif opcode == _MONITOR_ACL_SENT:
        yield from _acl(body, Way.SENT, adapter)
    elif opcode == _MONITOR_ACL_RECEIVED:
        yield from _acl(body, Way.RECEIVED, adapter)


def _acl(data: bytes, way: Way, adapter: int = 0) -> Iterator[LinkEvent]:
    if len(data) < 4:
        return
    handle, length = struct.unpack_from("<HH", data)
    boundary = handle >> 12 & 3
    connection = adapter << 16 | handle & 0x0FFF
    yield Fragment(connection, way, boundary != _CONTINUATION, data[4 : 4 + length])


def _event(data: bytes, adapter: int = 0) -> Iterator[LinkEvent]:
    if len(data) < 3 or data[0] != _LE_META:
        return
    subevent, body = data[2], data[3:]
    if subevent in _CONNECTION_COMPLETE and len(body) >= 11 and body[0] == 0:
        handle = struct.unpack_from("<H", body, 1)[0] & 0x0FFF
        yield Connected(adapter << 16 | handle, address_text(body[5:11]))
    elif subevent == _ADVERTISING_REPORT:
        yield from _reports(body)
    elif subevent == _EXTENDED_ADVERTISING_REPORT:
        yield from _extended_reports(body)


def _reports(body: bytes) -> Iterator[Heard]:
    """One report after the other, as Linux reads them; each ends with an RSSI byte."""
    offset = 1
    while offset + _REPORT.size <= len(body):
        kind, _, address, length = _REPORT.unpack_from(body, offset)
        offset += _REPORT.size
        yield Heard(address_text(address), kind == _SCAN_RESPONSE, body[offset : offset + length])
        offset += length + 1


def _extended_reports(body: bytes) -> Iterator[Heard]:
    offset = 1
    while offset + _EXTENDED_REPORT.size <= len(body):
        kind, _, address, *_, length = _EXTENDED_REPORT.unpack_from(body, offset)
        offset += _EXTENDED_REPORT.size
        scan_response = bool(kind & _EXTENDED_SCAN_RESPONSE)
        yield Heard(address_text(address), scan_response, body[offset : offset + length])
        offset += length
