"""Tonight against another night: how large the difference is, how sure, and what chance alone would do.

Signs agree throughout: a positive figure says that `b` (tonight) is the larger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, norm

_EXACT_UP_TO = 2500
"""Pairs up to which the distribution of the Mann-Whitney statistic is counted out, as R does below 50 x 50."""

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shift:
    """A difference in the samples' unit with two-sided bounds; a bound is None when the samples are too few for
    one at the confidence asked."""

    value: float
    lower: float | None
    upper: float | None

    @property
    def excludes_zero(self) -> bool:
        """Are both bounds known and on the same side of nothing?"""
        return self.lower is not None and self.upper is not None and (self.lower > 0.0 or self.upper < 0.0)


def hodges_lehmann(a: Sequence[float], b: Sequence[float], confidence: float = 0.95) -> Shift:
    """How much larger `b` is than `a`: the median of all differences b - a, with the distribution-free bounds
    that the Mann-Whitney test leaves (Hodges & Lehmann, Ann. Math. Statist. 34, 1963; Hollander & Wolfe, 4.2).
    Ties make the bounds wider than need be. Raises ValueError without samples on either side."""
    differences = np.sort(np.subtract.outer(_samples(b), _samples(a)).ravel())
    rank = _lower_rank(len(a), len(b), (1.0 - confidence) / 2.0)
    value = float(np.median(differences))
    if not rank:
        return Shift(value, None, None)
    return Shift(value, float(differences[rank - 1]), float(differences[-rank]))


def cliffs_delta(a: Sequence[float], b: Sequence[float]) -> float:
    """How often `b` is larger than `a`, less how often it is smaller, from -1 to 1 (Cliff, Psychol. Bull. 114,
    1993). Raises ValueError without samples on either side."""
    return float(np.sign(np.subtract.outer(_samples(b), _samples(a))).mean())


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> float:
    """Two-sided p-value of Mann & Whitney's test (1947), exact while both are few and without ties. Attempts
    of one car are not independent: hand over one median per car, or use `cluster_bootstrap`."""
    return float(mannwhitneyu(_samples(a), _samples(b), alternative="two-sided").pvalue)


def cluster_bootstrap(
    a: Mapping[str, Sequence[float]],
    b: Mapping[str, Sequence[float]],
    statistic: Callable[[Samples], float],
    *,
    seed: int,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Shift:
    """How much larger `statistic` is over `b` than over `a`, with percentile bounds from drawing whole cars
    (Davison & Hinkley, Bootstrap Methods, 1997, 3.8): attempts of one car resemble each other, so that the
    number of cars, not of attempts, says how sure a figure is. The keys are the cars; if both sides hold the same
    cars, a car is drawn with both its nights. Fewer than three cars on a side give no bounds. The same seed
    gives the same bounds. Raises ValueError when a side holds no car or a car no sample."""
    left = [_samples(a[car]) for car in sorted(a)]
    right = [_samples(b[car]) for car in sorted(b)]
    if not left or not right:
        raise ValueError("a comparison needs a car on either side")
    value = statistic(np.concatenate(right)) - statistic(np.concatenate(left))
    if min(len(left), len(right)) < 3:
        return Shift(float(value), None, None)
    chance = np.random.default_rng(seed)
    shifts = np.empty(resamples)
    for index in range(resamples):
        drawn_left = chance.integers(len(left), size=len(left))
        drawn_right = drawn_left if a.keys() == b.keys() else chance.integers(len(right), size=len(right))
        shifts[index] = statistic(np.concatenate([right[i] for i in drawn_right])) - statistic(
            np.concatenate([left[i] for i in drawn_left])
        )
    tail = (1.0 - confidence) / 2.0
    lower, upper = np.quantile(shifts, [tail, 1.0 - tail])
    return Shift(float(value), float(lower), float(upper))


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """p-values adjusted for their number, in the order given (Holm, Scand. J. Statist. 6, 1979): what stays
    below alpha holds with at most alpha chance of a single false alarm among all of them."""
    adjusted = [0.0] * len(ps)
    worst = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        worst = max(worst, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = worst
    return tuple(adjusted)


def _samples(values: Sequence[float]) -> Samples:
    if not len(values):
        raise ValueError("a comparison needs samples on either side")
    return np.asarray(values, dtype=np.float64)


def _lower_rank(n: int, m: int, tail: float) -> int:
    """The largest rank k with P(U <= k - 1) <= tail; 0 when there is none."""
    if n * m > _EXACT_UP_TO:
        spread = np.sqrt(n * m * (n + m + 1) / 12.0)
        return max(0, int(np.floor(n * m / 2.0 + norm.ppf(tail) * spread)))
    # how many orders of n and m samples give each U: the coefficients of the Gaussian binomial (n + m over n)
    ways = np.zeros(n * m + 1)
    ways[0] = 1.0
    for i in range(1, n + 1):
        for u in range(n * m, m + i - 1, -1):
            ways[u] -= ways[u - m - i]
        for u in range(i, n * m + 1):
            ways[u] += ways[u - i]
    chances = np.cumsum(ways / ways.sum())
    return int(np.searchsorted(chances, tail, side="right"))
