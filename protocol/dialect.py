"""Which layouts a car speaks, decided by its firmware number alone.

The size byte tells most variants of a message apart. Three pairs share a size and differ in meaning, so only the
firmware can decide them: 0x25 of size 9, 0x33 of size 7, and bytes 12-13 of 0x29 of size 17.
"""

from __future__ import annotations

from enum import Enum


class Direction(Enum):
    """Who sends the frame."""

    TO_CAR = "to-car"
    TO_HOST = "to-host"


class Dialect(Enum):
    """A firmware family with one set of layouts. `UNKNOWN` is first class: nothing is guessed for it."""

    DRIVE_2120 = (
        "drive-2120"  # anki/drive-sdk tests; SDK mode without flags, lane change without acceleration
    )
    DRIVE_2159 = "drive-2159"  # anki/drive-sdk @e8cb054
    OVERDRIVE_266E = "overdrive-266e"  # anki/drive-sdk @da80353; opcau/anki logs of 0x2774
    OVERDRIVE_2B6E = "overdrive-2b6e"  # anki/drive-sdk @4144c52
    OVERDRIVE_2E49 = "overdrive-2e49"  # anki/drive-sdk @27d992e, header only: no capture is public
    OVERDRIVE_2E5A = "overdrive-2e5a"  # Leicas/overdrive-arena capture of firmware 11866
    V4 = "v4"  # dschwen/OpenOverdrive, MasterAirscrachDev/Anki-Partydrive: 12385 and later
    UNKNOWN = "unknown"


DRIVE_DIALECTS = frozenset({Dialect.DRIVE_2120, Dialect.DRIVE_2159})
OVERDRIVE_DIALECTS = frozenset(
    {
        Dialect.OVERDRIVE_266E,
        Dialect.OVERDRIVE_2B6E,
        Dialect.OVERDRIVE_2E49,
        Dialect.OVERDRIVE_2E5A,
        Dialect.V4,
    }
)
ALL_DIALECTS = DRIVE_DIALECTS | OVERDRIVE_DIALECTS

FIRST_V4 = 0x3061

# First firmware of each family, newest first. UNKNOWN closes a range about which nothing public is known.
_FROM: tuple[tuple[int, Dialect], ...] = (
    (
        0x307B,
        Dialect.UNKNOWN,
    ),  # 0x307b and 0x307c are custom builds by Partydrive; later numbers were never seen
    (FIRST_V4, Dialect.V4),
    (0x2E5A, Dialect.OVERDRIVE_2E5A),
    (0x2E49, Dialect.OVERDRIVE_2E49),
    (0x2B6E, Dialect.OVERDRIVE_2B6E),
    (0x2667, Dialect.OVERDRIVE_266E),
    (0x215A, Dialect.UNKNOWN),  # "27.25", byte order unclear, is all that was seen between the generations
    (0x2159, Dialect.DRIVE_2159),
    (0x2120, Dialect.DRIVE_2120),
)


def dialect_for(firmware: int | None) -> Dialect:
    """The dialect of a car that advertises `firmware` (16 bits, e.g. 0x2774), `UNKNOWN` for None and for every
    number outside the ranges seen in public (boot loader 1, custom builds, later than any release)."""
    if firmware is not None:
        for first, dialect in _FROM:
            if firmware >= first:
                return dialect
    return Dialect.UNKNOWN


def dialect_ranges() -> tuple[tuple[int, Dialect], ...]:
    """The first firmware of each range and its dialect, newest first; below the last everything is `UNKNOWN`."""
    return _FROM
