"""The share of lives that last beyond a time, with bounds that hold for few lives and heavy censoring. Pure.

The bounds are the beta product confidence procedure of Fay, Brittain and Proschan (Pointwise confidence intervals for
a survival distribution with small samples or heavy censoring, Biostatistics 14, 2013), by the method of moments;
without censoring they are the exact binomial ones of Clopper and Pearson. Greenwood's, which Kaplan-Meier plots
show, have no width at all before the first death, and a plan of two lives a car would pass on nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import beta


@dataclass(frozen=True, slots=True)
class Span:
    """One observation: from `entered` (0 from the beginning) to `value`, where it `ended` or was last seen going
    on."""

    value: float
    ended: bool
    entered: float = 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """The product-limit estimate of a share with one-sided bounds, each 0 to 1."""

    value: float
    lower: float
    upper: float


def share_beyond(spans: Sequence[Span], bound: float, confidence: float, *, at_bound: bool) -> Share:
    """The share that gets to `bound` (with `at_bound`: that ends there or later; without: only later), with a
    one-sided `confidence` (0.5 to 1) on either side. Nothing known: 0 to 1."""

    def is_before(value: float) -> bool:
        return value < bound if at_bound else value <= bound

    value, mean, square = 1.0, 1.0, 1.0
    any_ended = False
    for time in sorted({span.value for span in spans if span.ended and is_before(span.value)}):
        at_risk = sum(span.entered < time <= span.value for span in spans)
        ended = sum(span.ended and span.value == time for span in spans)
        value *= 1.0 - ended / at_risk
        mean, square = _times(mean, square, at_risk - ended + 1.0, float(ended))
        any_ended = True
    left = sum(span.entered < bound and not is_before(span.value) for span in spans)
    upper = _ppf(mean, square, confidence) if any_ended else 1.0
    if not left:
        return Share(value, 0.0, upper)
    mean, square = _times(mean, square, float(left), 1.0)
    return Share(value, _ppf(mean, square, 1.0 - confidence), upper)


def _times(mean: float, square: float, a: float, b: float) -> tuple[float, float]:
    """First and second moment of a product with one more beta(a, b)."""
    total = a + b
    return mean * a / total, square * a * (a + 1.0) / (total * (total + 1.0))


def _ppf(mean: float, square: float, level: float) -> float:
    """The quantile of the beta distribution with these moments."""
    variance = square - mean * mean
    if variance <= 0.0:
        return mean
    weight = mean * (1.0 - mean) / variance - 1.0
    return float(beta.ppf(level, mean * weight, (1.0 - mean) * weight))
