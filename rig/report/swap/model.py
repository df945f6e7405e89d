"""The figures of a swap part: step by step, set by set, car by car, the nemesis's faults and the invariants. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocol.models import model_name
from rig.report.metric import Metric
from rig.report.model import CarReport, Exclusion, PartReport, who
from rig.rotation.invariants import INVARIANTS, Breach, Findings
from rig.soak.outcome import Outcome, worst
from rig.soak.plan_file import parse_head
from rig.soak.swap.figures import (
    car_successes,
    faults_met,
    is_complete,
    is_fair,
    is_spoiled,
    judge_car,
    judge_faults,
    judge_set,
    strikes_by_kind,
    successes,
    total_samples,
)
from rig.soak.swap.history import check_journal
from rig.soak.swap.nemesis import ANSWERS, FaultKind, Strike
from rig.soak.swap.plan import SwapPlan, parse_swap
from rig.soak.swap.row import taken_out_of
from rig.soak.swap.steps import Step, SwapOutcome
from rig.soak.verdict import Circumstances, Verdict, verdict_of
from rig.statistics.quantiles import Interval, Reading, Sample, interval, quantile
from rig.statistics.rates import Rate, wilson
from rig.store.queries import StoredRun
from rig.store.rows import CarRow
from rig.store.swaps import SwapRow
from rig.toml_tables import parse_toml

QUANTILES = (0.5, 0.9, 0.95)
CONFIDENCE = 0.95
"""Of the two-sided intervals shown beside figures; limits carry their own."""


@dataclass(frozen=True, slots=True)
class TimeFigures:
    """A time over some swaps, in seconds: quantiles with their intervals, the mean of the complete ones, the largest."""

    n: int
    quantiles: tuple[tuple[float, Reading | None, Interval], ...]
    mean_s: float | None
    largest: Reading | None


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step of the swap, over the fair swaps that were complete; `retries` over all of them is the swap's."""

    step: Step
    times: TimeFigures


@dataclass(frozen=True, slots=True)
class FaultFigures:
    """One kind of fault: how often it was drawn, took effect, was answered rightly and was not, with the right answer
    in words; `moot` are those that could not be answered, because something else ended the swap."""

    kind: FaultKind
    answer: str
    drawn: int
    struck: int
    met: int
    not_met: int
    moot: int
    missed: tuple[Strike, ...]


@dataclass(frozen=True, slots=True)
class InvariantFigures:
    """One invariant over the journal: how often it was checked, where it was broken."""

    name: str
    checked: int
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapCar(CarReport):
    """One car: fair swaps that went through with it, and why it was taken out of others."""

    went_through: Rate
    reasons: tuple[tuple[int, str], ...]
    """(swap, why) of each time it was taken out in a fair swap."""


@dataclass(frozen=True, slots=True)
class SwapSet:
    """The swaps in which this set leaves."""

    name: str
    verdict: Verdict
    total: TimeFigures
    success: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapPart(PartReport):
    """A swap plan as it went. `steps` is the waterfall: where the time of a swap goes."""

    plan: SwapPlan
    cars: tuple[SwapCar, ...]
    sets: tuple[SwapSet, ...]
    total: TimeFigures
    success: Rate
    faults_met: Rate
    steps: tuple[StepFigures, ...]
    outcomes: dict[SwapOutcome, int]
    faults: tuple[FaultFigures, ...]
    invariants: tuple[InvariantFigures, ...]
    rows: tuple[SwapRow, ...]

    @property
    def done(self) -> int:
        """Swaps, not swaps per car."""
        return len(self.rows)

    @property
    def planned(self) -> int:
        """As the plan has it."""
        return self.plan.swaps


