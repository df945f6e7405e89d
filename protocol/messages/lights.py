"""Lights: the simple mask and the patterns.

Sources: anki/drive-sdk:include/ankidrive/protocol.h; gravesjohnr/AnkiNodeDrive:ankiNodeUtils.js (captured frames of the
game); ValleZ/AnkiDriveAndroid for the Drive generation; MasterAirscrachDev/Anki-Partydrive:Protocol.cs.
"""

from __future__ import annotations

import struct
from enum import IntEnum, IntFlag

from construct import Struct

from protocol.dialect import DRIVE_DIALECTS, OVERDRIVE_DIALECTS, Dialect, Direction
from protocol.errors import EncodeError
from protocol.wire.declare import Message, field, message
from protocol.wire.fields import REST, U8, U16, CountedTuple, raw
from protocol.wire.frozen import Frozen, frozen

TO_CAR = Direction.TO_CAR
_SDK = "anki/drive-sdk:include/ankidrive/protocol.h"


class LightChannelId(IntEnum):
    """The lamps; red, blue and green together are the engine light."""

    RED = 0
    TAIL = 1
    BLUE = 2
    GREEN = 3
    FRONT_LEFT = 4
    FRONT_RIGHT = 5


class LightBits(IntFlag):
    """What `SetLights` switches: the low nibble names the lamps it is about, the high nibble those to be on."""

    HEAD = 0x01
    BRAKE = 0x02
    FRONT = 0x04
    ENGINE = 0x08
    HEAD_ON = 0x10
    BRAKE_ON = 0x20
    FRONT_ON = 0x40
    ENGINE_ON = 0x80


class LightEffect(IntEnum):
    """How a lamp moves between `start` and `end`."""

    STEADY = 0
    FADE = 1
    THROB = 2
    FLASH = 3
    RANDOM = 4


@frozen
class LightChannel(Frozen):
    """One lamp's pattern. Five bytes; values the car does not know survive."""

    channel: int = field(U8, "lamp", values=LightChannelId)
    effect: int = field(U8, "pattern", values=LightEffect)
    start: int = field(U8, "intensity 0..14; for FLASH a time slot 0..11")
    end: int = field(U8, "intensity 0..14; for FLASH a time slot 0..11")
    cycles_per_10s: int = field(U8, "how often the pattern repeats", unit="1/10 s", default=0)


_CHANNEL = Struct(*(spec.name / spec.wire for spec in LightChannel.FIELDS))
_SDK_ENTRIES = 3


@message(0x1D, TO_CAR, "SET_LIGHTS", size=2, trust="A", source=_SDK)
class SetLights(Message):
    """Switch lights: low nibble says which (1 head, 2 brake, 4 front, 8 engine), high nibble on or off for each."""

    mask: int = field(U8, "0x44 front lights on, 0x04 off, and so on", values=LightBits)


@message(
    0x33,
    TO_CAR,
    "LIGHTS_PATTERN",
    size=None,
    trust="AB",
    source=f"{_SDK}; gravesjohnr/AnkiNodeDrive:ankiNodeUtils.js",
    dialects=OVERDRIVE_DIALECTS,
)
class LightsPattern(Message):
    """Patterns for up to three lamps. `padded` makes the frame the vendor's SDK sends."""

    channels: tuple[LightChannel, ...] = field(
        CountedTuple(_CHANNEL, LightChannel, LightChannel.NAMES), "a pattern for each lamp, at most 3"
    )
    padding: bytes = field(
        REST, "what follows the entries: nothing, zeros, or garbage (the game)", default=b""
    )

    @classmethod
    def padded(cls, *channels: LightChannel) -> LightsPattern:
        """The form of the vendor's SDK: always three entries long, the unused ones zero.

        Raises:
            EncodeError: more than three lamps.
        """
        if len(channels) > _SDK_ENTRIES:
            raise EncodeError("LightsPattern", "channels", channels, f"at most {_SDK_ENTRIES} lamps")
        return cls(channels, bytes(len(LightChannel.NAMES) * (_SDK_ENTRIES - len(channels))))


@message(
    0x33,
    TO_CAR,
    "LIGHTS_PATTERN",
    size=7,
    trust="C",
    source="anki/drive-sdk before 0.3.0; ValleZ/AnkiDriveAndroid",
    dialects=DRIVE_DIALECTS,
)
class LightsPatternDrive(Message):
    """A pattern for one lamp, as the Drive generation knows it. As long as a `LightsPattern` of one unpadded entry."""

    channel: int = field(U8, "lamp", values=LightChannelId)
    effect: int = field(U8, "pattern", values=LightEffect)
    start: int = field(U8, "intensity")
    end: int = field(U8, "intensity")
    cycles_per_min: int = field(U16, "how often the pattern repeats", unit="1/min")


@message(
    0x33,
    TO_CAR,
    "LIGHTS_PATTERN",
    size=7,
    trust="C",
    source="the two sources above",
    dialects=frozenset({Dialect.UNKNOWN}),
)
class LightsPatternUndecided(Message):
    """A 0x33 of size 7 to a car of unknown firmware: both readings are on offer, none is chosen."""

    rest: bytes = field(raw(6), "count 1 and one entry, or the Drive generation's pattern")

    @property
    def as_pattern(self) -> LightsPattern | None:
        """The reading as one unpadded entry; None when the count byte is not 1."""
        return LightsPattern((LightChannel(*self.rest[1:]),)) if self.rest[0] == 1 else None

    @property
    def as_drive(self) -> LightsPatternDrive:
        """The reading of the Drive generation."""
        return LightsPatternDrive(*struct.unpack("<BBBBH", self.rest))
