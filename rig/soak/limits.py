"""Limits that plans of several kinds put on their figures: a quantile of a time, or a rate; and how they are judged.

A limit is PASS when the confidence bound of the figure lies inside it, FAIL when it lies outside, and
INCONCLUSIVE while the limit is between the bounds; then `needed` says how many units would decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rig.soak.outcome import Outcome
from rig.statistics.quantiles import (
    Reading,
    Sample,
    lower_bound,
    quantile,
    quantile_trials_needed,
    samples_needed,
    upper_bound,
)
from rig.statistics.rates import Rate, rate_trials_needed, wilson


class AnyLimit(Protocol):
    """What reports need to know of a limit, whatever it is put on."""

    @property
    def name(self) -> str:
        """The limit in a few words, e.g. `P95 reconnect ≤ 8 s`."""
        ...

    @property
    def confidence(self) -> float:
        """With which it is to be shown, one-sided, 0.5 to 0.9999."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """One requirement: the `quantile` of a time `at_most_s`, or a rate `at_least` (0 to 1), to be shown with
    one-sided `confidence`. `only` narrows it, in words that follow the figure (`after vanish`)."""

    figure: str
    confidence: float
    quantile: float | None = None
    at_most_s: float | None = None
    at_least: float | None = None
    only: str = ""

    @property
    def name(self) -> str:
        """The limit in a few words."""
        narrowed = f" {self.only}" if self.only else ""
        words = self.figure.replace("_", " ")
        if self.quantile is not None:
            return f"P{self.quantile * 100:g} {words}{narrowed} ≤ {self.at_most_s:g} s"
        return f"{words} rate{narrowed} ≥ {(self.at_least or 0.0) * 100:g} %"


@dataclass(frozen=True, slots=True)
class LimitVerdict:
    """One limit judged. `value`, `lower` and `upper` are the figure and its one-sided bounds, in seconds or as a
    rate; `n` the units they rest on; `needed` the units that would decide, when known."""

    limit: AnyLimit
    outcome: Outcome
    n: int
    value: Reading | Rate | float | None
    lower: Reading | float | None
    upper: Reading | float | None
    needed: int | None
    reason: str


def judge_quantile(label: str, samples: Sequence[Sample], limit: Limit, units: str) -> LimitVerdict:
    """Judges a limit on a time; `label` names who is judged, `units` what the samples are (`cycles`)."""
    assert limit.quantile is not None
    assert limit.at_most_s is not None
    q, most_s, n = limit.quantile, limit.at_most_s, len(samples)
    value = quantile(samples, q)
    upper, lower = upper_bound(samples, q, limit.confidence), lower_bound(samples, q, limit.confidence)
    figure = f"P{q * 100:g} of {limit.figure}"
    sure = f"{limit.confidence * 100:g} % confidence, {n} {units}"
    needed: int | None = None
    if upper is not None and upper.value_s <= most_s and not upper.at_least:
        outcome = Outcome.PASS
        reason = f"{label}: {figure} is at most {upper}, within the limit of {most_s:g} s ({sure})"
    elif lower is not None and (lower.value_s > most_s or (lower.at_least and lower.value_s == most_s)):
        outcome = Outcome.FAIL
        exactly = "" if lower.at_least else "at least "
        reason = f"{label}: {figure} is {exactly}{lower}, over the limit of {most_s:g} s ({sure})"
    else:
        outcome = Outcome.INCONCLUSIVE
        inside = sum(not sample.censored and sample.value_s <= most_s for sample in samples)
        needed = quantile_trials_needed(inside, n, q, limit.confidence)
        least = samples_needed(q, limit.confidence)
        if n < least:
            why = f"{n} {units} are too few to bound it: {least} are the least that can"
        else:
            why = f"{inside} of {n} {units} were within the limit of {most_s:g} s, which leaves it open"
        reason = f"{label}: {figure} not shown: {why}{_more(needed, least if n < least else None, units)}"
    return LimitVerdict(limit, outcome, n, value, lower, upper, needed, reason)


def judge_rate(
    label: str, successes: int, trials: int, limit: Limit, *, what: str, units: str
) -> LimitVerdict:
    """Judges a limit on a rate; `what` says what the successes did (`came back in time`)."""
    assert limit.at_least is not None
    least = limit.at_least
    rate = wilson(successes, trials, limit.confidence, two_sided=False)
    seen = f"{successes} of {trials} {units} {what}"
    sure = f"{limit.confidence * 100:g} % confidence"
    needed: int | None = None
    if trials and rate.lower >= least:
        outcome = Outcome.PASS
        reason = f"{label}: {seen}: at least {rate.lower * 100:.1f} %, {least * 100:g} % asked ({sure})"
    elif trials and rate.upper < least:
        outcome = Outcome.FAIL
        reason = f"{label}: only {seen}: at most {rate.upper * 100:.1f} %, {least * 100:g} % asked ({sure})"
    else:
        outcome = Outcome.INCONCLUSIVE
        needed = rate_trials_needed(successes, trials, least, limit.confidence)
        bounds = f"between {rate.lower * 100:.1f} % and {rate.upper * 100:.1f} %"
        reason = f"{label}: {seen}: {bounds}, {least * 100:g} % asked{_more(needed, None, units)}"
    known = trials > 0
    return LimitVerdict(
        limit,
        outcome,
        trials,
        rate if known else None,
        rate.lower if known else None,
        rate.upper if known else None,
        needed,
        reason,
    )


def _more(needed: int | None, said: int | None, units: str) -> str:
    if needed is None:
        return f"; no number of {units} would decide it at this rate"
    if needed == said:
        return ""
    return f"; about {needed} {units} would decide it, if it goes on like this"
