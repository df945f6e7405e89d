"""Orders in the form a car's dialect understands. For an unknown dialect: the form every public program sends."""

from __future__ import annotations

from protocol.codec import core_of, encode
from protocol.dialect import DRIVE_DIALECTS, FIRST_V4, Dialect, Direction
from protocol.errors import EncodeError
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
from protocol.messages.lights import (
    LightChannel,
    LightChannelId,
    LightEffect,
    LightsPattern,
    LightsPatternDrive,
)
from protocol.wire.declare import Message

USUAL_ACCEL_MM_S2 = 1000
"""The default of nearly every library; weak cells brown out on more (Leicas/overdrive-arena)."""

_SPOKEN: set[tuple[type[Message], str]] = set()
"""Order classes and dialects already found to fit: a set of dialects hashes in slow Python, once per order."""


def encode_order(order: Message, dialect: Dialect) -> bytes:
    """The frame of an order that is about to be sent to a car.

    Raises `EncodeError` like `protocol.encode`, and when `dialect` is known and speaks another form of the order:
    a car may not misread it, but what it makes of it nobody has seen.
    """
    if (type(order), dialect._value_) in _SPOKEN:
        return order.encode()
    core = core_of(order)
    form = getattr(core, "FORM", None)
    if form is not None and form.direction is Direction.TO_CAR and form.dialects != {Dialect.UNKNOWN}:
        if dialect not in {Dialect.UNKNOWN, *form.dialects}:
            spoken = ", ".join(sorted(known.value for known in form.dialects))
            raise EncodeError(type(core).__name__, "dialect", dialect.value, f"one of {spoken}")
        if order is core and form.size is not None:
            _SPOKEN.add((type(order), dialect._value_))
    return encode(order, dialect)


def set_speed(
    dialect: Dialect, speed_mm_s: int, accel_mm_s2: int = USUAL_ACCEL_MM_S2, *, firmware: int | None = None
) -> SetSpeed | SetSpeedV4:
    """Drive at `speed_mm_s` (i16, useful 150..1200, 0 stops).

    `firmware`, where it is known, tells a car too new to have a dialect from any other unknown one: it gets the
    longer form, which older cars are known to tolerate (iavofficial/IAV_Distortion sends them that size).
    """
    newer = dialect is Dialect.UNKNOWN and firmware is not None and firmware >= FIRST_V4
    if dialect is Dialect.V4 or newer:
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


def engine_colour(
    dialect: Dialect, red: int, green: int, blue: int
) -> tuple[LightsPattern | LightsPatternDrive, ...]:
    """Steady engine light, each colour 0..14. The Drive generation takes one channel a message."""
    levels = zip(
        (LightChannelId.RED, LightChannelId.GREEN, LightChannelId.BLUE), (red, green, blue), strict=True
    )
    lamps = [LightChannel(channel, LightEffect.STEADY, level, level) for channel, level in levels]
    if dialect in DRIVE_DIALECTS:
        return tuple(LightsPatternDrive(lamp.channel, lamp.effect, lamp.start, lamp.end, 0) for lamp in lamps)
    return (LightsPattern.padded(*lamps),)
