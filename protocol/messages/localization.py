"""Where the car is: position, transition and intersection updates, lane changes, getting lost and found.

Sources: anki/drive-sdk:include/ankidrive/protocol.h and its commits da80353 (0x266e), 4144c52 (0x2b6e), 27d992e
(0x2e49); captures in opcau/anki:oracle/AnkiNodeDrive/logs (0x2774), IBM-Cloud/node-mqtt-for-anki-overdrive:
receivedMessages.js and Leicas/overdrive-arena (0x2e5a); MasterAirscrachDev/Anki-Partydrive:Protocol.cs.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

from protocol.dialect import DRIVE_DIALECTS, OVERDRIVE_DIALECTS, Dialect, Direction
from protocol.wire.declare import Message, field, message
from protocol.wire.fields import F32, I8, I16, U8, U16

TO_HOST = Direction.TO_HOST
_SDK = "anki/drive-sdk:include/ankidrive/protocol.h"
_OPCAU = "opcau/anki:oracle/AnkiNodeDrive/logs"
_IBM = "IBM-Cloud/node-mqtt-for-anki-overdrive:receivedMessages.js"
_PARTYDRIVE = "MasterAirscrachDev/Anki-Partydrive:Protocol.cs"

OFFSET_UNKNOWN_MM = 654321.0
"""What a car reports as its offset until `SetOffset` tells it."""

NO_LANE_CHANGE = 0xFF
"""The lane change id of a car that was never asked to change lanes."""


class ParsingFlags(IntFlag):
    """How the code on the piece was read; the low nibble counts the bits read (7 in all captures)."""

    REVERSE_DRIVING = 0x20
    REVERSE_PARSING = 0x40
    INVERTED_COLOUR = 0x80


class DrivingDirection(IntEnum):
    """Which way the car drives."""

    FORWARD = 0
    REVERSE = 1


class IntersectionCode(IntEnum):
    """Which printed line of an intersection was read."""

    NONE = 0
    ENTRY_FIRST = 1
    EXIT_FIRST = 2
    ENTRY_SECOND = 3
    EXIT_SECOND = 4


@message(
    0x27,
    TO_HOST,
    "LOCALIZATION_POSITION_UPDATE",
    size=16,
    trust="AB",
    source=f"{_SDK}; {_OPCAU}; {_IBM}",
    dialects=OVERDRIVE_DIALECTS,
)
class PositionUpdate(Message):
    """A code on the road was read."""

    location_id: int = field(U8, "number of the code on its piece, counted across lanes")
    piece_id: int = field(U8, "kind of road piece")
    offset_mm: float = field(
        F32, "where the car believes to be across the road; 654321.0 until told", unit="mm"
    )
    speed_mm_s: int = field(U16, "measured speed", unit="mm/s")
    parsing_flags: int = field(U8, "bits read (low nibble) and how", values=ParsingFlags)
    last_recv_lane_change_id: int = field(U8, "tag of the last lane change received, 255 none")
    last_exec_lane_change_id: int = field(U8, "tag of the last lane change executed, 255 none")
    last_desired_lane_change_speed_mm_s: int = field(U16, "sideways speed last ordered", unit="mm/s")
    last_desired_speed_mm_s: int = field(U16, "speed last ordered", unit="mm/s")

    @property
    def is_reverse_parsed(self) -> bool:
        """The code was read against its printed direction: ids count down, lanes are mirrored."""
        return bool(self.parsing_flags & 0x40)

    @property
    def bits_read(self) -> int:
        """Number of code bits read."""
        return self.parsing_flags & 0x0F


@message(
    0x27,
    TO_HOST,
    "LOCALIZATION_POSITION_UPDATE",
    size=10,
    trust="A",
    source=f"{_SDK} before 0.3.0",
    dialects=DRIVE_DIALECTS,
)
class PositionUpdateDrive(Message):
    """A code on the road was read, Drive generation."""

    location_id: int = field(U8, "reserved in the header; presumably as in PositionUpdate")
    piece_id: int = field(U8, "reserved in the header; presumably as in PositionUpdate")
    offset_mm: float = field(F32, "where the car believes to be across the road", unit="mm")
    speed_mm_s: int = field(U16, "measured speed", unit="mm/s")
    is_clockwise: int = field(U8, "1 clockwise")


@message(
    0x29,
    TO_HOST,
    "LOCALIZATION_TRANSITION_UPDATE",
    size=18,
    trust="AB",
    source=f"{_SDK} @da80353; {_OPCAU}; {_IBM}",
    dialects=frozenset({Dialect.OVERDRIVE_266E}),
)
class TransitionUpdate(Message):
    """A transition bar was crossed: a piece ended. Firmware 0x266e to 0x2774.

    Left wheel further than right means the piece just left was a right-hand curve. The first one after connecting
    holds garbage (uphill or downhill 255 and absurd distances).
    """

    piece_idx: int = field(U8, "index in the road network; 0 in SDK mode")
    piece_idx_prev: int = field(U8, "index of the piece before; 0 in SDK mode")
    offset_mm: float = field(F32, "where the car believes to be across the road", unit="mm")
    driving_direction: int = field(U8, "which way the car drives", values=DrivingDirection)
    last_recv_lane_change_id: int = field(U8, "tag of the last lane change received, 255 none")
    last_exec_lane_change_id: int = field(U8, "tag of the last lane change executed, 255 none")
    last_desired_lane_change_speed_mm_s: int = field(U16, "sideways speed last ordered", unit="mm/s")
    last_desired_speed_mm_s: int = field(U16, "speed last ordered", unit="mm/s")
    uphill_count: int = field(U8, "steps driven uphill")
    downhill_count: int = field(U8, "steps driven downhill")
    left_wheel_cm: int = field(U8, "distance of the left wheel on the piece just left", unit="cm")
    right_wheel_cm: int = field(U8, "distance of the right wheel on the piece just left", unit="cm")


@message(
    0x29,
    TO_HOST,
    "LOCALIZATION_TRANSITION_UPDATE",
    size=17,
    trust="AB",
    source=f"{_SDK} @4144c52, @27d992e; Leicas/overdrive-arena (capture of 0x2e5a)",
    dialects=OVERDRIVE_DIALECTS - {Dialect.OVERDRIVE_266E},
)
class TransitionUpdate17(Message):
    """A transition bar was crossed. Firmware from 0x2b6e on.

    Sources disagree on bytes 12 and 13: the speed last ordered (header for 0x2b6e, captured from 0x2e5a) or line
    drift and lane change activity (header for 0x2e49, no capture). Both readings are here, from the same bytes.
    """

    piece_idx: int = field(U8, "index in the road network; 0 in SDK mode")
    piece_idx_prev: int = field(U8, "index of the piece before; 0 in SDK mode")
    offset_mm: float = field(F32, "where the car believes to be across the road", unit="mm")
    last_recv_lane_change_id: int = field(U8, "tag of the last lane change received, 255 none")
    last_exec_lane_change_id: int = field(U8, "tag of the last lane change executed, 255 none")
    last_desired_lane_change_speed_mm_s: int = field(U16, "sideways speed last ordered", unit="mm/s")
    last_desired_speed_mm_s: int = field(
        U16, "speed last ordered; for 0x2e49 perhaps i8 line drift and u8 lane change activity", unit="mm/s"
    )
    uphill_count: int = field(U8, "steps driven uphill")
    downhill_count: int = field(U8, "steps driven downhill")
    left_wheel_cm: int = field(U8, "distance of the left wheel on the piece just left", unit="cm")
    right_wheel_cm: int = field(U8, "distance of the right wheel on the piece just left", unit="cm")

    @property
    def follow_line_drift_px(self) -> int:
        """Byte 12 as the header for 0x2e49 reads it: average drift from the line, signed, in pixels."""
        low = self.last_desired_speed_mm_s & 0xFF
        return low - 256 if low > 127 else low

    @property
    def had_lane_change_activity(self) -> int:
        """Byte 13 as the header for 0x2e49 reads it: whether lanes were changed on the piece."""
        return self.last_desired_speed_mm_s >> 8


@message(
    0x29,
    TO_HOST,
    "LOCALIZATION_TRANSITION_UPDATE",
    size=7,
    trust="A",
    source=f"{_SDK} before 0.3.0",
    dialects=DRIVE_DIALECTS,
)
class TransitionUpdateDrive(Message):
    """A transition bar was crossed, Drive generation."""

    reserved: int = field(U8, "meaning not public")
    offset_mm: float = field(F32, "where the car believes to be across the road", unit="mm")
    is_clockwise: int = field(U8, "1 clockwise")


@message(
    0x2A,
    TO_HOST,
    "LOCALIZATION_INTERSECTION_UPDATE",
    size=12,
    trust="A",
    source=_SDK,
    dialects=OVERDRIVE_DIALECTS - {Dialect.OVERDRIVE_266E},
)
class IntersectionUpdate(Message):
    """A line of an intersection was read. No capture is public."""

    piece_idx: int = field(I8, "index in the road network")
    offset_mm: float = field(F32, "where the car believes to be across the road", unit="mm")
    code: int = field(U8, "which line", values=IntersectionCode)
    is_exiting: int = field(U8, "1 on the way out")
    mm_since_transition_bar: int = field(U16, "distance since the last transition bar", unit="mm")
    mm_since_intersection_code: int = field(U16, "distance since the last intersection code", unit="mm")


@message(
    0x2A,
    TO_HOST,
    "LOCALIZATION_INTERSECTION_UPDATE",
    size=10,
    trust="A",
    source=f"{_SDK} @da80353",
    dialects=frozenset({Dialect.OVERDRIVE_266E}),
)
class IntersectionUpdate266e(Message):
    """A line of an intersection was read, firmware 0x266e. No capture is public."""

    piece_idx: int = field(I8, "index in the road network")
    offset_mm: float = field(F32, "where the car believes to be across the road", unit="mm")
    driving_direction: int = field(U8, "which way the car drives", values=DrivingDirection)
    code: int = field(U8, "which line, counted from 0: one less than in IntersectionUpdate")
    turn: int = field(U8, "turn being made; values not public")
    is_exiting: int = field(U8, "1 on the way out")


@message(0x2B, TO_HOST, "VEHICLE_DELOCALIZED", size=1, trust="AB", source=f"{_SDK}; {_IBM}")
class Delocalized(Message):
    """The car believes it left the road."""


@message(0x2D, TO_HOST, "OFFSET_FROM_ROAD_CENTER_UPDATE", size=6, trust="AB", source=f"{_SDK}; {_IBM}")
class OffsetUpdate(Message):
    """A lane change ended."""

    offset_mm: float = field(F32, "where the car believes to be across the road", unit="mm")
    lane_change_id: int = field(U8, "tag of the lane change")


@message(0x41, TO_HOST, "LANE_CHANGE_UPDATE", size=14, trust="BC", source=f"{_PARTYDRIVE}; {_IBM}")
class LaneChangeUpdate(Message):
    """A lane change goes on."""

    current_offset_mm: float = field(F32, "where the car is across the road", unit="mm")
    target_offset_mm: float = field(F32, "where it is going", unit="mm")
    horizontal_speed_mm_s: int = field(U16, "sideways speed", unit="mm/s")
    vertical_speed_mm_s: int = field(I16, "speed along the road", unit="mm/s")
    lane_change_id: int = field(U8, "tag of the lane change")


@message(0x43, TO_HOST, "DELOC_AUTO_RECOVERY_ENTERED", size=1, trust="BC", source=f"{_PARTYDRIVE}; {_IBM}")
class AutoRecoveryEntered(Message):
    """The lost car drives about, looking for the road."""


@message(0x44, TO_HOST, "DELOC_AUTO_RECOVERY_SUCCESS", size=1, trust="C", source=_PARTYDRIVE)
class AutoRecoverySuccess(Message):
    """The lost car found the road."""
