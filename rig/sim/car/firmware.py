"""What a firmware sends and expects, by its number: the car's side of the dialects.

The layouts are `protocol`'s; here stands which message a firmware picks. Sources: anki/drive-sdk history,
opcau/anki logs (0x2774), Leicas/overdrive-arena (0x2e5a), MasterAirscrachDev/Anki-Partydrive and
dschwen/OpenOverdrive (V4).
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol import (
    DRIVE_DIALECTS,
    NO_LANE_CHANGE,
    Dialect,
    IntersectionCode,
    IntersectionUpdate,
    IntersectionUpdate266e,
    Message,
    PositionUpdate,
    PositionUpdateDrive,
    SpeedUpdate,
    SpeedUpdateLong,
    TransitionUpdate,
    TransitionUpdate17,
    TransitionUpdateDrive,
    VersionResponse,
    VersionResponseShort,
    dialect_for,
)


@dataclass(slots=True)
class CommandMemory:
    """What the last commands left behind and every position and transition repeats."""

    speed_mm_s: int = 0
    lane_speed_mm_s: int = 0
    received_id: int = NO_LANE_CHANGE
    executed_id: int = NO_LANE_CHANGE


class Firmware:
    """Builds the messages one firmware number sends."""

    __slots__ = ("dialect", "is_drive", "long_speed_echo", "needs_blind_flag", "needs_override", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.dialect = dialect_for(number)
        self.is_drive = self.dialect in DRIVE_DIALECTS
        old = self.is_drive or self.dialect is Dialect.OVERDRIVE_266E
        self.long_speed_echo = not old
        # anki/drive-sdk 7867b32 asks for the flag; Partydrive's notes on newer firmware call it unused.
        self.needs_override = self.dialect in {Dialect.DRIVE_2159, Dialect.OVERDRIVE_266E}
        self.needs_blind_flag = self.dialect is Dialect.V4

    def version(self) -> Message:
        """The answer to a version request: 16 bits in the first header, 32 in every capture."""
        return VersionResponseShort(self.number) if self.is_drive else VersionResponse(self.number)

    def speed_echo(self, speed_mm_s: int, accel_mm_s2: int, actual_mm_s: int) -> Message:
        """The echo of a speed command (0x36)."""
        if self.long_speed_echo:
            return SpeedUpdateLong(speed_mm_s, accel_mm_s2, actual_mm_s)
        return SpeedUpdate(speed_mm_s)

    def position(
        self,
        *,
        location_id: int,
        piece_id: int,
        offset_mm: float,
        speed_mm_s: int,
        reverse: bool,
        memory: CommandMemory,
    ) -> Message:
        """A code read (0x27)."""
        if self.is_drive:
            return PositionUpdateDrive(location_id, piece_id, offset_mm, speed_mm_s, not reverse)
        return PositionUpdate(
            location_id,
            piece_id,
            offset_mm,
            speed_mm_s,
            0x47 if reverse else 0x07,
            memory.received_id,
            memory.executed_id,
            memory.lane_speed_mm_s,
            memory.speed_mm_s,
        )

    def transition(
        self,
        *,
        offset_mm: float,
        reverse: bool,
        memory: CommandMemory,
        hills: tuple[int, int],
        wheels_cm: tuple[int, int],
        drift_px: int,
        changing_lane: bool,
    ) -> Message:
        """The end of a piece (0x29). Piece indices stay 0: no road network is loaded."""
        if self.is_drive:
            return TransitionUpdateDrive(0, offset_mm, not reverse)
        if self.dialect is Dialect.OVERDRIVE_266E:
            return TransitionUpdate(
                0,
                0,
                offset_mm,
                0,
                memory.received_id,
                memory.executed_id,
                memory.lane_speed_mm_s,
                memory.speed_mm_s,
                *hills,
                *wheels_cm,
            )
        twelve = memory.speed_mm_s
        if self.dialect is Dialect.OVERDRIVE_2E49:  # the one header that names these two bytes otherwise
            twelve = (drift_px & 0xFF) | (changing_lane << 8)
        return TransitionUpdate17(
            0,
            0,
            offset_mm,
            memory.received_id,
            memory.executed_id,
            memory.lane_speed_mm_s,
            twelve,
            *hills,
            *wheels_cm,
        )

    def intersection(
        self, *, offset_mm: float, is_exiting: bool, since_bar_mm: int, since_code_mm: int
    ) -> Message:
        """A code of an intersection (0x2a), crossed straight on."""
        code = IntersectionCode.EXIT_FIRST if is_exiting else IntersectionCode.ENTRY_FIRST
        if self.dialect is Dialect.OVERDRIVE_266E:
            return IntersectionUpdate266e(0, offset_mm, 0, code - 1, 0, is_exiting)
        return IntersectionUpdate(0, offset_mm, code, is_exiting, since_bar_mm, since_code_mm)
