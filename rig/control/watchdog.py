"""When a car's silence means something. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum


class Freshness(Enum):
    """How good the news of a car is."""

    FRESH = "fresh"
    QUIET = "quiet"  # a driving car would have spoken; a standing one may just have nothing to say
    STALE = "stale"  # even one that was asked should have answered


@dataclass(frozen=True, slots=True)
class Watchdog:
    """The limits, in seconds of silence.

    Defaults: a car at 300 mm/s reports every 0.7 s at the latest (opcau/anki slow log), so 1 s is quiet; 2 s is
    the supervision timeout hosts ask for (same logs), after which a silent link would be gone.
    """

    quiet_s: float = 1.0
    stale_s: float = 2.0

    def __post_init__(self) -> None:
        """Raises:
        ValueError: not 0 < quiet <= stale.
        """
        if not 0 < self.quiet_s <= self.stale_s or math.isinf(self.quiet_s):
            raise ValueError(
                f"watchdog limits need 0 < quiet <= stale, not {self.quiet_s} s and {self.stale_s} s"
            )

    def judge(self, silent_s: float) -> Freshness:
        """What `silent_s` seconds without a message mean."""
        if silent_s < self.quiet_s:
            return Freshness.FRESH
        return Freshness.QUIET if silent_s < self.stale_s else Freshness.STALE
