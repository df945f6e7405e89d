"""Quantiles with distribution-free bounds.

A quantile's bound is an order statistic: the k-th smallest of n samples is at least the q-quantile with
probability P(Binomial(n, q) <= k - 1), whatever the distribution (David & Nagaraja, Order Statistics, 7.1).
Samples that timed out are kept as "at least the timeout" and sort above everything that was measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binom

from rig.statistics.deciding import trials_until


@dataclass(frozen=True, slots=True, order=True)
class Sample:
    """One latency in seconds; `censored` says it is only known to be at least `value_s`."""

    censored: bool
    value_s: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure read from samples, in seconds; `at_least` when it fell among the timeouts."""

    value_s: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥ ' if self.at_least else ''}{self.value_s:.2f} s"


@dataclass(frozen=True, slots=True)
class Interval:
    """Two bounds; None where the samples are too few for one."""

    lower: Reading | None
    upper: Reading | None


def quantile(samples: Sequence[Sample], q: float) -> Reading | None:
    """The q-quantile by nearest rank, 0 < q < 1; None without samples."""
    ordered = sorted(samples)
    # 0.95 * 60 is 57.00000000000001 in binary, and must still be rank 57
    return _at(ordered, max(1, math.ceil(len(ordered) * q - 1e-9))) if ordered else None


def upper_rank(n: int, q: float, confidence: float) -> int | None:
    """The smallest rank (from 1) whose order statistic is an upper bound of the q-quantile with one-sided
    `confidence`; None when `n` is too small for any."""
    if n < 1:
        return None
    rank = int(binom.ppf(confidence, n, q)) + 1
    return rank if rank <= n else None


def lower_rank(n: int, q: float, confidence: float) -> int | None:
    """The largest rank (from 1) whose order statistic is a lower bound of the q-quantile with one-sided
    `confidence`; None when `n` is too small for any."""
    if n < 1:
        return None
    rank = int(binom.ppf(1.0 - confidence, n, q))
    return rank if rank >= 1 else None


def upper_bound(samples: Sequence[Sample], q: float, confidence: float) -> Reading | None:
    """One-sided upper bound of the q-quantile."""
    rank = upper_rank(len(samples), q, confidence)
    return None if rank is None else _at(sorted(samples), rank)


def lower_bound(samples: Sequence[Sample], q: float, confidence: float) -> Reading | None:
    """One-sided lower bound of the q-quantile."""
    rank = lower_rank(len(samples), q, confidence)
    # a timeout is only known to be at least its value, so that is all it may add to a lower bound
    ordered = sorted(samples, key=lambda sample: (sample.value_s, sample.censored))
    return None if rank is None else _at(ordered, rank)


def interval(samples: Sequence[Sample], q: float, confidence: float) -> Interval:
    """Two-sided interval of the q-quantile, the doubt split evenly between both ends."""
    one_sided = (1.0 + confidence) / 2.0
    return Interval(lower_bound(samples, q, one_sided), upper_bound(samples, q, one_sided))


def samples_needed(q: float, confidence: float, *, two_sided: bool = False) -> int:
    """The fewest samples for which an upper bound of the q-quantile exists: 59 for P95 at 95 %."""
    doubt = (1.0 - confidence) / (2.0 if two_sided else 1.0)
    n = max(1, math.ceil(math.log(doubt) / math.log(q)) - 1)
    while q**n > doubt:
        n += 1
    return n


def quantile_trials_needed(within: int, n: int, q: float, confidence: float) -> int | None:
    """How many samples would decide whether the q-quantile is inside a limit, if the share `within / n` of
    samples inside it stays; None when no number up to a million would (the share sits on the quantile)."""

    def decided(m: int, inside: int) -> bool:
        high, low = upper_rank(m, q, confidence), lower_rank(m, q, confidence)
        return (high is not None and inside >= high) or (low is not None and inside < low)

    return trials_until(decided, within, n)


def _at(ordered: Sequence[Sample], rank: int) -> Reading:
    sample = ordered[rank - 1]
    return Reading(sample.value_s, at_least=sample.censored)
