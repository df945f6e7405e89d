"""Orders to a driving car: speed, lanes, turns, SDK mode.

Sources: anki/drive-sdk:include/ankidrive/protocol.h (with its history for the Drive generation);
dschwen/OpenOverdrive and MasterAirscrachDev/Anki-Partydrive:Protocol.cs for firmware from 0x3061;
NoveroResearch/multiVehicleTool:src/Vehicle.cpp.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from protocol.dialect import ALL_DIALECTS, DRIVE_DIALECTS, OVERDRIVE_DIALECTS, Dialect, Direction
from protocol.wire.declare import Message, field, message
from protocol.wire.fields import F32, I16, U8, U16, raw

TO_CAR = Direction.TO_CAR
_SDK = "anki/drive-sdk:include/ankidrive/protocol.h"
_SDK_HISTORY = "anki/drive-sdk:include/ankidrive/protocol.h before 0.3.0"
_PARTYDRIVE = "MasterAirscrachDev/Anki-Partydrive:Protocol.cs"
_NOVERO = "NoveroResearch/multiVehicleTool:src/Vehicle.cpp"
_BEFORE_2159 = frozenset({Dialect.DRIVE_2120})


class TurnType(IntEnum):
    """What `Turn` does; LEFT and RIGHT are reported to do nothing."""

    NONE = 0
    LEFT = 1
    RIGHT = 2
    U_TURN = 3
    U_TURN_JUMP = 4


class TurnTrigger(IntEnum):
    """When `Turn` happens."""

    IMMEDIATE = 0
    INTERSECTION = 1


class SuperCodeMask(IntEnum):
    """Which special codes the car reads from the track."""

    NONE = 0
    BOOST_JUMP = 1


class TrackMaterial(IntEnum):
    """What the track is made of."""

    PLASTIC = 0
    VINYL = 1


OVERRIDE_LOCALIZATION = 0x01
"""Flag of `SdkMode` without which the car waits for a road network instead of driving as told."""


@message(0x24, TO_CAR, "SET_SPEED", size=6, trust="A", source=_SDK, dialects=ALL_DIALECTS - {Dialect.V4})
class SetSpeed(Message):
    """Drive at a speed. Needs SDK mode; useful from 150 to 1200 mm/s."""

    speed_mm_s: int = field(I16, "speed to reach; 0 stops", unit="mm/s")
    accel_mm_s2: int = field(I16, "acceleration; 1000 is usual", unit="mm/s²")
    respect_speed_limit: int = field(U8, "1 obeys the road piece's limit; ignored in SDK mode", default=0)


@message(
    0x24,
    TO_CAR,
    "SET_SPEED",
    size=7,
    trust="C",
    source=f"{_PARTYDRIVE}; dschwen/OpenOverdrive; iavofficial/IAV_Distortion for older cars",
    dialects=frozenset({Dialect.V4}),
    extends=SetSpeed,
)
class SetSpeedV4(Message):
    """`SetSpeed` for firmware from 0x3061 on; older cars ignore the last byte.

    IAV_Distortion sends older cars this size too, meaning a u16 flag: there it is a `SetSpeed` with a surplus byte.
    """

    speed_mm_s: int = field(I16, "speed to reach; 0 stops", unit="mm/s")
    accel_mm_s2: int = field(I16, "acceleration; 1000 is usual", unit="mm/s²")
    respect_speed_limit: int = field(U8, "1 obeys the road piece's limit; ignored in SDK mode", default=0)
    drive_without_localization: int = field(U8, "1 drives without a road network", default=1)


@message(0x25, TO_CAR, "CHANGE_LANE", size=11, trust="A", source=_SDK, dialects=ALL_DIALECTS - _BEFORE_2159)
class ChangeLane(Message):
    """Move to an offset across the road while driving; see `SetOffset` for where zero is."""

    speed_mm_s: int = field(U16, "sideways speed, useful 100..1000", unit="mm/s")
    accel_mm_s2: int = field(U16, "sideways acceleration, useful 1000..25000", unit="mm/s²")
    offset_mm: float = field(F32, "target, right of the road centre positive, about ±68", unit="mm")
    hop_intent: int = field(U8, "0 in all sources", default=0)
    tag: int = field(U8, "comes back as lane change id", default=0)


@message(
    0x25,
    TO_CAR,
    "CHANGE_LANE",
    size=9,
    trust="C",
    source="xerodotc, jtg-code, iavofficial/IAV_Distortion",
    dialects=ALL_DIALECTS - _BEFORE_2159,
)
class ChangeLaneShort(Message):
    """`ChangeLane` without its last two bytes, as several libraries send it."""

    speed_mm_s: int = field(U16, "sideways speed, useful 100..1000", unit="mm/s")
    accel_mm_s2: int = field(U16, "sideways acceleration, useful 1000..25000", unit="mm/s²")
    offset_mm: float = field(F32, "target, right of the road centre positive, about ±68", unit="mm")


@message(0x25, TO_CAR, "CHANGE_LANE", size=9, trust="A", source=_SDK_HISTORY, dialects=_BEFORE_2159)
class ChangeLaneDrive(Message):
    """`ChangeLane` of firmware before 0x2159: no acceleration. As long as `ChangeLaneShort`."""

    speed_mm_s: int = field(U16, "sideways speed", unit="mm/s")
    offset_mm: float = field(F32, "target, right of the road centre positive", unit="mm")
    hop_intent: int = field(U8, "0 in all sources", default=0)
    tag: int = field(U8, "comes back as lane change id", default=0)


@message(
    0x25,
    TO_CAR,
    "CHANGE_LANE",
    size=9,
    trust="AC",
    source=f"{_SDK_HISTORY}; xerodotc",
    dialects=frozenset({Dialect.UNKNOWN}),
)
class ChangeLaneUndecided(Message):
    """A 0x25 of size 9 to a car of unknown firmware: both readings are on offer, none is chosen."""

    speed_mm_s: int = field(U16, "sideways speed, the same in both readings", unit="mm/s")
    rest: bytes = field(raw(6), "u16 acceleration and f32 offset, or f32 offset, u8 hop intent and u8 tag")

    @property
    def as_short(self) -> ChangeLaneShort:
        """The reading of firmware from 0x2159 on."""
        return ChangeLaneShort(self.speed_mm_s, *struct.unpack("<Hf", self.rest))

    @property
    def as_drive(self) -> ChangeLaneDrive:
        """The reading of firmware before 0x2159."""
        return ChangeLaneDrive(self.speed_mm_s, *struct.unpack("<fBB", self.rest))


@message(0x26, TO_CAR, "CANCEL_LANE_CHANGE", size=1, trust="A", source=_SDK)
class CancelLaneChange(Message):
    """Stop changing lanes; the car merges with the next lane it finds."""


@message(0x2C, TO_CAR, "SET_OFFSET_FROM_ROAD_CENTER", size=5, trust="A", source=_SDK)
class SetOffset(Message):
    """Tell the car where across the road it is; until then it ignores lane changes."""

    offset_mm: float = field(F32, "where the car is, right of the road centre positive", unit="mm")


@message(
    0x34,
    TO_CAR,
    "SET_OFFSET_FROM_ROAD_CENTER_ADJUSTMENT",
    size=5,
    trust="C",
    source=f"{_PARTYDRIVE}; {_NOVERO}",
)
class AdjustOffset(Message):
    """Correct the car's belief about where across the road it is."""

    offset_mm: float = field(F32, "added to the car's offset", unit="mm")


