"""Orders in the form a car's dialect understands. For an unknown dialect: the form every public program sends."""

from __future__ import annotations

from protocol.dialect import DRIVE_DIALECTS, Dialect
from protocol.messages.driving import (
    OVERRIDE_LOCALIZATION,
    ChangeLane,
    ChangeLaneDrive,
    SdkMode,
    SdkModeDrive,
    SetSpeed,
    SetSpeedV4,
    Turn,
    TurnDrive,
)
from protocol.messages.lights import LightChannel, LightsPattern, LightsPatternDrive


def set_speed(dialect: Dialect, speed_mm_s: int, accel_mm_s2: int = 1000) -> SetSpeed | SetSpeedV4:
    """Drive at `speed_mm_s` (i16, useful 150..1200, 0 stops)."""
    if dialect is Dialect.V4:
        return SetSpeedV4(speed_mm_s, accel_mm_s2)
    return SetSpeed(speed_mm_s, accel_mm_s2)


def change_lane(
    dialect: Dialect, offset_mm: float, *, speed_mm_s: int = 300, accel_mm_s2: int = 2500, tag: int = 0
) -> ChangeLane | ChangeLaneDrive:
    """Move sideways to `offset_mm` from the road centre (about ±68); `tag` comes back as lane change id."""
    if dialect is Dialect.DRIVE_2120:
        return ChangeLaneDrive(speed_mm_s, offset_mm, 0, tag)
    return ChangeLane(speed_mm_s, accel_mm_s2, offset_mm, 0, tag)


def u_turn(dialect: Dialect) -> Turn | TurnDrive:
    """Turn around now."""
    return TurnDrive() if dialect in DRIVE_DIALECTS else Turn()


def sdk_mode(dialect: Dialect, *, on: bool = True) -> SdkMode | SdkModeDrive:
    """Switch SDK mode, with localization overridden where the firmware knows the flag."""
    if dialect is Dialect.DRIVE_2120:
        return SdkModeDrive(int(on))
    return SdkMode(int(on), OVERRIDE_LOCALIZATION if on else 0)


def light(dialect: Dialect, channel: LightChannel) -> LightsPattern | LightsPatternDrive:
    """Set one lamp."""
    if dialect in DRIVE_DIALECTS:
        per_min = 6 * channel.cycles_per_10s
        return LightsPatternDrive(channel.channel, channel.effect, channel.start, channel.end, per_min)
    return LightsPattern.padded(channel)
