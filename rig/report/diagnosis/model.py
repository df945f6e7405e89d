"""From first tries to blame: how flaky each car, bay, adapter and host is, and which of them is the cause. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rig.statistics.crossover import Diagnosis, Finding, Part, Trials, diagnose
from rig.statistics.flakiness import Flakiness, Tries, flakiness
from rig.store.tries import TryRow

BUDGET = 0.05
"""The share of first tries that may fail before something is called flaky."""


@dataclass(frozen=True, slots=True)
class PartRates:
    """How flaky each one of a kind is, the worst first."""

    part: Part
    rates: tuple[Flakiness, ...]


@dataclass(frozen=True, slots=True)
class Blame:
    """What some runs say of one thing that is tried (`what`, e.g. charge): the run ids, a diagnosis, and the rates of
    each kind of part of which there was one or more."""

    what: str
    run_ids: tuple[str, ...]
    diagnosis: Diagnosis
    parts: tuple[PartRates, ...]

    @property
    def title(self) -> str:
        """What was tried, and the runs, in a few words."""
        plural = {"life": "lives"}.get(self.what, f"{self.what}s")
        return f"{plural} of {'this run' if len(self.run_ids) == 1 else f'the last {len(self.run_ids)} runs'}"

    @property
    def flagged(self) -> tuple[tuple[Part, Flakiness], ...]:
        """What is surely flakier than it may be."""
        return tuple((kind.part, one) for kind in self.parts for one in kind.rates if one.is_flagged)

    @property
    def sentence(self) -> str:
        """The diagnosis, and what it cannot know."""
        blamed = {cause.part for cause in self.diagnosis.causes}
        known = {kind.part for kind in self.parts}
        if Part.CAR in blamed and Part.BAY not in known:
            return f"{self.diagnosis.sentence} No bays are on record, so its place may matter too."
        return self.diagnosis.sentence


@dataclass(frozen=True, slots=True)
class DiagnosisReport:
    """Blame in one run, thing by thing, and over that run and those before it (empty for a first run)."""

    this_run: tuple[Blame, ...]
    lately: tuple[Blame, ...]

    @property
    def blames(self) -> tuple[Blame, ...]:
        """All, those of the run first."""
        return self.this_run + self.lately

    @property
    def longest(self) -> tuple[Blame, ...]:
        """For each thing the one over most runs."""
        return self.lately or self.this_run

    @property
    def telling(self) -> tuple[Blame, ...]:
        """Those that lay blame, or cannot decide between two."""
        return tuple(blame for blame in self.blames if blame.diagnosis.finding is not Finding.NOTHING)


def diagnosis_of(tries: Sequence[TryRow], run: int) -> DiagnosisReport | None:
    """The diagnosis of a run from its tries and those of runs before it; None without a try of its own."""
    own = [row for row in tries if row.run == run]
    if not own:
        return None
    earlier = any(row.run != run for row in tries)
    return DiagnosisReport(_blames(own), _blames(tries) if earlier else ())


def _blames(tries: Sequence[TryRow]) -> tuple[Blame, ...]:
    whats = dict.fromkeys(row.what for row in tries)
    return tuple(_blame(what, [row for row in tries if row.what == what]) for what in whats)


def _blame(what: str, tries: Sequence[TryRow]) -> Blame:
    diagnosis = diagnose(
        Trials(row.car, row.bay, row.adapter, row.host, row.failed_first, row.tried) for row in tries
    )
    parts = (PartRates(part, flakiness(_by_part(tries, part), budget=BUDGET)) for part in Part)
    return Blame(
        what,
        tuple(dict.fromkeys(row.run_id for row in tries)),
        diagnosis,
        tuple(kind for kind in parts if kind.rates),
    )


def _by_part(tries: Sequence[TryRow], part: Part) -> list[Tries]:
    names = {
        Part.CAR: [row.car for row in tries],
        Part.BAY: [row.bay for row in tries],
        Part.ADAPTER: [row.adapter for row in tries],
        Part.HOST: [row.host for row in tries],
    }[part]
    return [
        Tries(name, row.run_id, row.tried, row.failed_first, row.passed_on_retry)
        for name, row in zip(names, tries, strict=True)
        if name
    ]
