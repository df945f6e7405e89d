"""The LCUS relay boards (LCUS-1/2/4/8 and look-alikes on CH340 bridges): 9600 8N1.

There is no manual worth the name, so sources are public drivers: usbrelay and scyto's LCUS driver for the A0
frames and the one-byte-per-channel status, Noyito's page for the status text, One-KVM issue 271 for the clone
that knows nothing but D0 frames.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

import construct as c

from rig.bench.codecs.checked import build, checked, parse, sum8

MOST_CHANNELS = 8
STATUS = b"\xff"
"""Asks boards of the status dialects for all channels at once."""


class Dialect(Enum):
    """What a board of this family understands. Only FEEDBACK and the STATUS ones can be told apart safely."""

    FEEDBACK = "feedback"
    """A0 frames; operations 2 to 5 are answered with the channel's state."""
    STATUS_TEXT = "status-text"
    """A0 frames without answer; FF is answered with `CH1: ON` lines."""
    STATUS_BYTES = "status-bytes"
    """A0 frames without answer; FF is answered with one byte per channel."""
    MUTE = "mute"
    """A0 frames without any answer."""
    D0 = "d0"
    """A one-channel clone that ignores A0 and switches on D0 01 and D0 00, without any answer."""


class Operation(Enum):
    """The third byte of an A0 frame."""

    OFF = 0
    ON = 1
    OFF_ANSWERED = 2
    ON_ANSWERED = 3
    TOGGLE_ANSWERED = 4
    QUERY = 5


_A0 = checked(
    c.Struct(
        c.Const(b"\xa0"),
        "channel" / c.Int8ub,
        "operation" / c.Enum(c.Int8ub, **{operation.name: operation.value for operation in Operation}),
    ),
    c.Int8ub,
    sum8,
)
_D0 = c.Struct(c.Const(b"\xd0"), "on" / c.OneOf(c.Int8ub, (0, 1)))
_A0_SIZE = 4
_LINE = re.compile(rb"CH(\d{1,2}) ?: ?(ON|OFF)\r\n")


@dataclass(frozen=True, slots=True)
class Frame:
    """An A0 frame, in either direction; a board's answer carries ON or OFF. Channels from 1."""

    channel: int
    operation: Operation

    def encode(self) -> bytes:
        """The bytes on the wire."""
        return build(_A0, channel=self.channel, operation=self.operation.name)


def encode_d0(on: bool) -> bytes:
    """The clone's frame."""
    data: bytes = _D0.build({"on": int(on)})
    return data


def encode_status_text(states: tuple[bool, ...]) -> bytes:
    """What a text board answers to FF."""
    return b"".join(b"CH%d: %s\r\n" % (n, b"ON" if on else b"OFF") for n, on in enumerate(states, 1))


def decode_frame(data: bytes) -> Frame | None:
    """An A0 frame of exactly these bytes."""
    body: Any = parse(_A0, data)
    if body is None or str(body.operation) not in Operation.__members__:
        return None
    return Frame(body.channel, Operation[str(body.operation)])


def take_state(buffer: bytearray, channel: int) -> bool | None:
    """A board's answer about one channel."""
    for start in range(len(buffer) - _A0_SIZE + 1):
        frame = decode_frame(bytes(buffer[start : start + _A0_SIZE]))
        if (
            frame is not None
            and frame.channel == channel
            and frame.operation in (Operation.ON, Operation.OFF)
        ):
            del buffer[: start + _A0_SIZE]
            return frame.operation is Operation.ON
    return None


def take_status_text(buffer: bytearray, channels: int) -> tuple[bool, ...] | None:
    """The answer to FF as text: every channel from 1 to `channels`, in order, once."""
    found = _LINE.findall(bytes(buffer))
    if [int(number) for number, _ in found] != list(range(1, channels + 1)):
        return None
    buffer.clear()
    return tuple(word == b"ON" for _, word in found)


def take_status_bytes(buffer: bytearray, channels: int) -> tuple[bool, ...] | None:
    """The answer to FF as bytes, exactly `channels` of them, each 0 or 1."""
    if len(buffer) != channels or any(byte > 1 for byte in buffer):
        return None
    states = tuple(bool(byte) for byte in buffer)
    buffer.clear()
    return states


def take_command(buffer: bytearray) -> Frame | bool | bytes | None:
    """What a board reads: an A0 frame, the state a D0 frame asks for, or `STATUS`."""
    while buffer:
        if buffer[0] == STATUS[0]:
            del buffer[0]
            return STATUS
        if buffer[0] == 0xD0 and len(buffer) >= 2 and buffer[1] <= 1:
            on = bool(buffer[1])
            del buffer[:2]
            return on
        if buffer[0] in (0xA0, 0xD0) and len(buffer) < (_A0_SIZE if buffer[0] == 0xA0 else 2):
            return None
        frame = decode_frame(bytes(buffer[:_A0_SIZE]))
        if frame is not None:
            del buffer[:_A0_SIZE]
            return frame
        del buffer[0]
    return None
