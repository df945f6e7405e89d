"""Korad KA3005P and its kin (Velleman PS3005D, Tenma 72-2540, RND 320): ASCII at 9600 8N1.

The classic models end nothing, neither commands nor replies, so a reply is known by its length and its shape;
newer ones want a line feed behind a command. Setters are not acknowledged.
Source: Korad's remote control syntax; sigrok's korad-kaxxxxp driver for the status bits worth trusting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import construct as c

BAUD = 9600
IDENTIFY = "*IDN?"

_COMMAND = c.Struct("text" / c.GreedyString("ascii"))
_STATUS = c.BitStruct(
    c.Padding(1),
    "output" / c.Flag,
    "protection" / c.Flag,
    c.Padding(4),
    "constant_voltage" / c.Flag,
)
_VOLTS = re.compile(rb"\d\d\.\d\d")
_AMPERES = re.compile(rb"\d\.\d\d\d")


@dataclass(frozen=True, slots=True)
class Status:
    """The three bits of STATUS? that can be trusted."""

    output: bool
    protection: bool
    constant_voltage: bool

    def encode(self) -> bytes:
        """The byte on the wire."""
        data: bytes = _STATUS.build(
            {
                "output": self.output,
                "protection": self.protection,
                "constant_voltage": self.constant_voltage,
            }
        )
        return data


def encode_command(text: str, *, line_feed: bool = False) -> bytes:
    """A command as sent."""
    data: bytes = _COMMAND.build({"text": text + ("\n" if line_feed else "")})
    return data


def set_volts(volts: float) -> str:
    """`VSET1:12.34`."""
    return f"VSET1:{volts:05.2f}"


def set_amperes(amperes: float) -> str:
    """`ISET1:0.125`."""
    return f"ISET1:{amperes:05.3f}"


def encode_volts(volts: float) -> bytes:
    """A reply in volts."""
    return f"{volts:05.2f}".encode("ascii")


def encode_amperes(amperes: float) -> bytes:
    """A reply in amperes."""
    return f"{amperes:05.3f}".encode("ascii")


def take_volts(buffer: bytearray) -> float | None:
    """A reply in volts: exactly `dd.dd`."""
    return _number(buffer, _VOLTS)


def take_amperes(buffer: bytearray) -> float | None:
    """A reply in amperes: exactly `d.ddd`."""
    return _number(buffer, _AMPERES)


def take_status(buffer: bytearray) -> Status | None:
    """The answer to STATUS?: exactly one byte."""
    if len(buffer) != 1:
        return None
    body: Any = _STATUS.parse(bytes(buffer))
    buffer.clear()
    return Status(body.output, body.protection, body.constant_voltage)


def take_command(buffer: bytearray) -> str | None:
    """What a supply reads. With no terminator the board, like this, takes what came in one go."""
    text = bytes(buffer).decode("ascii", errors="replace").strip()
    buffer.clear()
    return text or None


def _number(buffer: bytearray, shape: re.Pattern[bytes]) -> float | None:
    stripped = bytes(buffer).rstrip(b"\r\n\0")
    if shape.fullmatch(stripped) is None:
        return None
    buffer.clear()
    return float(stripped)
