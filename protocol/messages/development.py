"""The block from 0x78 on that firmware developers use; some of it comes unasked.

Sources: MasterAirscrachDev/Anki-Partydrive:Protocol.cs; captures in opcau/anki:oracle/AnkiNodeDrive/logs;
anki/drive-sdk:include/ankidrive/protocol.h.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from protocol.dialect import Direction
from protocol.wire.declare import Message, field, message
from protocol.wire.fields import REST, U8, U16, U32

TO_CAR, TO_HOST = Direction.TO_CAR, Direction.TO_HOST
_PARTYDRIVE = "MasterAirscrachDev/Anki-Partydrive:Protocol.cs"
_OPCAU = "opcau/anki:oracle/AnkiNodeDrive/logs"


class DebugType(IntEnum):
    """What the bytes of a `DebugValue` are."""

    U8 = 0
    I8 = 1
    U16 = 2
    I16 = 3
    U32 = 4
    I32 = 5
    F32 = 6
    ASSERT = 7


_DEBUG_CODES = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f"}


@message(0x86, TO_HOST, "DEV_CYCLE_OVERTIME", size=11, trust="BC", source=f"{_OPCAU}; {_PARTYDRIVE}")
class CycleOvertime(Message):
    """How often the firmware's control cycle ran late; sent once after connecting."""

    count: int = field(U16, "late cycles")
    average_us: int = field(U32, "average length of a late cycle", unit="µs")
    max_us: int = field(U32, "longest cycle", unit="µs")


@message(0x93, TO_CAR, "DEV_UPDATE_MODEL", size=5, trust="C", source=_PARTYDRIVE)
class UpdateModel(Message):
    """Changes the model id; custom firmware only."""

    model: int = field(U32, "model id")


@message(0x94, TO_HOST, "UPDATE_MODEL_RESPONSE", size=6, trust="C", source=_PARTYDRIVE)
class UpdateModelResponse(Message):
    """The answer to `UpdateModel`; custom firmware only."""

    status: int = field(U8, "0 ok")
    model: int = field(U32, "model id")


@message(
    0xC9,
    TO_HOST,
    "DEV_DEBUG_VAL",
    size=None,
    trust="AB",
    source="anki/drive-sdk:include/ankidrive/protocol.h",
)
class DebugValue(Message):
    """A value the firmware shows its developers."""

    type: int = field(U8, "what the bytes are", values=DebugType)
    value: bytes = field(REST, "the value, little-endian")

    @property
    def number(self) -> int | float | None:
        """The value as a number; None for an assertion, an unknown type, or bytes of another length."""
        code = _DEBUG_CODES.get(self.type)
        if code is None or struct.calcsize(code) != len(self.value):
            return None
        number: int | float = struct.unpack(code, self.value)[0]
        return number
