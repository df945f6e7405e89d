"""One run against another: what is different, how much, how sure, and what was different on the bench. Pure.

Two runs are two nights, so a difference says only that these nights differ; which of them is the odd one, and
whether it lasts, takes `pitboard trend`. Attempts of one car resemble each other, so bounds come from drawing
whole cars, and p from swapping the nights car by car: eight cars can show one chance in 128 at best, and that only
when all of them move the same way. That is too little for Holm's correction over all figures, so those p-values
are corrected for the rate of false discoveries (Benjamini & Hochberg, 1995), and bounds at the confidence that the
number of figures asks for (Bonferroni) count as well. A car that moved alone is found among
its own samples, where Holm's correction over all cars and figures is no hardship.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median

from scipy.stats import false_discovery_control

from rig.history.bench_changes import BenchChange, changes_between
from rig.history.nights import is_count
from rig.history.shares import same_share_p
from rig.report.metric import Metric
from rig.soak.outcome import Outcome
from rig.statistics.comparison import (
    Shift,
    cliffs_delta,
    cluster_bootstrap,
    hodges_lehmann,
    holm,
    mann_whitney,
)
from rig.statistics.survival import Observation, log_rank

ALPHA = 0.05
CONFIDENCE = 0.95
LEAST_CARS = 5
"""Of fewer, drawing whole cars tells too little."""
LEAST_CHANGE = 0.05
"""Smaller differences are not pointed at, relative or in points of a share."""
_SEED = 20261122
_MOST_ENUMERATED = 14
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class RunFigures:
    """A run as the comparison sees it. `samples` are by the name of a metric's quantity (`reconnect` of
    `reconnect.p50_s`) and by car, in seconds; `lives` by car; `verdicts` by car."""

    run_id: str
    outcome: Outcome
    metrics: tuple[Metric, ...]
    bench: Mapping[str, str]
    verdicts: Mapping[str, Outcome]
    samples: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)
    lives: Mapping[str, Sequence[Observation]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure over all cars that both runs have (or over the set or the run): its median over them before and
    after, `change` relative or in points of a share, the `shift` in its unit with bounds, Cliff's delta from -1 to
    1, and p corrected for all figures. `p` is None where there are too few cars for any. `is_sure`: bounds that are
    as wide as the number of figures asks for leave no difference out."""

    metric: str
    unit: str
    better: str
    subjects: tuple[str, ...]
    before: float
    after: float
    change: float
    shift: Shift
    delta: float
    p: float | None
    is_sure: bool

    @property
    def is_share(self) -> bool:
        """Whether values are shares, whose changes count in points."""
        return self.unit == "share"

    @property
    def stands_out(self) -> bool:
        """Large enough to matter, and not to be had by chance, by either test."""
        shown = self.is_sure or (self.p is not None and self.p <= ALPHA)
        return abs(self.change) >= LEAST_CHANGE and shown

    @property
    def is_worse(self) -> bool:
        """Whether the later run is the worse one."""
        return (self.change > 0.0) == (self.better == "low")


@dataclass(frozen=True, slots=True)
class CarDifference:
    """One car that differs by its own samples; `test` says how that was found."""

    car: str
    what: str
    before: float
    after: float
    unit: str
    p: float
    test: str


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A car judged differently; None where a run did not have it."""

    car: str
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything there is to say about two runs."""

    before: RunFigures
    after: RunFigures
    differences: tuple[Difference, ...]
    lives_p: float | None
    """Log-rank over all battery lives; None without lives on either side."""
    cars: tuple[CarDifference, ...]
    verdicts: tuple[VerdictChange, ...]
    changed: tuple[BenchChange, ...]


def compare(before: RunFigures, after: RunFigures) -> Comparison:
    """Compares the later run with the earlier."""
    everybody = [life for car in before.lives.values() for life in car]
    everybody_then = [life for car in after.lives.values() for life in car]
    both = everybody and everybody_then
    return Comparison(
        before,
        after,
        _differences(before, after),
        log_rank({"before": everybody, "after": everybody_then}).p if both else None,
        _cars(before, after),
        _verdicts(before.verdicts, after.verdicts),
        changes_between(before.bench, after.bench),
    )


def sign_flip_p(differences: Sequence[float]) -> float | None:
    """Two-sided p-value of paired differences being as likely up as down: the share of all ways to swap the two
    nights of each car that move the mean as far. None below five pairs, which cannot show one chance in twenty,
    exact up to fourteen; of more pairs only the fourteen that moved furthest are swapped, which errs towards 1."""
    moved = sorted((d for d in differences if d), key=abs)[-_MOST_ENUMERATED:]
    if len(differences) < 5:
        return None
    if not moved:
        return 1.0
    seen = abs(sum(moved)) * (1.0 - _ROUNDING)
    ways = itertools.product((1.0, -1.0), repeat=len(moved))
    as_far = sum(abs(sum(sign * d for sign, d in zip(signs, moved, strict=True))) >= seen for signs in ways)
    return float(as_far / 2 ** len(moved))


def _differences(before: RunFigures, after: RunFigures) -> tuple[Difference, ...]:
    old, new = _by_metric(before.metrics), _by_metric(after.metrics)
    found: list[tuple[Difference, float | None]] = []
    for key, was in old.items():
        now = new.get(key, {})
        subjects = tuple(subject for subject in was if subject in now)
        if subjects:
            doubt = ALPHA / len(old)
            one, other = [was[s] for s in subjects], [now[s] for s in subjects]
            found.append(_difference(one, other, before, after, doubt=doubt))
    tested = [p for _, p in found if p is not None]
    corrected = iter(false_discovery_control(tested) if tested else [])
    return tuple(
        difference if p is None else replace(difference, p=float(next(corrected))) for difference, p in found
    )


