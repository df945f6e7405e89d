"""What every report is made of, before anybody decides how it looks: parts, cars, verdicts, figures by name.

Text, JSON, JUnit and HTML are all made from these values alone, so they cannot disagree. Each kind of soak has a
`PartReport` of its own. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rig.report.diagnosis.model import DiagnosisReport
from rig.report.metric import Metric
from rig.soak.outcome import Outcome, worst
from rig.soak.verdict import Verdict
from rig.store.preflight import BenchFault
from rig.store.rows import ClockRow, GapRow, LegRow, PartRow, RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CarReport:
    """One car in one part. `done` of `planned` units were run, which took it `busy_s`; `bay` is its place on the bench,
    when it has one."""

    set_name: str
    label: str
    identifier: int
    model: str | None
    firmware: int | None
    verdict: Verdict
    done: int
    planned: int
    busy_s: float
    given_up: str | None
    bench_error: str | None
    bay: str | None = None


@dataclass(frozen=True, slots=True)
class SharedReasons:
    """Why subjects did not pass; those with the same reasons stand together. `who` names them in a few words."""

    outcome: Outcome
    who: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Something left out of the figures, and why."""

    label: str
    unit: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReport:
    """One plan of a run. `unit` is what it repeats, in words; `headline` the verdict in plain words; `ended_s` the last
    run second on record; `gaps` those of
    the whole run; `others` are verdicts on what is no car: sets, or the bench."""

    row: PartRow
    unit: str
    description: str
    outcome: Outcome
    headline: str
    cars: tuple[CarReport, ...]
    legs: tuple[LegRow, ...]
    gaps: tuple[GapRow, ...]
    exclusions: tuple[Exclusion, ...]
    metrics: tuple[Metric, ...]
    ended_s: float
    others: tuple[Verdict, ...] = ()

    @property
    def set_names(self) -> tuple[str, ...]:
        """The sets, in their order."""
        return tuple(dict.fromkeys(car.set_name for car in self.cars))

    @property
    def done(self) -> int:
        """How many units were run, counted per car."""
        return sum(car.done for car in self.cars)

    @property
    def planned(self) -> int:
        """How many were to be run, counted per car."""
        return sum(car.planned for car in self.cars)

    @property
    def reasons(self) -> tuple[SharedReasons, ...]:
        """Why cars, or whatever else is judged, did not pass, without saying the same thing once per car."""
        together: dict[tuple[Outcome, tuple[str, ...]], list[str]] = {}
        for verdict in (*(car.verdict for car in self.cars), *self.others):
            if verdict.outcome is not Outcome.PASS:
                texts = tuple(reason.removeprefix(f"{verdict.label}: ") for reason in verdict.reasons)
                together.setdefault((verdict.outcome, texts), []).append(verdict.label)
        return tuple(
            SharedReasons(outcome, who(labels, len(self.cars)), texts)
            for (outcome, texts), labels in together.items()
        )


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run. `headline` is the verdict in plain words; `ended_s` the last run second on record; `is_live`
    says that somebody is still working on it, so that everything is as of now. `bench_faults` are what the self-test of the bench
    found before the first leg."""

    run: RunRow
    description: str
    outcome: Outcome
    headline: str
    parts: tuple[PartReport, ...]
    gaps: tuple[GapRow, ...]
    versions: dict[str, str]
    ended_s: float
    is_live: bool = False
    diagnosis: DiagnosisReport | None = None
    clock: tuple[ClockRow, ...] = ()
    bench_faults: tuple[BenchFault, ...] = ()

    @property
    def car_outcomes(self) -> dict[str, Outcome]:
        """Each car by its label, as its worst part judged it."""
        found: dict[str, list[Outcome]] = {}
        for part in self.parts:
            for car in part.cars:
                found.setdefault(car.label, []).append(car.verdict.outcome)
        return {label: worst(outcomes) for label, outcomes in found.items()}

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The figures of all parts by name; of parts with the same plan, each has its own."""
        return tuple(metric for part in self.parts for metric in part.metrics)


def run_outcome(run: RunRow, parts: Sequence[Outcome], *, live: bool = False) -> Outcome:
    """A run that was not finished is ABORTED, whatever its cars did so far, or ERROR if the bench ended it; one
    that somebody works on is as its parts are by now."""
    if run.status == "finished" or live:
        return worst(parts)
    return Outcome.ERROR if run.outcome == Outcome.ERROR else Outcome.ABORTED


def who(labels: Sequence[str], out_of: int) -> str:
    """Cars by name, unless it is all of them."""
    return f"all {out_of} cars" if 2 < out_of == len(labels) else ", ".join(labels)


def headline_of(outcome: Outcome, cars: Sequence[CarReport], *, passed: str, unit: str) -> str:
    """A part's verdict in plain words, as it is for every kind that judges cars; `passed` is what is said when all
    did (`reconnect within their limits`)."""

    def named(wanted: Outcome) -> str:
        return who([car.label for car in cars if car.verdict.outcome is wanted], len(cars))

    match outcome:
        case Outcome.PASS:
            return f"All {len(cars)} cars {passed}."
        case Outcome.FAIL:
            fine = sum(car.verdict.outcome is Outcome.PASS for car in cars)
            return f"Not fit to race: {named(Outcome.FAIL)}. {fine} of {len(cars)} cars passed."
        case Outcome.ERROR:
            also = f" Not fit to race: {named(Outcome.FAIL)}." if named(Outcome.FAIL) else ""
            return f"The bench failed, so nothing is said about {named(Outcome.ERROR)}.{also}"
    needed = [limit.needed for car in cars for limit in car.verdict.limits if limit.needed is not None]
    more = f" About {max(needed)} {unit}s per car would decide it." if needed else ""
    return f"Too little data to tell about {named(Outcome.INCONCLUSIVE)}.{more}"
