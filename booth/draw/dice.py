"""Throws of a die: how many are needed, and that each is one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from booth.draw.errors import Refused

BITS_PER_THROW = math.log2(6)
DIGITS = 8
"""Throws in one RFC 3797 integer, so that it fits 32 bits in anybody's implementation."""

MOST_THROWS = 15 * DIGITS
"""Fifteen sources; the sixteenth is the morning secret."""


def throws_needed(pool: int, ranks: int) -> int:
    """The fewest throws with at least as many outcomes as there are rankings of `ranks` out of `pool` items, counted in
    integers: the same on every machine."""
    ways, outcomes, throws = math.perm(pool, min(ranks, pool)), 1, 0
    while outcomes < ways:
        outcomes, throws = outcomes * 6, throws + 1
    return throws


def check_throws(throws: Sequence[int]) -> None:
    """Refuses what no die shows.

    Raises:
        Refused: which throw it is.
    """
    for number, value in enumerate(throws, 1):
        if not 1 <= value <= 6:
            raise Refused(f"throw {number} is {value}; a die shows 1 to 6, read it again")
