"""Does a figure creep from night to night, and how fast?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau, theilslopes


@dataclass(frozen=True, slots=True)
class Slope:
    """Change of y for each unit of x, with two-sided bounds (None where the points are too few for one), and
    the line's height at x = 0."""

    value: float
    lower: float | None
    upper: float | None
    intercept: float

    @property
    def relative(self) -> float:
        """The change for each unit of x as a share of the height at x = 0; NaN if that is zero."""
        return self.value / self.intercept if self.intercept else math.nan

    @property
    def excludes_zero(self) -> bool:
        """Are both bounds known and on the same side of nothing?"""
        return self.lower is not None and self.upper is not None and (self.lower > 0.0 or self.upper < 0.0)


def theil_sen(x: Sequence[float], y: Sequence[float], confidence: float = 0.95) -> Slope:
    """The median of all slopes between two points (Theil, 1950), which a third of wild points cannot move, with
    Sen's bounds (JASA 63, 1968). Raises ValueError with fewer than two distinct x or sides of unequal length."""
    if len(x) != len(y):
        raise ValueError(f"{len(x)} points cannot have {len(y)} heights")
    if len(set(x)) < 2:
        raise ValueError("a slope needs two points that stand apart")
    value, intercept, lower, upper = np.asarray(
        theilslopes(np.asarray(y), np.asarray(x), alpha=confidence)
    ).tolist()
    if mann_kendall_least(confidence) > len(y) or math.isnan(lower + upper):
        return Slope(value, None, None, intercept)
    return Slope(value, lower, upper, intercept)


def mann_kendall(y: Sequence[float]) -> float:
    """Two-sided p-value of there being no trend (Mann, Econometrica 13, 1945; Kendall, 1955): exact up to 33
    values without ties, else normal. 1 when there are fewer than three values or all are equal."""
    if len(y) < 3 or len(set(y)) == 1:
        return 1.0
    _, p = np.asarray(kendalltau(range(len(y)), y)).tolist()
    return float(p)


def mann_kendall_least(confidence: float) -> int:
    """The fewest points that can show a trend at a two-sided confidence: 5 at 95 %, for the surest order of n
    points has chance 2 / n!."""
    n = 2
    while 2.0 / math.factorial(n) > 1.0 - confidence + 1e-12:
        n += 1
    return n
