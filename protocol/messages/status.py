"""What a car tells about itself: speed, charge, bumps, jumps.

Sources: captures in opcau/anki:oracle/AnkiNodeDrive/logs and
IBM-Cloud/node-mqtt-for-anki-overdrive:receivedMessages.js; Leicas/overdrive-arena;
MasterAirscrachDev/Anki-Partydrive:Protocol.cs.
"""

from __future__ import annotations

from protocol.dialect import DRIVE_DIALECTS, Dialect, Direction
from protocol.wire.declare import Message, field, message
from protocol.wire.fields import BIT0, I16, U8, U32

TO_HOST = Direction.TO_HOST
_OPCAU = "opcau/anki:oracle/AnkiNodeDrive/logs"
_PARTYDRIVE = "MasterAirscrachDev/Anki-Partydrive:Protocol.cs"
_LEICAS = "Leicas/overdrive-arena"


@message(
    0x36,
    TO_HOST,
    "SPEED_UPDATE",
    size=3,
    trust="B",
    source=_OPCAU,
    dialects=DRIVE_DIALECTS | {Dialect.OVERDRIVE_266E},
)
class SpeedUpdate(Message):
    """The car took a speed order. Firmware up to 0x2774."""

    desired_speed_mm_s: int = field(I16, "speed ordered", unit="mm/s")


@message(
    0x36,
    TO_HOST,
    "SPEED_UPDATE",
    size=7,
    trust="B",
    source=f"{_LEICAS}; {_PARTYDRIVE}",
    dialects=frozenset({Dialect.OVERDRIVE_2B6E, Dialect.OVERDRIVE_2E49, Dialect.OVERDRIVE_2E5A, Dialect.V4}),
)
class SpeedUpdateLong(Message):
    """The car took a speed order. Firmware from 0x2b6e on."""

    desired_speed_mm_s: int = field(I16, "speed ordered", unit="mm/s")
    accel_mm_s2: int = field(I16, "acceleration ordered", unit="mm/s²")
    actual_speed_mm_s: int = field(I16, "speed now", unit="mm/s")


@message(0x3F, TO_HOST, "STATUS_UPDATE", size=5, trust="BC", source=f"{_OPCAU}; {_PARTYDRIVE}; {_LEICAS}")
class StatusUpdate(Message):
    """Sent once after notifications are enabled and whenever one of the four changes.

    Each is true by bit 0; a byte that is neither 0 nor 1 keeps its value.
    """

    on_track: int = field(BIT0, "the car stands on the road")
    on_charger: int = field(BIT0, "the car stands on its charger")
    low_battery: int = field(BIT0, "the battery is low")
    charged: int = field(BIT0, "the battery is full")


@message(0x4B, TO_HOST, "JUMP_PIECE_BOOST", size=5, trust="C", source=_PARTYDRIVE)
class JumpPieceBoost(Message):
    """The car speeds up for a jump."""

    speed_mm_s: int = field(I16, "speed", unit="mm/s")
    battery_mv: int = field(I16, "voltage of the cell", unit="mV")


@message(0x4D, TO_HOST, "COLLISION_DETECTED", size=3, trust="BC", source=f"{_OPCAU}; {_PARTYDRIVE}")
class CollisionDetected(Message):
    """A bump or a skid: fires often without any collision."""

    side_on: int = field(U8, "1 from the side")
    front_back: int = field(U8, "1 from front or back")


@message(0x4E, TO_HOST, "JUMP_PIECE_RESULT", size=4, trust="C", source=_PARTYDRIVE)
class JumpPieceResult(Message):
    """How a jump went."""

    launch_speed_mm_s: int = field(I16, "speed at the ramp", unit="mm/s")
    failed: int = field(U8, "1 failed")


@message(0x4F, TO_HOST, "SUPERCODE", size=6, trust="C", source=_PARTYDRIVE)
class Supercode(Message):
    """A special code was read."""

    sequence: int = field(U32, "running number")
    piece_idx: int = field(U8, "index in the road network")
