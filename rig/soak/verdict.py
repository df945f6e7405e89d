"""From cycles to verdicts: each limit for each car, each car, each set, the run.

A limit is PASS when the confidence bound of the figure lies inside it, FAIL when it lies outside, and
INCONCLUSIVE while the limit is between the bounds; then `needed` says how many cycles would decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rig.soak.outcome import CycleOutcome, Outcome, worst
from rig.soak.plan import Figure, Limit, Loss
from rig.soak.statistics import (
    Rate,
    Reading,
    Sample,
    lower_bound,
    quantile,
    quantile_trials_needed,
    rate_trials_needed,
    samples_needed,
    upper_bound,
    wilson,
)


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a verdict needs to know of one finished cycle. Latencies are in seconds: None when there is none
    (no loss was made, or the bench failed), and "at least" that much when `outcome` is TIMEOUT. `held`: the
    link did not go by itself before it was broken."""

    loss: Loss
    outcome: CycleOutcome
    reconnect_s: float | None
    recovery_s: float | None
    held: bool = True


@dataclass(frozen=True, slots=True)
class LimitVerdict:
    """One limit judged for one car. `value`, `lower` and `upper` are the figure and its one-sided bounds, in
    seconds or as a rate; `n` the cycles they rest on; `needed` the cycles that would decide, when known."""

    limit: Limit
    outcome: Outcome
    n: int
    value: Reading | Rate | None
    lower: Reading | float | None
    upper: Reading | float | None
    needed: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class CarVerdict:
    """One car judged: its worst limit decides; `label` names it in every reason."""

    label: str
    outcome: Outcome
    limits: tuple[LimitVerdict, ...]
    reasons: tuple[str, ...]


_RATE_WORDS = {
    Figure.FIRST_ATTEMPT: "came back at the first attempt",
    Figure.SUCCESS: "came back in time",
    Figure.HELD: "held their link until it was broken",
}


def samples_of(cycles: Iterable[Cycle], figure: Figure) -> list[Sample]:
    """The latencies of a figure; timeouts stay in, as censored."""
    samples = []
    for cycle in cycles:
        value = cycle.reconnect_s if figure is Figure.RECONNECT else cycle.recovery_s
        if value is not None:
            samples.append(Sample(cycle.outcome is CycleOutcome.TIMEOUT, value))
    return samples


def successes_of(cycles: Iterable[Cycle], figure: Figure) -> tuple[int, int]:
    """(successes, trials) of a rate; cycles the bench spoiled are no trials."""
    good = {CycleOutcome.OK} if figure is Figure.FIRST_ATTEMPT else {CycleOutcome.OK, CycleOutcome.FLAKY}
    counted = [cycle for cycle in cycles if cycle.outcome is not CycleOutcome.VOID]
    if figure is Figure.HELD:
        return sum(cycle.held for cycle in counted), len(counted)
    return sum(cycle.outcome in good for cycle in counted), len(counted)


def judge_car(
    label: str,
    cycles: Sequence[Cycle],
    limits: Sequence[Limit],
    bench: str | None,
    *,
    given_up: str | None = None,
    planned: int | None = None,
) -> CarVerdict:
    """Judges one car. `bench` says why its part of the run could not be finished, if the bench failed it;
    `given_up` why the car was left alone, which fails it; `planned` how many cycles there should be, for a car
    that did not run them all has not passed."""
    judged = tuple(judge_limit(label, cycles, limit) for limit in limits)
    outcome = worst(verdict.outcome for verdict in judged)
    if bench is not None:
        outcome = Outcome.ERROR
        # that a broken bench leaves things open is no news, nor that a car it never reached did not answer
        reasons = [f"{label}: {bench}"]
        if any(cycle.reconnect_s is not None for cycle in cycles):
            reasons += [verdict.reason for verdict in judged if verdict.outcome is Outcome.FAIL]
    elif given_up is not None:
        outcome = worst([outcome, Outcome.FAIL])
        reasons = [f"{label}: given up: {given_up}"]
        reasons += [verdict.reason for verdict in judged if verdict.outcome is outcome]
    elif outcome is Outcome.PASS and planned is not None and len(cycles) < planned:
        outcome = Outcome.INCONCLUSIVE
        reasons = [f"{label}: {planned - len(cycles)} of {planned} cycles were not run"]
    else:
        reasons = [verdict.reason for verdict in judged if verdict.outcome is outcome]
    return CarVerdict(label, outcome, judged, tuple(reasons))


def judge_limit(label: str, cycles: Sequence[Cycle], limit: Limit) -> LimitVerdict:
    """Judges one limit over a car's cycles; the reason names the car, the figure and the limit."""
    chosen = [cycle for cycle in cycles if limit.loss is None or cycle.loss is limit.loss]
    if limit.figure.is_latency:
        return _judge_quantile(label, samples_of(chosen, limit.figure), limit)
    return _judge_rate(label, *successes_of(chosen, limit.figure), limit)


def _judge_quantile(label: str, samples: Sequence[Sample], limit: Limit) -> LimitVerdict:
    assert limit.quantile is not None
    assert limit.at_most_s is not None
    q, most_s, n = limit.quantile, limit.at_most_s, len(samples)
    value = quantile(samples, q)
    upper, lower = upper_bound(samples, q, limit.confidence), lower_bound(samples, q, limit.confidence)
    figure = f"P{q * 100:g} of {limit.figure}"
    sure = f"{limit.confidence * 100:g} % confidence, {n} cycles"
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
            why = f"{n} cycles are too few to bound it: {least} are the least that can"
        else:
            why = f"{inside} of {n} cycles were within the limit of {most_s:g} s, which leaves it open"
        reason = f"{label}: {figure} not shown: {why}{_more(needed, least if n < least else None)}"
    return LimitVerdict(limit, outcome, n, value, lower, upper, needed, reason)


def _judge_rate(label: str, successes: int, trials: int, limit: Limit) -> LimitVerdict:
    assert limit.at_least is not None
    least = limit.at_least
    rate = wilson(successes, trials, limit.confidence, two_sided=False)
    what = _RATE_WORDS[limit.figure]
    seen = f"{successes} of {trials} cycles {what}"
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
        reason = f"{label}: {seen}: {bounds}, {least * 100:g} % asked{_more(needed, None)}"
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


def _more(needed: int | None, said: int | None) -> str:
    if needed is None:
        return "; no number of cycles would decide it at this rate"
    if needed == said:
        return ""
    return f"; about {needed} cycles would decide it, if it goes on like this"
