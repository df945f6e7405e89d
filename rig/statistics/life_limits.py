"""Is a battery's life long enough? A decision that stays honest with four cars and with lives cut short.

"At most a share q has died by the limit" is judged by the beta product confidence procedure of Fay, Brittain &
Proschan (Biostatistics 14, 2013) with their method of moments. Without censoring it is the exact interval of
Clopper & Pearson; with it the confidence holds where Greenwood's does not: while nobody has died, the log-log
interval of a survival curve has no width, however few the cars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import beta

from rig.statistics.survival import Observation, kaplan_meier

_SEARCH_LIMIT = 100_000
"""Where the search for a deciding number of lives gives up: more than a fleet sees in years."""


@dataclass(frozen=True, slots=True)
class LifeBounds:
    """Share of lives still going at a time, with two one-sided bounds, all from 0 to 1; `at_risk` lives were
    watched up to that time."""

    share: float
    lower: float
    upper: float
    at_risk: int


def life_bounds(observations: Sequence[Observation], at_s: float, confidence: float) -> LifeBounds:
    """Bounds of the share that lives `at_s` seconds or longer, each at one-sided `confidence` (0.5 to 1)."""
    curve = kaplan_meier(observations)
    share, uppers, lowers = 1.0, [], []
    for step in curve.steps:
        if step.time_s >= at_s:
            break
        if step.events:
            share = step.survival
            # d deaths of Y at once: the drop is that of the d-th largest of Y uniform numbers
            uppers.append((step.at_risk - step.events + 1, step.events))
    at_risk = curve.at(at_s).at_risk
    if at_risk:
        lowers = [*uppers, (at_risk, 1)]
    return LifeBounds(
        share,
        _product_quantile(lowers, 1.0 - confidence) if at_risk else 0.0,
        _product_quantile(uppers, confidence),
        at_risk,
    )


def lives_needed(share: float, q: float, confidence: float, *, at_least: int = 1) -> int | None:
    """The fewest lives, `at_least` or more, that decide whether the q-quantile of life is long enough when a
    `share` of them lives long enough and none is cut short: 29 for P10 at 95 % when all do. None when no number
    up to 100,000 does."""

    def decided(n: int) -> bool:
        long = math.floor(share * n + 0.5)
        short = n - long
        lower = float(beta.ppf(1.0 - confidence, long, short + 1)) if long else 0.0
        upper = float(beta.ppf(confidence, long + 1, short)) if short else 1.0
        return lower >= 1.0 - q or upper < 1.0 - q

    low = high = max(1, at_least)
    while not decided(high):
        low, high = high + 1, high * 2
        if high > _SEARCH_LIMIT:
            return None
    while low < high:  # monotone but for rounding of the share
        middle = (low + high) // 2
        low, high = (low, middle) if decided(middle) else (middle + 1, high)
    return high


def _product_quantile(factors: Sequence[tuple[float, float]], p: float) -> float:
    """The p-quantile of a product of independent beta variables, by the beta of the same mean and variance."""
    if not factors:
        return 1.0
    if len(factors) == 1:
        return float(beta.ppf(p, *factors[0]))
    mean = math.prod(a / (a + b) for a, b in factors)
    square = math.prod(a * (a + 1) / ((a + b) * (a + b + 1)) for a, b in factors)
    count = mean * (1.0 - mean) / (square - mean * mean) - 1.0
    return float(beta.ppf(p, mean * count, (1.0 - mean) * count))
