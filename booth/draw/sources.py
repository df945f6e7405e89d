"""How what the draw has for randomness becomes RFC 3797's sources.

A value of 256 bits is one source of sixteen integers of 16 bits, big-endian, first word first; the algorithm sorts them,
which leaves about 212 of the 256 bits. Throws of a die are written as decimal digits in the order thrown, eight to an
integer, each integer a source of its own: sixteen throws in one source would be sorted and keep 14 of their 41 bits.
Source 1 is the morning secret; what nobody could know before comes after it.
"""

from __future__ import annotations

from collections.abc import Sequence

from booth.draw.dice import DIGITS
from booth.draw.rfc3797 import MOST_INTEGERS, Source


def wide_source(value: bytes) -> Source:
    """32 bytes as sixteen integers of 0 to 65,535."""
    return tuple(int.from_bytes(value[at : at + 2], "big") for at in range(0, 2 * MOST_INTEGERS, 2))


def dice_sources(throws: Sequence[int]) -> tuple[Source, ...]:
    """The throws, 1 to 6 each, as sources of one integer of up to eight digits."""
    groups = (throws[at : at + DIGITS] for at in range(0, len(throws), DIGITS))
    return tuple((int("".join(map(str, group))),) for group in groups)


def all_sources(secret: bytes, throws: Sequence[int], beacon: bytes | None) -> tuple[Source, ...]:
    """Every source of a draw in its order: the secret, then the drand value if there is one, then the dice."""
    return (wide_source(secret), *([] if beacon is None else [wide_source(beacon)]), *dice_sources(throws))
