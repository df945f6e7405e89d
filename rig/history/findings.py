"""What a series of nights has to tell, each thing once: steps of one night together, the fading of one car together.

Ten cars that grew slower on one night, each in two figures, are one piece of news and not twenty. Pure.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from rig.history.bench_changes import BenchChange, changes_between
from rig.history.judging import CONFIRMING_NIGHTS, judge_all
from rig.history.nights import FLEET, Night, Series, Skipped, series_of
from rig.history.shapes import Judgement, Shape, Step

_NEIGHBOURS = 1
"""Steps this many nights apart are one: noise may move a change point by a night."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of news. `night` is that of a step; `effects` are by figure the median change of its series, per night
    for a drift, relative or in points of a share; `changed` what was different on the bench that night."""

    shape: Shape
    family: str
    subjects: tuple[str, ...]
    metrics: tuple[str, ...]
    is_share: bool
    effects: dict[str, float]
    night: int | None
    members: tuple[Judgement, ...]
    changed: tuple[BenchChange, ...] = ()

    @property
    def effect(self) -> float:
        """The largest of the effects."""
        return max(self.effects.values(), key=abs)


@dataclass(frozen=True, slots=True)
class Trend:
    """All there is to say about a series of nights."""

    title: str
    nights: tuple[Night, ...]
    skipped: tuple[Skipped, ...]
    judgements: tuple[Judgement, ...]
    findings: tuple[Finding, ...]
    pending: tuple[Finding, ...]
    """Steps that further nights may confirm."""
    changes: tuple[tuple[int, tuple[BenchChange, ...]], ...]
    """What changed on the bench, by the night on which it was different first."""
    nights_needed: int
    """How many nights more until anything can be said; 0 once it can."""


def trend_of(title: str, nights: Sequence[Night], skipped: Sequence[Skipped] = ()) -> Trend:
    """Judges the nights, which may come in any order but have different numbers."""
    ordered = sorted(nights, key=lambda night: night.number)
    judgements = judge_all(series_of(ordered))
    changes = {
        after.number: changes_between(before.bench, after.bench)
        for before, after in itertools.pairwise(ordered)
    }
    steps = [
        (step, judgement)
        for judgement in judgements
        if judgement.shape is Shape.STEP
        for step in judgement.steps
    ]
    waiting = [(judgement.pending, judgement) for judgement in judgements if judgement.pending is not None]
    early = [judgement.nights_needed for judgement in judgements if judgement.shape is Shape.TOO_EARLY]
    return Trend(
        title,
        tuple(ordered),
        tuple(skipped),
        judgements,
        (*_drifts(judgements), *_stepped(steps, changes)),
        tuple(_stepped(waiting, changes)),
        tuple((night, changed) for night, changed in changes.items() if changed),
        min(early) if len(early) == len(judgements) and early else 0,
    )


def _drifts(judgements: Sequence[Judgement]) -> list[Finding]:
    """One finding for each car that drifts, and one for the fleet: with it go the cars that drift as it does."""
    drifting = [judgement for judgement in judgements if judgement.shape is Shape.DRIFT]
    fleets = {each.series.metric: each for each in drifting if each.series.covers}
    together: dict[tuple[str, str, bool], list[Judgement]] = {}
    for judgement in drifting:
        series, fleet = judgement.series, fleets.get(judgement.series.metric)
        subject = FLEET if fleet is not None and _agree(judgement, fleet) else series.subject
        together.setdefault((series.family, subject, series.is_share), []).append(judgement)
    findings = []
    for (family, _, is_share), members in together.items():
        effects = [(each.series.metric, each.drift.per_night) for each in members if each.drift is not None]
        findings.append(
            Finding(
                Shape.DRIFT,
                family,
                _unique(subject for each in members for subject in each.series.subjects),
                _unique(each.series.metric for each in members),
                is_share,
                _medians(effects),
                None,
                tuple(members),
            )
        )
    return findings


def _agree(one: Judgement, other: Judgement) -> bool:
    """Whether one drifts as the other: their bounds meet, or they differ by less than half of it."""
    a, b = one.drift, other.drift
    assert a is not None
    assert b is not None
    meet = a.lower <= b.upper and b.lower <= a.upper
    return meet or abs(a.per_night - b.per_night) < abs(b.per_night) / 2.0


def _stepped(
    steps: Sequence[tuple[Step, Judgement]], changes: dict[int, tuple[BenchChange, ...]]
) -> list[Finding]:
    """Steps of one kind of soak, of one direction and of one night are one finding."""
    groups: list[list[tuple[Step, Judgement]]] = []
    for step, judgement in sorted(steps, key=lambda pair: pair[0].night):
        series = judgement.series
        for group in groups:
            first, other = group[0][0], group[0][1].series
            if (
                step.night - first.night <= _NEIGHBOURS
                and (series.family, series.is_share) == (other.family, other.is_share)
                and (step.change > 0.0) == (first.change > 0.0)
            ):
                group.append((step, judgement))
                break
        else:
            groups.append([(step, judgement)])
    order = {id(judgement): place for place, (_, judgement) in enumerate(steps)}
    return [_step_finding(sorted(group, key=lambda pair: order[id(pair[1])]), changes) for group in groups]


def _step_finding(
    group: Sequence[tuple[Step, Judgement]], changes: dict[int, tuple[BenchChange, ...]]
) -> Finding:
    nights = [step.night for step, _ in group]
    night = max(sorted(set(nights)), key=nights.count)
    series: list[Series] = [judgement.series for _, judgement in group]
    return Finding(
        Shape.STEP,
        series[0].family,
        _unique(subject for each in series for subject in each.subjects),
        _unique(each.metric for each in series),
        series[0].is_share,
        _medians([(judgement.series.metric, step.change) for step, judgement in group]),
        night,
        tuple(judgement for _, judgement in group),
        changes.get(night, ()),
    )


def nights_to_confirm(finding: Finding) -> int:
    """How many nights more a pending step needs until one of its figures confirms it."""
    return min(
        (CONFIRMING_NIGHTS - member.pending.confirmed_by for member in finding.members if member.pending),
        default=0,
    )


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _medians(effects: Sequence[tuple[str, float]]) -> dict[str, float]:
    """By figure, the median of its effects."""
    names = _unique(metric for metric, _ in effects)
    return {name: median(effect for metric, effect in effects if metric == name) for name in names}
