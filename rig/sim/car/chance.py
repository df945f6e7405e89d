"""Seeded randomness, one stream per concern.

Streams are derived by name, so that a draw added to one concern never shifts the numbers of another and two
cars of one world never share noise.
"""

from __future__ import annotations

import random


def stream(seed: int, identifier: int, concern: str) -> random.Random:
    """The random stream of one concern of one car in a world with this seed."""
    return random.Random(f"{seed}/{identifier:08x}/{concern}")  # a text seed is hashed the same everywhere


class CorrelatedNoise:
    """Gaussian noise of unit standard deviation in which each draw remembers a part of the one before."""

    __slots__ = ("_chance", "_fresh", "_last", "_memory")

    def __init__(self, chance: random.Random, lag1: float) -> None:
        self._chance = chance
        self._memory = lag1
        self._fresh = (1.0 - lag1 * lag1) ** 0.5
        self._last = 0.0

    def draw(self) -> float:
        """The next value; lag-1 autocorrelation as given, mean 0, standard deviation 1."""
        self._last = self._memory * self._last + self._fresh * self._chance.gauss(0.0, 1.0)
        return self._last
