"""Orders as the firmware at hand understands them. Pure.

Which form a car takes depends on its dialect (`protocol.dialect_for`); an unknown one gets the commonest form.
"""

from __future__ import annotations

from protocol import (
    ChangeLane,
    ChangeLaneDrive,
    Dialect,
    LightChannel,
    LightChannelId,
    LightEffect,
    LightsPattern,
    LightsPatternDrive,
    Message,
    SdkMode,
    SdkModeDrive,
    Turn,
    TurnDrive,
)
from protocol.commands import set_speed
from protocol.dialect import DRIVE_DIALECTS

USUAL_ACCEL_MM_S2 = 1000  # default of nearly every library; weak cells brown out on more
LANE_SPEED_MM_S = 300
LANE_ACCEL_MM_S2 = 2500
BRIGHTEST = 14
_COLOUR_CHANNELS = (LightChannelId.RED, LightChannelId.GREEN, LightChannelId.BLUE)


def sdk_mode(dialect: Dialect, *, on: bool = True) -> Message:
    """Puts the car under our command, driving without a road network."""
    if dialect is Dialect.DRIVE_2120:
        return SdkModeDrive(on=int(on))
    return SdkMode(on=int(on), flags=int(on))


def speed(
    dialect: Dialect,
    speed_mm_s: int,
    accel_mm_s2: int = USUAL_ACCEL_MM_S2,
    *,
    firmware: int | None = None,
) -> Message:
    """Drive at a speed; 0 stops. `firmware` helps where it is too new to have a dialect."""
    return set_speed(dialect, speed_mm_s, accel_mm_s2, firmware=firmware)


def lane(dialect: Dialect, offset_mm: float, tag: int = 0) -> Message:
    """Move to an offset from the road's centre, right positive, while driving."""
    if dialect is Dialect.DRIVE_2120:
        return ChangeLaneDrive(LANE_SPEED_MM_S, offset_mm, 0, tag)
    return ChangeLane(LANE_SPEED_MM_S, LANE_ACCEL_MM_S2, offset_mm, 0, tag)


def u_turn(dialect: Dialect) -> Message:
    """Turn round at once."""
    return TurnDrive() if dialect in DRIVE_DIALECTS else Turn()


def engine_colour(dialect: Dialect, red: int, green: int, blue: int) -> list[Message]:
    """Steady engine light; each colour 0..14. The Drive generation takes one channel a message."""
    levels = zip(_COLOUR_CHANNELS, (red, green, blue), strict=True)
    if dialect in DRIVE_DIALECTS:
        return [LightsPatternDrive(channel, LightEffect.STEADY, level, level, 0) for channel, level in levels]
    return [
        LightsPattern.padded(
            *(LightChannel(channel, LightEffect.STEADY, level, level) for channel, level in levels)
        )
    ]
