"""Devantech's USB-RLY02, RLY08, RLY16 and RLY16L: one byte per command over CDC-ACM (baud ignored).

Source: Devantech's technical pages of the four modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import construct as c

VERSION = b"\x5a"
STATES = b"\x5b"
SUPPLY = b"\x5d"
ALL_OFF = b"\x6e"
MODULES = {8: ("USB-RLY08", 8), 9: ("USB-RLY16", 8), 10: ("USB-RLY02", 2), 15: ("USB-RLY16L", 8)}
"""Module id -> name, relays."""

_ALL_ON = 0x64
_ALL_OFF = 0x6E
_SET_ALL = 0x5C
_MOST = 8
_VERSION = c.Struct("module" / c.Int8ub, "version" / c.Int8ub)
_SET = c.Struct(c.Const(bytes([_SET_ALL])), "states" / c.Int8ub)


@dataclass(frozen=True, slots=True)
class Version:
    """What a module says it is."""

    module: int
    version: int

    def encode(self) -> bytes:
        """The bytes on the wire."""
        data: bytes = _VERSION.build({"module": self.module, "version": self.version})
        return data


def encode_switch(channel: int, on: bool) -> bytes:
    """Switches one relay, 1 to 8."""
    return bytes([(_ALL_ON if on else _ALL_OFF) + channel])


def encode_set(states: int) -> bytes:
    """Sets all relays from a bitmap, relay 1 in bit 0."""
    data: bytes = _SET.build({"states": states})
    return data


def take_version(buffer: bytearray) -> Version | None:
    """The answer to VERSION: exactly two bytes."""
    if len(buffer) != _VERSION.sizeof():
        return None
    body: Any = _VERSION.parse(bytes(buffer))
    buffer.clear()
    return Version(body.module, body.version)


def take_states(buffer: bytearray) -> int | None:
    """The answer to STATES: exactly one byte, a bitmap."""
    if len(buffer) != 1:
        return None
    return buffer.pop()


def take_command(buffer: bytearray) -> tuple[str, int] | None:
    """What a module reads: ("version" | "states" | "supply", 0) or ("set", bitmap) or ("on" | "off", channel);
    channel 0 means all."""
    while buffer:
        first = buffer[0]
        if first == _SET_ALL:
            if len(buffer) < 2:
                return None
            states = buffer[1]
            del buffer[:2]
            return "set", states
        del buffer[0]
        if first in (VERSION[0], STATES[0], SUPPLY[0]):
            return {VERSION[0]: "version", STATES[0]: "states", SUPPLY[0]: "supply"}[first], 0
        if _ALL_ON <= first <= _ALL_ON + _MOST:
            return "on", first - _ALL_ON
        if _ALL_OFF <= first <= _ALL_OFF + _MOST:
            return "off", first - _ALL_OFF
    return None
