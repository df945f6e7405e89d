"""pcapng files: sections, interfaces, enhanced, simple and obsolete packet blocks (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from rig.captures.packets import Packet, TruncatedCaptureError

_SECTION = 0x0A0D0D0A
_BYTE_ORDER = b"\x1a\x2b\x3c\x4d"
_INTERFACE = 1
_OBSOLETE_PACKET = 2
_SIMPLE_PACKET = 3
_ENHANCED_PACKET = 6
_OPTION_RESOLUTION = 9
_OPTION_TIME_OFFSET = 14


@dataclass(frozen=True, slots=True)
class _Interface:
    link_type: int
    tick_s: float = 1e-6
    offset_s: int = 0


def is_pcapng(data: bytes) -> bool:
    """Whether the bytes begin with a section header block."""
    return data[:4] == b"\n\r\r\n" and data[8:12] in {_BYTE_ORDER, _BYTE_ORDER[::-1]}


def read_pcapng(data: bytes) -> Iterator[Packet]:
    """The packets of a pcapng file; blocks of other kinds are passed over.

    Raises:
        TruncatedCaptureError: after the last whole block, when the file ends inside the next or its size lies.
    """
    order = "<"
    interfaces: list[_Interface] = []
    offset = 0
    while offset < len(data):
        if data[offset : offset + 4] == b"\n\r\r\n":
            order = ">" if data[offset + 8 : offset + 12] == _BYTE_ORDER else "<"
            interfaces = []
        kind, body = _block(data, offset, order)
        offset += len(body) + 12
        try:
            if kind == _INTERFACE:
                interfaces.append(_interface(body, order))
            elif kind in {_ENHANCED_PACKET, _OBSOLETE_PACKET, _SIMPLE_PACKET}:
                yield _packet(kind, body, order, interfaces)
        except (struct.error, IndexError):
            raise TruncatedCaptureError(
                f"the block that ends at byte {offset} of the capture is damaged"
            ) from None


def _block(data: bytes, offset: int, order: str) -> tuple[int, bytes]:
    if offset + 12 > len(data):
        raise TruncatedCaptureError(f"the capture ends inside a block header at byte {offset}")
    kind, length = struct.unpack_from(order + "II", data, offset)
    if length < 12 or length % 4 or offset + length > len(data):
        raise TruncatedCaptureError(f"the capture ends inside the block at byte {offset}")
    return kind, data[offset + 8 : offset + length - 4]


def _interface(body: bytes, order: str) -> _Interface:
    (link_type,) = struct.unpack_from(order + "H", body)
    tick_s, offset_s = 1e-6, 0
    at = 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
        if code == _OPTION_RESOLUTION:
            tick_s = 2.0 ** -(value[0] & 0x7F) if value[0] & 0x80 else 10.0 ** -value[0]
        elif code == _OPTION_TIME_OFFSET:
            (offset_s,) = struct.unpack(order + "q", value)
    return _Interface(link_type, tick_s, offset_s)


def _packet(kind: int, body: bytes, order: str, interfaces: list[_Interface]) -> Packet:
    if kind == _SIMPLE_PACKET:
        return Packet(0.0, interfaces[0].link_type, body[4 : 4 + struct.unpack_from(order + "I", body)[0]])
    layout = "IIIII" if kind == _ENHANCED_PACKET else "HHIIII"
    number, *_, high, low, length, _ = struct.unpack_from(order + layout, body)
    interface = interfaces[number]
    if 20 + length > len(body):
        raise IndexError(length)
    time_s = (high << 32 | low) * interface.tick_s + interface.offset_s
    return Packet(time_s, interface.link_type, body[20 : 20 + length])
