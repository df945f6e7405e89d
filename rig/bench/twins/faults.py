"""What can be wrong with a twin's line, planned from a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class LineFault(Enum):
    """Something that happens to one reply on its way to the host, or to the cable."""

    DROPPED_BYTE = "one byte of the reply is lost"
    SPLIT = "the reply arrives in two pieces, the second late but in time"
    LATE = "the reply arrives after the host has given up"
    WRONG_CHECKSUM = "one bit of the reply is flipped"
    SILENT = "the reply is lost whole"
    JUNK = "noise arrives before the reply"
    BROWN_OUT = "the board obeys, but restarts instead of answering, all of it as after power-up"
    UNPLUG = "the cable is pulled"


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Which replies suffer what.

    `at` names replies by their number from 0; every other reply suffers one of `kinds` with probability
    `share`. The same seed gives the same faults.
    """

    at: Mapping[int, LineFault] = field(default_factory=dict)
    share: float = 0.0
    kinds: tuple[LineFault, ...] = ()
    seed: int = 1

    def faults(self) -> FaultSource:
        """A fresh sequence of this plan's faults."""
        return FaultSource(self)


class FaultSource:
    """Deals a plan's faults out, one question per reply."""

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311 - simulated noise is seeded, not secret
        self._reply = -1

    def next(self) -> LineFault | None:
        """What the next reply suffers."""
        self._reply += 1
        planned = self._plan.at.get(self._reply)
        if planned is not None:
            return planned
        if self._plan.kinds and self._random.random() < self._plan.share:
            return self._random.choice(self._plan.kinds)
        return None

    def place(self, size: int) -> int:
        """Where in a reply of `size` bytes it happens."""
        return self._random.randrange(size)

    def noise(self) -> bytes:
        """A few bytes of junk."""
        return self._random.randbytes(self._random.randint(1, 6))