def part_of(stored: StoredRun) -> SwapPart:
    """Judges one part of a run and gathers its figures."""
    (row,) = stored.parts
    root = parse_toml(row.plan_text, source=f"the plan of run {stored.run.run_id}")
    head = parse_head(root, row.kind, row.plan_text)
    plan = parse_swap(root, head)
    rows = stored.swaps
    names = list(dict.fromkeys(car.set_name for car in stored.cars))
    cars = tuple(_car(stored, plan, car) for car in stored.cars)
    sets = tuple(_set(plan, name, rows) for name in names)
    invariants = _invariants(stored, plan)
    others = (*(group.verdict for group in sets), *_others(plan, rows, invariants))
    outcome = worst([*(car.verdict.outcome for car in cars), *(verdict.outcome for verdict in others)])
    times = [row for row in rows if is_fair(row) and is_complete(row)]
    return SwapPart(
        row=row,
        unit="swap",
        description=head.description,
        outcome=outcome,
        headline=_headline(outcome, cars, others, rows, plan),
        cars=cars,
        legs=stored.legs,
        gaps=stored.gaps,
        exclusions=tuple(_exclusions(stored, cars, rows)),
        metrics=tuple(_metrics(cars, sets, rows)),
        ended_s=max((row.ended_s for row in rows), default=0.0),
        others=others,
        plan=plan,
        sets=sets,
        total=_figures(total_samples(rows)),
        success=wilson(*successes(rows), CONFIDENCE),
        faults_met=wilson(
            *faults_met(strike for found in strikes_by_kind(rows).values() for strike in found), CONFIDENCE
        ),
        steps=tuple(StepFigures(step, _figures(_step_samples(times, step))) for step in Step),
        outcomes={kind: sum(row.outcome == kind for row in rows) for kind in SwapOutcome},
        faults=tuple(_fault(kind, found) for kind, found in strikes_by_kind(rows).items()),
        invariants=invariants,
        rows=rows,
    )


def _car(stored: StoredRun, plan: SwapPlan, car: CarRow) -> SwapCar:
    rows = stored.swaps
    left = next((row for row in stored.left_alone if row.identifier == car.identifier), None)
    given_up, bench = (None, None) if left is None else (left.given_up, left.bench_error)
    verdict = verdict_of(
        car.label,
        judge_car(car.label, rows, car.identifier, plan.limits),
        Circumstances(len(rows), plan.swaps, bench=bench, given_up=given_up),
        units="swaps",
    )
    return SwapCar(
        set_name=car.set_name,
        label=car.label,
        identifier=car.identifier,
        model=None if car.model_id is None else model_name(car.model_id),
        firmware=car.firmware,
        verdict=verdict,
        done=len(rows),
        planned=plan.swaps,
        busy_s=sum(row.ended_s - row.began_s for row in rows),
        given_up=given_up,
        bench_error=bench,
        went_through=wilson(*car_successes(rows, car.identifier), CONFIDENCE),
        reasons=tuple(
            (row.swap, taken.why)
            for row in rows
            if is_fair(row)
            for taken in taken_out_of(row)
            if taken.car == car.identifier
        ),
    )


def _set(plan: SwapPlan, name: str, rows: Sequence[SwapRow]) -> SwapSet:
    leaving = [row for row in rows if row.from_set == name]
    verdict = verdict_of(
        f"set {name}", judge_set(name, rows, plan.limits), Circumstances(len(leaving)), units="swaps"
    )
    return SwapSet(name, verdict, _figures(total_samples(leaving)), wilson(*successes(leaving), CONFIDENCE))


def _others(
    plan: SwapPlan, rows: Sequence[SwapRow], invariants: Sequence[InvariantFigures]
) -> Iterator[Verdict]:
    faults = judge_faults(rows, plan.limits)
    if faults:
        yield verdict_of("the swap handling", faults, Circumstances(len(rows)), units="swaps")
    reasons = [
        f"the invariants: '{figures.name}' was broken at {breach.at_s:.1f} s: {breach.words}"
        for figures in invariants
        for breach in figures.breaches
    ]
    reasons += [
        f"the invariants: swap {row.swap}: {row.error}" for row in rows if row.outcome == SwapOutcome.FAIL
    ]
    yield Verdict("the invariants", Outcome.FAIL if reasons else Outcome.PASS, (), tuple(reasons))


def _invariants(stored: StoredRun, plan: SwapPlan) -> tuple[InvariantFigures, ...]:
    """Checked over the journal, leg by leg."""
    sets = {car.identifier: car.set_name for car in stored.cars}
    # in virtual time nothing happens in a gap: the world stood still, and is replayed
    gaps_s = () if stored.run.virtual else tuple(gap.from_s for gap in stored.gaps)
    found: list[Findings] = []
    for leg in stored.legs:
        acts = [act for act in stored.swap_acts if act.leg == leg.leg]
        found.append(check_journal(acts, sets, plan.budget_s, gaps_s))
    return tuple(
        InvariantFigures(
            name,
            sum(findings.checked[name] for findings in found),
            tuple(breach for findings in found for breach in findings.breaches if breach.invariant == name),
        )
        for name in INVARIANTS
    )


