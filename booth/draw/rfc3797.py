"""Publicly verifiable random selection: the algorithm of RFC 3797 (Eastlake, 2004), section 4, exactly.

Anybody's implementation gives the same ranking from the same pool size and sources. Of the RFC's inputs only integers
are taken: every source here is one or more of them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from booth.draw.errors import Refused

ALGORITHM = "RFC 3797"
MOST_ITEMS = 65_535
MOST_SOURCES = 16
MOST_INTEGERS = 16

Source = tuple[int, ...]
"""One source of randomness: 1 to 16 integers, 0 or more; the algorithm sorts them."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One rank: `md5` in hex as the RFC prints it, the number of items `left` before it, and the `item`, from 1."""

    rank: int
    md5: str
    left: int
    item: int


def key_string(sources: Sequence[Source]) -> str:
    """The sources as the RFC writes them: integers ascending, each with a full stop, each source with a slash.

    Raises:
        Refused: no source, more than 16, or one of none or more than 16 integers, or a negative integer.
    """
    if not 1 <= len(sources) <= MOST_SOURCES:
        raise Refused(
            f"RFC 3797 takes 1 to {MOST_SOURCES} sources, not {len(sources)}; name fewer, or at least one"
        )
    for number, source in enumerate(sources, 1):
        if not 1 <= len(source) <= MOST_INTEGERS:
            raise Refused(
                f"source {number} has {len(source)} integers, RFC 3797 takes 1 to {MOST_INTEGERS}; split it"
            )
        if min(source) < 0:
            raise Refused(f"source {number} holds {min(source)}; RFC 3797 takes integers of 0 and more")
    return "".join("".join(f"{value}." for value in sorted(source)) + "/" for source in sources)


def ranking(pool: int, wanted: int, sources: Sequence[Source]) -> tuple[Pick, ...]:
    """The first `wanted` of `pool` items, numbered from 1 in their published order. Asking for more never changes
    earlier ranks.

    Raises:
        Refused: a pool of none or more than 65,535, more wanted than there are, or sources as in `key_string`.
    """
    if not 1 <= pool <= MOST_ITEMS:
        raise Refused(f"RFC 3797 takes a pool of 1 to {MOST_ITEMS} items, not {pool}")
    if not 1 <= wanted <= pool:
        raise Refused(f"{wanted} of {pool} items cannot be ranked; ask for 1 to {pool}")
    key = key_string(sources).encode("ascii")
    items = list(range(1, pool + 1))
    picks = []
    for number in range(wanted):
        around = number.to_bytes(2, "big")
        digest = hashlib.md5(around + key + around, usedforsecurity=False).digest()
        item = items.pop(int.from_bytes(digest, "big") % len(items))
        picks.append(Pick(number + 1, digest.hex().upper(), len(items) + 1, item))
    return tuple(picks)


def entropy_needed_bits(pool: int, wanted: int) -> float:
    """How uncertain the sources must be for every selection to be possible, by the RFC's section 3: log2 of the ways to
    choose `wanted` of `pool`, their order aside. `booth.draw.dice` asks for more: it counts the order too.

    Raises:
        Refused: more wanted than there are.
    """
    if not 0 <= wanted <= pool:
        raise Refused(f"{wanted} of {pool} items cannot be chosen; ask for 0 to {pool}")
    return math.log2(math.comb(pool, wanted))