def _by_metric(metrics: Sequence[Metric]) -> dict[tuple[str, str], dict[str, Metric]]:
    """By name and kind of subject; of each name only the finest kind."""
    kinds = ("car", "set", "run")
    found: dict[tuple[str, str], dict[str, Metric]] = {}
    for metric in metrics:
        found.setdefault((metric.name, metric.subject_kind), {})[metric.subject] = metric
    finest = {name: min((k for n, k in found if n == name), key=kinds.index) for name, _ in found}
    return {key: subjects for key, subjects in found.items() if finest[key[0]] == key[1]}


def _difference(
    was: Sequence[Metric], now: Sequence[Metric], before: RunFigures, after: RunFigures, *, doubt: float
) -> tuple[Difference, float | None]:
    """One figure over the same subjects, and its p-value before it is corrected."""
    one, subjects = was[0], tuple(metric.subject for metric in was)
    old, new = [metric.value for metric in was], [metric.value for metric in now]
    quantity = one.name.partition(".")[0]
    raw_was, raw_now = before.samples.get(quantity, {}), after.samples.get(quantity, {})
    is_median = one.name.endswith(".p50_s") and all(raw_was.get(s) and raw_now.get(s) for s in subjects)
    a = {s: raw_was[s] if is_median else [value] for s, value in zip(subjects, old, strict=True)}
    b = {s: raw_now[s] if is_median else [value] for s, value in zip(subjects, new, strict=True)}
    pooled_a, pooled_b = list(itertools.chain(*a.values())), list(itertools.chain(*b.values()))
    is_share = one.unit == "share"
    middle = fmean if is_share else median
    bounds = cluster_bootstrap(a, b, lambda x: float(middle(x)), seed=_SEED, confidence=CONFIDENCE)
    wide = cluster_bootstrap(a, b, lambda x: float(middle(x)), seed=_SEED, confidence=1.0 - doubt)
    value = bounds.value if is_share else hodges_lehmann(pooled_a, pooled_b, CONFIDENCE).value
    level, level_now = float(middle(old)), float(middle(new))
    return Difference(
        one.name,
        one.unit,
        one.better,
        subjects,
        level,
        level_now,
        _change(level, level_now, is_share),
        Shift(value, bounds.lower, bounds.upper),
        cliffs_delta(pooled_a, pooled_b),
        None,
        len(subjects) >= LEAST_CARS and wide.excludes_zero,
    ), sign_flip_p([_paired(x, y, is_share) for x, y in zip(old, new, strict=True)])


def _paired(old: float, new: float, is_share: bool) -> float:
    return new - old if is_share or min(old, new) <= 0.0 else math.log(new / old)


def _change(before: float, after: float, is_share: bool) -> float:
    if is_share:
        return after - before
    return (after - before) / abs(before) if before else 0.0


def _cars(before: RunFigures, after: RunFigures) -> tuple[CarDifference, ...]:
    """Cars that differ by their own attempts, lives or successes."""
    tested = [*_by_samples(before, after), *_by_lives(before, after), *_by_shares(before, after)]
    corrected = holm([car.p for car in tested])
    return tuple(
        CarDifference(car.car, car.what, car.before, car.after, car.unit, p, car.test)
        for car, p in zip(tested, corrected, strict=True)
        if p <= ALPHA and abs(_change(car.before, car.after, car.unit == "share")) >= LEAST_CHANGE
    )


def _by_samples(before: RunFigures, after: RunFigures) -> list[CarDifference]:
    found = []
    for quantity, cars in before.samples.items():
        for car, was in cars.items():
            now = after.samples.get(quantity, {}).get(car, ())
            if was and now:
                p = mann_whitney(was, now)
                found.append(CarDifference(car, quantity, median(was), median(now), "s", p, "Mann-Whitney"))
    return found


def _by_lives(before: RunFigures, after: RunFigures) -> list[CarDifference]:
    found = []
    for car, was in before.lives.items():
        now = after.lives.get(car, ())
        if was and now:
            p = log_rank({"before": was, "after": now}).p
            old, new = median(life.time_s for life in was), median(life.time_s for life in now)
            found.append(CarDifference(car, "battery life", old, new, "s", p, "log-rank"))
    return found


def _by_shares(before: RunFigures, after: RunFigures) -> list[CarDifference]:
    found = []
    then = {(metric.name, metric.subject): metric for metric in after.metrics}
    for was in before.metrics:
        now = then.get((was.name, was.subject))
        if was.unit != "share" or was.subject_kind != "car" or now is None or not _are_counts(was, now):
            continue
        p = same_share_p((round(was.value * was.n), round(now.value * now.n)), (was.n, now.n))
        found.append(CarDifference(was.subject, was.name, was.value, now.value, "share", p, "Fisher"))
    return found


def _are_counts(was: Metric, now: Metric) -> bool:
    return is_count(was.value, was.n) and is_count(now.value, now.n)


def _verdicts(before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> tuple[VerdictChange, ...]:
    return tuple(
        VerdictChange(car, before.get(car), after.get(car))
        for car in dict.fromkeys([*before, *after])
        if before.get(car) is not after.get(car)
    )
