"""Modbus RTU as far as relays and supplies need it: coils and holding registers, with CRC-16.

Source: MODBUS application protocol V1.1b3 and MODBUS over serial line V1.02; the timed coil write (address
0x0200 + coil, value in 100 ms) is Waveshare's own and documented on the page of their Modbus RTU relays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import construct as c

from rig.bench.codecs.checked import build, checked, crc16_modbus, parse

T = TypeVar("T")

READ_COILS = 0x01
READ_HOLDING = 0x03
WRITE_COIL = 0x05
WRITE_REGISTER = 0x06

COIL_ON = 0xFF00
COIL_OFF = 0x0000
TIMED_ON = 0x0200
"""Added to a coil's address: on for `value` tenths of a second, then off by the board itself."""
MOST_TENTHS = 0x7FFF

_CRC = c.Int16ul

_REQUEST = checked(
    c.Struct(
        "unit" / c.Int8ub,
        "function" / c.OneOf(c.Int8ub, (READ_COILS, READ_HOLDING, WRITE_COIL, WRITE_REGISTER)),
        "address" / c.Int16ub,
        "value" / c.Int16ub,  # a count for the reading functions
    ),
    _CRC,
    crc16_modbus,
)
_DATA = checked(
    c.Struct(
        "unit" / c.Int8ub,
        "function" / c.OneOf(c.Int8ub, (READ_COILS, READ_HOLDING)),
        "data" / c.Prefixed(c.Int8ub, c.GreedyBytes),
    ),
    _CRC,
    crc16_modbus,
)
_EXCEPTION = checked(
    c.Struct("unit" / c.Int8ub, "function" / c.Int8ub, "code" / c.Int8ub), _CRC, crc16_modbus
)
_REGISTERS = c.GreedyRange(c.Int16ub)

_SAID_OFTEN = 512
"""Requests remembered in both forms: the same few are said all night, to renew a dead-man and read a meter."""
_REQUEST_SIZE = 8
_EXCEPTION_SIZE = 5
_FAILED = 0x80


@dataclass(frozen=True, slots=True)
class Request:
    """One request; an echo of a write is the same bytes. `value` is the count for the reading functions."""

    unit: int
    function: int
    address: int
    value: int

    def encode(self) -> bytes:
        """The bytes on the wire."""
        return _request_bytes(self.unit, self.function, self.address, self.value)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The board's exception reply; codes 1 function, 2 address, 3 value, 4 device failure."""

    function: int
    code: int

    def encode(self, unit: int) -> bytes:
        """The bytes on the wire."""
        return build(_EXCEPTION, unit=unit, function=self.function | _FAILED, code=self.code)


def encode_data(unit: int, function: int, data: bytes) -> bytes:
    """The reply to a read."""
    return build(_DATA, unit=unit, function=function, data=data)


def registers_to_bytes(values: Sequence[int]) -> bytes:
    """Register values (0 to 0xffff), high byte first."""
    data: bytes = _REGISTERS.build(list(values))
    return data


def bytes_to_registers(data: bytes) -> tuple[int, ...]:
    """The other way; an odd last byte is dropped."""
    return tuple(_REGISTERS.parse(data))


def coils_to_bytes(states: Sequence[bool]) -> bytes:
    """Coil states, first coil in the lowest bit."""
    packed = bytearray((len(states) + 7) // 8)
    for number, on in enumerate(states):
        packed[number // 8] |= on << (number % 8)
    return bytes(packed)


def bytes_to_coils(data: bytes, count: int) -> tuple[bool, ...]:
    """The other way, for the `count` coils asked for."""
    return tuple(bool(data[number // 8] >> (number % 8) & 1) for number in range(count))


def take_request(buffer: bytearray) -> Request | None:
    """The next request or echo in the buffer."""
    while len(buffer) >= _REQUEST_SIZE:
        request = _request_of(bytes(buffer[:_REQUEST_SIZE]))
        if request is not None:
            del buffer[:_REQUEST_SIZE]
            return request
        del buffer[0]
    return None


@lru_cache(maxsize=_SAID_OFTEN)
def _request_bytes(unit: int, function: int, address: int, value: int) -> bytes:
    return build(_REQUEST, unit=unit, function=function, address=address, value=value)


@lru_cache(maxsize=_SAID_OFTEN)
def _request_of(data: bytes) -> Request | None:
    body = parse(_REQUEST, data)
    return None if body is None else Request(body.unit, body.function, body.address, body.value)


def take_echo(buffer: bytearray, sent: Request) -> Request | Refusal | None:
    """The echo of a write, or its refusal; bytes before it are dropped, other frames are not taken for it."""
    return _find(buffer, sent, _REQUEST_SIZE, lambda data: sent if data == sent.encode() else None)


def take_data(buffer: bytearray, sent: Request) -> bytes | Refusal | None:
    """The data of a read, of exactly the size asked for, or its refusal."""
    size = (sent.value + 7) // 8 if sent.function == READ_COILS else 2 * sent.value

    def as_data(data: bytes) -> bytes | None:
        body = parse(_DATA, data)
        if body is None or (body.unit, body.function, len(body.data)) != (sent.unit, sent.function, size):
            return None
        return bytes(body.data)

    return _find(buffer, sent, 5 + size, as_data)


def _find(
    buffer: bytearray, sent: Request, size: int, accept: Callable[[bytes], T | None]
) -> T | Refusal | None:
    for start in range(len(buffer)):
        whole = accept(bytes(buffer[start : start + size])) if len(buffer) - start >= size else None
        if whole is not None:
            del buffer[: start + size]
            return whole
        refused = parse(_EXCEPTION, bytes(buffer[start : start + _EXCEPTION_SIZE]))
        if refused is not None and (refused.unit, refused.function) == (sent.unit, sent.function | _FAILED):
            del buffer[: start + _EXCEPTION_SIZE]
            return Refusal(sent.function, refused.code)
    return None
