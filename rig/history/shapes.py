"""What a series of nights can look like, as values: steady, drifting, stepped, or too short to tell. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from rig.history.nights import Series

FADED_TO = 0.8
"""The share of its first night at which a figure counts as worn out."""


class Shape(StrEnum):
    """What explains a series best."""

    STEADY = "steady"
    DRIFT = "drift"
    STEP = "step"
    TOO_EARLY = "too early"


@dataclass(frozen=True, slots=True)
class Forecast:
    """The night on which a fading figure is down to FADED_TO of its first; the bounds are those of the slope,
    `latest` None when it may be never."""

    night: int
    earliest: int
    latest: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """The line of a drift; of a logarithm when the figure changes by the same share each night."""

    slope: float
    intercept: float
    logarithmic: bool

    def at(self, night: int) -> float:
        """Its height on a night, in the figure's unit."""
        height = self.intercept + self.slope * night
        return math.exp(height) if self.logarithmic else height


@dataclass(frozen=True, slots=True)
class Drift:
    """A steady change: `per_night` with its bounds, and `total` over the series; relative, or in points of a
    share."""

    per_night: float
    lower: float
    upper: float
    total: float
    forecast: Forecast | None
    line: Line


@dataclass(frozen=True, slots=True)
class Step:
    """A change from one night to the next: `night` is the first of the new level; `change` is relative, or in
    points of a share; `confirmed_by` counts the nights on the new level."""

    night: int
    before: float
    after: float
    change: float
    confirmed_by: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """One series judged. `p` is corrected for all the series of the report; `nights_needed` says how many nights
    more would do, where it is too early; `pending` is a step that the nights to come may confirm."""

    series: Series
    shape: Shape
    p: float
    drift: Drift | None = None
    steps: tuple[Step, ...] = ()
    pending: Step | None = None
    nights_needed: int = 0
