"""Pololu Maestro servo controllers: compact protocol, with or without the CRC-7 byte.

Source: Pololu Maestro Servo Controller User's Guide, chapters 5.d (CRC), 5.e (serial commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import construct as c

from rig.bench.codecs.checked import crc7_pololu

MOST_CHANNELS = 24
QUARTERS_PER_US = 4
TIMEOUT_ERROR = 1 << 5
"""Serial timeout: nobody commanded the board for as long as its setting says."""


class Command(IntEnum):
    """Command bytes."""

    TARGET = 0x84
    SPEED = 0x87
    ACCELERATION = 0x89
    POSITION = 0x90
    MOVING = 0x93
    ERRORS = 0xA1
    GO_HOME = 0xA2


SETTERS = frozenset({Command.TARGET, Command.SPEED, Command.ACCELERATION})
SIZES = {
    Command.TARGET: 4,
    Command.SPEED: 4,
    Command.ACCELERATION: 4,
    Command.POSITION: 2,
    Command.MOVING: 1,
    Command.ERRORS: 1,
    Command.GO_HOME: 1,
}
"""Bytes of each command, without the CRC."""

ERROR_BITS = {
    0: "serial signal error",
    1: "serial overrun",
    2: "serial buffer full",
    3: "serial CRC error",
    4: "serial protocol error",
    5: "serial timeout",
    6: "script stack error",
    7: "script call stack error",
    8: "script program counter error",
}


def _joined(pair: Any, _context: Any) -> int:
    return int(pair[0] | pair[1] << 7)


def _halves(value: Any, _context: Any) -> list[int]:
    return [value & 0x7F, value >> 7 & 0x7F]


_VALUE14: Any = c.ExprAdapter(c.Sequence(c.Int8ub, c.Int8ub), _joined, _halves)
_SETTER = c.Struct("command" / c.Int8ub, "channel" / c.Int8ub, "value" / _VALUE14)
_ASKER = c.Struct("command" / c.Int8ub, "channel" / c.Int8ub)
_BARE = c.Struct("command" / c.Int8ub)
_FORMS = {4: _SETTER, 2: _ASKER, 1: _BARE}
_REPLY16 = c.Struct("value" / c.Int16ul)


@dataclass(frozen=True, slots=True)
class Frame:
    """One command. `channel` from 0 as on the board, 0 where it has none; `value` 0 to 0x3fff for setters:
    a target in quarter microseconds (0 stops the pulses), a speed in 0.25 µs per 10 ms."""

    command: Command
    channel: int = 0
    value: int = 0

    def encode(self, *, crc: bool = False) -> bytes:
        """The bytes on the wire."""
        form = _FORMS[SIZES[self.command]]
        data: bytes = form.build({"command": self.command, "channel": self.channel, "value": self.value})
        return with_crc(data) if crc else data


def with_crc(data: bytes) -> bytes:
    """A command with its CRC-7 byte behind it."""
    return data + bytes([crc7_pololu(data)])


def encode_reply16(value: int) -> bytes:
    """A position or an error word as the board sends it."""
    data: bytes = _REPLY16.build({"value": value})
    return data


def take_reply16(buffer: bytearray) -> int | None:
    """A position (quarter microseconds) or an error word: exactly two bytes."""
    if len(buffer) != _REPLY16.sizeof():
        return None
    value: int = _REPLY16.parse(bytes(buffer)).value
    buffer.clear()
    return value


def take_command(buffer: bytearray, *, crc: bool = False) -> Frame | None:
    """What a board reads; with `crc`, commands whose CRC is wrong are dropped."""
    while buffer:
        if buffer[0] not in SIZES:
            del buffer[0]
            continue
        command = Command(buffer[0])
        size = SIZES[command]
        if len(buffer) < size + crc:
            return None
        data = bytes(buffer[:size])
        if any(byte > 0x7F for byte in data[1:]) or (crc and buffer[size] != crc7_pololu(data)):
            del buffer[0]
            continue
        del buffer[: size + crc]
        parsed: Any = _FORMS[size].parse(data)
        return Frame(command, parsed.get("channel", 0), parsed.get("value", 0))
    return None
