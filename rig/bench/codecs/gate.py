"""Our lap gate's frames (docs/bench.md specifies them for whoever writes its firmware), and PC Lap Counter's lines.

A frame is ten bytes: A5, kind, sequence number, beam, state, time in microseconds (32 bit, little-endian), and
CRC-8 (polynomial 0x07, start 0xff) over the nine before it. The board counts every frame it sends, so a lost
one shows; its clock wraps after 71.6 minutes; a heartbeat every second tells silence from an empty track.

PC Lap Counter's Arduino lines (`[SF01$3124]`: lane 1, 3124 ms since its last passage) have neither number nor
checksum nor heartbeat. Source: PC Lap Counter's Arduino protocol page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import construct as c

from rig.bench.codecs.checked import build, checked, crc8_gate, parse

BAUD = 115200
HEARTBEAT_S = 1.0
WRAP_US = 1 << 32
WRAP_SEQUENCE = 1 << 8
IDENTIFY = b"\xa5?"
"""The host's only word: the board answers with a heartbeat at once."""


class Kind(IntEnum):
    """What a frame reports."""

    HEARTBEAT = 0
    EDGE = 1


_START = 0xA5
_FRAME = checked(
    c.Struct(
        c.Const(bytes([_START])),
        "kind" / c.OneOf(c.Int8ub, [kind.value for kind in Kind]),
        "sequence" / c.Int8ub,
        "beam" / c.Int8ub,
        "blocked" / c.OneOf(c.Int8ub, (0, 1)),
        "at_us" / c.Int32ul,
    ),
    c.Int8ub,
    crc8_gate,
)
FRAME_SIZE = 10
_LAP = re.compile(rb"\[SF(\d\d)\$(\d{1,8})\]")
_MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class GateFrame:
    """One frame. `beam` from 1 (0 in a heartbeat), `at_us` 0 to 2**32 - 1 on the board's clock. For an edge
    `blocked` is the beam's new state, for a heartbeat whether any beam is blocked."""

    kind: Kind
    sequence: int
    beam: int
    blocked: bool
    at_us: int

    def encode(self) -> bytes:
        """The bytes on the wire."""
        return build(
            _FRAME,
            kind=self.kind,
            sequence=self.sequence,
            beam=self.beam,
            blocked=int(self.blocked),
            at_us=self.at_us,
        )


@dataclass(frozen=True, slots=True)
class LapLine:
    """A passage in PC Lap Counter's dialect: `lane` from 1, `lap_ms` since the lane's last one."""

    lane: int
    lap_ms: int

    def encode(self) -> bytes:
        """The bytes on the wire."""
        return f"[SF{self.lane:02d}${self.lap_ms}]".encode("ascii")


def take_frame(buffer: bytearray) -> GateFrame | None:
    """The next frame; bytes that cannot begin one are dropped."""
    while (start := buffer.find(_START)) >= 0:
        del buffer[:start]
        if len(buffer) < FRAME_SIZE:
            return None
        body: Any = parse(_FRAME, bytes(buffer[:FRAME_SIZE]))
        if body is not None:
            del buffer[:FRAME_SIZE]
            return GateFrame(Kind(body.kind), body.sequence, body.beam, bool(body.blocked), body.at_us)
        del buffer[0]
    buffer.clear()
    return None


def take_lap_line(buffer: bytearray) -> LapLine | None:
    """The next lap line; other lines (buttons, pit lane) are dropped."""
    found = _LAP.search(bytes(buffer))
    if found is None:
        del buffer[:-_MOST_KEPT]
        return None
    del buffer[: found.end()]
    return LapLine(int(found[1]), int(found[2]))