@message(0x32, TO_CAR, "TURN", size=3, trust="A", source=_SDK, dialects=OVERDRIVE_DIALECTS)
class Turn(Message):
    """Turn around."""

    turn_type: int = field(U8, "what to do", values=TurnType, default=TurnType.U_TURN)
    trigger: int = field(U8, "when to do it", values=TurnTrigger, default=TurnTrigger.IMMEDIATE)


@message(0x32, TO_CAR, "TURN_180", size=1, trust="A", source=_SDK_HISTORY, dialects=DRIVE_DIALECTS)
class TurnDrive(Message):
    """Turn around, as the Drive generation knows it."""


@message(0x45, TO_CAR, "SET_CONFIG_PARAMS", size=3, trust="A", source=_SDK)
class SetConfigParams(Message):
    """What the car reads from the track."""

    super_code_parse_mask: int = field(U8, "special codes to read", values=SuperCodeMask)
    track_material: int = field(U8, "what the track is made of", values=TrackMaterial)


@message(0x49, TO_CAR, "ROAD_NETWORK_META", size=8, trust="D", source=f"{_NOVERO}; {_PARTYDRIVE}")
class RoadNetworkMeta(Message):
    """Describes the track; seen to widen the limits of the lane offset. Only the lanes byte is understood."""

    head: int = field(U8, "0 in the one dump")
    lanes: int = field(U8, "number of lanes")
    tail: bytes = field(raw(5), "00 01 02 00 0d in the one dump", default=bytes.fromhex("000102000d"))


@message(0x4A, TO_CAR, "TR_STOP_ON_TRANSITION", size=1, trust="C", source=_PARTYDRIVE)
class StopOnTransition(Message):
    """Stop at the next transition bar."""


@message(0x90, TO_CAR, "SDK_MODE", size=3, trust="A", source=_SDK, dialects=ALL_DIALECTS - _BEFORE_2159)
class SdkMode(Message):
    """Switch SDK mode, without which a car does not drive as told."""

    on: int = field(U8, "1 on, 0 off (0xff is seen for on)", default=1)
    flags: int = field(
        U8, "0x01 overrides localization: drive without a road network", default=OVERRIDE_LOCALIZATION
    )


@message(
    0x90,
    TO_CAR,
    "SDK_MODE",
    size=2,
    trust="AC",
    source=f"{_SDK_HISTORY}; ValleZ/AnkiDriveAndroid",
    dialects=_BEFORE_2159,
)
class SdkModeDrive(Message):
    """Switch SDK mode of firmware before 0x2159."""

    on: int = field(U8, "1 on, 0 off", default=1)
