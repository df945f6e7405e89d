"""Which of several radios carries a car. Pure.

A car goes to the radio where its last attempts did not fail, then to the one with the fewest links, then back
to the one that carried it before, then to the one that hears it best. A failed connect therefore moves the car
on at its next attempt, and a failure is forgiven after `FORGIVE_AFTER_S`: sticky, but not stubborn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FORGIVE_AFTER_S = 60.0
"""How long a failed connect speaks against a radio."""

RELEARN_AFTER_S = 60.0
"""How long a slot limit counts that an adapter showed by refusing a link; slots may have been another's."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One radio, as a car about to be connected finds it.

    `in_use` counts links open and being opened, `slots` how many it holds (None: nobody knows), `rssi_dbm` how
    strongly it hears the car (None: not heard), `failures` how often in a row this car failed here, `carried`
    whether this radio was the last to carry it, `lost` whether the adapter is gone or off, `deaf` whether it
    was listened to in vain for this car.
    """

    number: int
    in_use: int = 0
    slots: int | None = None
    rssi_dbm: int | None = None
    failures: int = 0
    carried: bool = False
    lost: bool = False
    deaf: bool = False

    @property
    def is_full(self) -> bool:
        """Whether it is known to hold no more links."""
        return self.slots is not None and self.in_use >= self.slots

    @property
    def is_eligible(self) -> bool:
        """Whether the car may go there, as far as is known."""
        return not (self.lost or self.deaf or self.is_full)


def choose_radio(candidates: Iterable[Candidate]) -> Candidate | None:
    """The radio for the car; None when none is eligible. One with `rssi_dbm` None must be listened to first."""
    return min((one for one in candidates if one.is_eligible), key=_rank, default=None)


def _rank(one: Candidate) -> tuple[int, int, bool, bool, int, int]:
    heard = one.rssi_dbm is not None
    return one.failures, one.in_use, not one.carried, not heard, -(one.rssi_dbm or 0), one.number


@dataclass(frozen=True, slots=True)
class Failures:
    """How often in a row a car failed on a radio, and the loop-clock second of the last time."""

    count: int = 0
    at_s: float = 0.0

    def one_more(self, now_s: float) -> Failures:
        """After another failed connect."""
        return Failures(self.standing(now_s) + 1, now_s)

    def standing(self, now_s: float) -> int:
        """How many still count."""
        return self.count if now_s - self.at_s < FORGIVE_AFTER_S else 0


@dataclass(frozen=True, slots=True)
class LearnedSlots:
    """How many links an adapter held when it refused one more, and when (loop-clock seconds)."""

    slots: int
    at_s: float

    def standing(self, now_s: float) -> int | None:
        """The limit, or None when it is too old to go by."""
        return self.slots if now_s - self.at_s < RELEARN_AFTER_S else None
