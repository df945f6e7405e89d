"""Checksums of the serial fixtures, and construct frames that carry one behind their body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import construct as c


def sum8(data: bytes) -> int:
    """Low byte of the sum (LCUS)."""
    return sum(data) & 0xFF


def crc16_modbus(data: bytes) -> int:
    """Modbus RTU's CRC-16: polynomial 0xa001 reflected, start 0xffff; sent low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


def crc7_pololu(data: bytes) -> int:
    """Pololu's CRC-7: polynomial 0x91, least significant bit first, start 0."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            if value & 1:
                value ^= 0x91
            value >>= 1
    return value


def crc8_gate(data: bytes) -> int:
    """Our gate's CRC-8: polynomial 0x07, most significant bit first, start 0xff.

    The start value makes a run of zero bytes, what a floating line delivers, an invalid frame.
    """
    value = 0xFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = ((value << 1) ^ 0x07) & 0xFF if value & 0x80 else value << 1
    return value


def checked(body: Any, checksum: Any, over: Callable[[bytes], int]) -> Any:
    """A frame: `body`, then `checksum` over the body's bytes."""
    return c.Struct("body" / c.RawCopy(body), "check" / c.Checksum(checksum, over, c.this.body.data))


def build(frame: Any, **values: Any) -> bytes:
    """The bytes of a `checked` frame."""
    data: bytes = frame.build({"body": {"value": values}})
    return data


def parse(frame: Any, data: bytes) -> Any | None:
    """The body of a `checked` frame that fills `data` exactly; None when it is not one."""
    try:
        return c.Struct("frame" / frame, c.Terminated).parse(data).frame.body.value
    except c.ConstructError:
        return None