def _fault(kind: FaultKind, strikes: Sequence[Strike]) -> FaultFigures:
    struck = [strike for strike in strikes if strike.at_s is not None]
    missed = tuple(strike for strike in struck if strike.met is False)
    return FaultFigures(
        kind,
        ANSWERS[kind].words,
        drawn=len(strikes),
        struck=len(struck),
        met=sum(strike.met is True for strike in struck),
        not_met=len(missed),
        moot=sum(strike.met is None for strike in struck),
        missed=missed,
    )


def _step_samples(rows: Sequence[SwapRow], step: Step) -> list[Sample]:
    columns = {
        Step.READY: [row.ready_s for row in rows],
        Step.END: [row.end_s for row in rows],
        Step.OFF: [row.off_s for row in rows],
        Step.SET_UP: [row.set_up_s for row in rows],
        Step.CHARGE: [row.charge_s for row in rows],
    }
    return [Sample(False, took_s) for took_s in columns[step] if took_s is not None]


def _figures(samples: Sequence[Sample]) -> TimeFigures:
    ordered = sorted(samples)
    complete = [sample.value_s for sample in ordered if not sample.censored]
    largest = Reading(ordered[-1].value_s, ordered[-1].censored) if ordered else None
    return TimeFigures(
        len(ordered),
        tuple((q, quantile(ordered, q), interval(ordered, q, CONFIDENCE)) for q in QUANTILES),
        sum(complete) / len(complete) if complete else None,
        largest,
    )


def _headline(
    outcome: Outcome,
    cars: Sequence[SwapCar],
    others: Sequence[Verdict],
    rows: Sequence[SwapRow],
    plan: SwapPlan,
) -> str:
    bad = [car.label for car in cars if car.verdict.outcome is outcome]
    failed = [verdict.label for verdict in others if verdict.outcome is outcome]
    names = ", ".join([*([who(bad, len(cars))] if bad else []), *failed])
    match outcome:
        case Outcome.PASS:
            return f"{len(rows)} swaps within their limits, and nothing happened that must not."
        case Outcome.FAIL:
            return f"Swaps are not safe to rely on: {names}."
        case Outcome.ERROR:
            return f"The bench failed, so nothing is said about {names}."
    if len(rows) < plan.swaps:
        return f"Too little data: {len(rows)} of {plan.swaps} swaps were run."
    return f"Too little data to tell about {names}."


def _exclusions(stored: StoredRun, cars: Sequence[SwapCar], rows: Sequence[SwapRow]) -> Iterator[Exclusion]:
    for row in rows:
        label = f"set {row.from_set}"
        if row.outcome == SwapOutcome.VOID:
            yield Exclusion(label, row.swap, f"no time, not counted: the bench failed ({row.error})")
        elif row.outcome == SwapOutcome.CUT:
            yield Exclusion(label, row.swap, f"no time, not counted: {row.error}")
        elif is_spoiled(row):
            yield Exclusion(label, row.swap, "spoiled by the nemesis: its answer is judged, not its time")
        elif not is_complete(row):
            took_s = row.ended_s - row.began_s
            yield Exclusion(
                label, row.swap, f"kept as at least {took_s:.1f} s, counted as failed: {row.error}"
            )
    for car in cars:
        why = car.given_up or car.bench_error
        if why is not None:
            yield Exclusion(car.label, None, f"left alone: {why}")
    for act in stored.unfinished_acts:
        label = next((car.label for car in cars if car.identifier == act.identifier), "the bench")
        yield Exclusion(label, act.unit, f"'{act.act}' was under way when the run was cut: unknown")


def _metrics(cars: Sequence[SwapCar], sets: Sequence[SwapSet], rows: Sequence[SwapRow]) -> Iterator[Metric]:
    for group in sets:
        median = group.total.quantiles[0][1]
        if median is not None and not median.at_least:
            yield Metric("swap.total_s", "set", group.name, median.value_s, "s", group.total.n, "low")
        if group.success.trials:
            yield Metric(
                "swap.success", "set", group.name, group.success.value, "share", group.success.trials, "high"
            )
    for car in cars:
        if car.went_through.trials:
            rate = car.went_through
            yield Metric("swap.success", "car", car.label, rate.value, "share", rate.trials, "high")
    pooled = quantile(sorted(total_samples(rows)), 0.5)
    if pooled is not None and not pooled.at_least:
        yield Metric("swap.total_s", "run", "", pooled.value_s, "s", len(total_samples(rows)), "low")
