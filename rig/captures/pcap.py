"""pcap files, both byte orders, micro- and nanoseconds (draft-ietf-opsawg-pcap)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from rig.captures.packets import Packet, TruncatedCaptureError

_MAGICS = {0xA1B2C3D4: 1e-6, 0xA1B23C4D: 1e-9}
_HEADER_BYTES = 24
_SNAP_LENGTH = 0x40000


def is_pcap(data: bytes) -> bool:
    """Whether the bytes begin like a pcap file."""
    return _byte_order(data) is not None


def read_pcap(data: bytes) -> Iterator[Packet]:
    """The packets of a pcap file.

    Raises:
        TruncatedCaptureError: after the last whole packet, when the file ends inside the next.
    """
    order = _byte_order(data)
    if order is None or len(data) < _HEADER_BYTES:
        raise TruncatedCaptureError("the capture ends inside its own header")
    (magic,) = struct.unpack_from(order + "I", data)
    tick_s = _MAGICS[magic]
    link_type = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF  # the upper half tells of checksums
    record = struct.Struct(order + "IIII")
    offset = _HEADER_BYTES
    while offset < len(data):
        if offset + record.size > len(data):
            raise TruncatedCaptureError(f"the capture ends inside a packet header at byte {offset}")
        seconds, ticks, length, _ = record.unpack_from(data, offset)
        offset += record.size
        if offset + length > len(data):
            raise TruncatedCaptureError(f"the capture ends inside the packet at byte {offset}")
        yield Packet(seconds + ticks * tick_s, link_type, data[offset : offset + length])
        offset += length


def write_pcap(path: Path, link_type: int, packets: Iterable[tuple[float, bytes]]) -> None:
    """Writes `(seconds since 1970, bytes)` as a pcap file with microseconds, little-endian."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _SNAP_LENGTH, link_type)]
    for time_s, data in packets:
        seconds, micros = divmod(round(time_s * 1_000_000), 1_000_000)
        parts.append(struct.pack("<IIII", seconds, micros, len(data), len(data)) + data)
    path.write_bytes(b"".join(parts))


def _byte_order(data: bytes) -> str | None:
    if len(data) >= 4:
        for order in "<>":
            if struct.unpack_from(order + "I", data)[0] in _MAGICS:
                return order
    return None
