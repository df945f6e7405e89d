"""The figures of a reconnect part: latencies, stages, rates, car by car and set by set. Pure."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocol.models import model_name
from rig.report.metric import Metric
from rig.report.model import CarReport, Exclusion, PartReport, headline_of
from rig.soak.outcome import CycleOutcome, Outcome, worst
from rig.soak.plan_file import PlanHead, parse_head
from rig.soak.reconnect.events import Stage
from rig.soak.reconnect.figures import Cycle, judge_car, samples_of, successes_of
from rig.soak.reconnect.plan import Figure, Loss, ReconnectPlan, parse_reconnect
from rig.statistics.quantiles import Interval, Reading, Sample, interval, quantile
from rig.statistics.rates import Rate, wilson
from rig.store.queries import CarTelemetry, StoredRun
from rig.store.rows import CarRow, CycleRow
from rig.toml_tables import parse_toml

QUANTILES = (0.5, 0.9, 0.95, 0.99)
CONFIDENCE = 0.95
"""Of the two-sided intervals shown beside figures; limits carry their own."""

STAGES = ("noticed", "retries", "seen", "connected", "services", "subscribed", "first data")
"""Where the time of a reconnect goes: to notice the loss, in attempts that failed, then stage by stage."""


@dataclass(frozen=True, slots=True)
class QuantileFigure:
    """A quantile of a latency with its two-sided interval; None where the cycles are too few."""

    q: float
    value: Reading | None
    bounds: Interval


@dataclass(frozen=True, slots=True)
class LatencyFigures:
    """A latency over some cycles: quantiles, the largest, how many samples and how many were timeouts."""

    n: int
    censored: int
    quantiles: tuple[QuantileFigure, ...]
    largest: Reading | None


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Mean seconds per entry of STAGES over the cycles that came back after one kind of loss."""

    loss: Loss
    n: int
    mean_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectCar(CarReport):
    """One car: its figures, its samples. `unasked_losses` counts the times its link went by itself before it was
    broken; `from_intended` is latency from when the schedule would have broken the link of a car that was ready,
    so that a car which had to be waited for cannot hide it."""

    outcomes: dict[CycleOutcome, int]
    reconnect: LatencyFigures
    recovery: LatencyFigures
    from_intended: LatencyFigures
    samples: tuple[Sample, ...]
    first_attempt: Rate
    success: Rate
    stages: tuple[StageTimes, ...]
    rows: tuple[CycleRow, ...]
    unasked_losses: int
    troubles: dict[str, int]
    telemetry: CarTelemetry | None

    @property
    def all_troubles(self) -> dict[str, int]:
        """What went wrong and how often: errors on the way, and links that went by themselves."""
        by_itself = {"its link went by itself": self.unasked_losses} if self.unasked_losses else {}
        return {**self.troubles, **by_itself}


@dataclass(frozen=True, slots=True)
class SetReport:
    """Four cars that race together; the worst car decides. Latencies are pooled only to be looked at."""

    name: str
    outcome: Outcome
    cars: tuple[ReconnectCar, ...]
    reconnect: LatencyFigures
    success: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectPart(PartReport):
    """A reconnect plan as it went, set by set."""

    plan: ReconnectPlan
    cars: tuple[ReconnectCar, ...]
    sets: tuple[SetReport, ...]


def part_of(stored: StoredRun) -> ReconnectPart:
    """Judges one part of a run and gathers its figures."""
    (row,) = stored.parts
    root = parse_toml(row.plan_text, source=f"the plan of run {stored.run.run_id}")
    head: PlanHead = parse_head(root, row.kind, row.plan_text)
    plan = parse_reconnect(root, head)
    deaf = nobody_seen(stored)
    cars = [_car(stored, plan, car, deaf=deaf) for car in stored.cars]
    names = list(dict.fromkeys(car.set_name for car in stored.cars))
    sets = tuple(_set(name, tuple(car for car in cars if car.set_name == name)) for name in names)
    outcome = worst(group.outcome for group in sets)
    headline = headline_of(outcome, cars, passed="reconnect within their limits", unit="cycle")
    if deaf and outcome is Outcome.ERROR:
        headline = f"No car was ever seen: check the radio {stored.run.radio}, its adapter and whether the cars are on."
    return ReconnectPart(
        row=row,
        unit="cycle",
        description=head.description,
        outcome=outcome,
        headline=headline,
        cars=tuple(cars),
        legs=stored.legs,
        gaps=stored.gaps,
        exclusions=tuple(_exclusions(stored, cars)),
        metrics=tuple(_metrics(sets)),
        ended_s=max((cycle.ended_s for cycle in stored.cycles), default=0.0),
        plan=plan,
        sets=sets,
    )


def nobody_seen(stored: StoredRun) -> bool:
    """Whether cycles were run and not one car answered in any: then it is the radio that is suspect."""
    seen = any(row.seen_s is not None or row.loss_s is not None for row in stored.cycles)
    on_the_way = {None, Stage.NOTICED, Stage.SEEN}
    reached = any(note.stage not in on_the_way for note in stored.notes)
    return bool(stored.cycles) and not seen and not reached


def cycle_of(row: CycleRow) -> Cycle:
    """A stored cycle as verdicts see it."""
    outcome = CycleOutcome(row.outcome)
    measured = outcome in {CycleOutcome.OK, CycleOutcome.FLAKY, CycleOutcome.TIMEOUT}
    reconnect_s = recovery_s = None
    if measured and row.loss_s is not None:
        end_s = row.ended_s if row.first_data_s is None else row.first_data_s
        reconnect_s = end_s - row.loss_s
        recovery_s = end_s - (row.loss_s if row.noticed_s is None else row.noticed_s)
    return Cycle(Loss(row.loss), outcome, reconnect_s, recovery_s, held=row.unasked_losses == 0)


def stage_times(row: CycleRow) -> tuple[float, ...] | None:
    """Seconds per entry of STAGES of one cycle that came back; None for others."""
    marks = (
        row.loss_s,
        row.noticed_s,
        row.attempt_s,
        row.seen_s,
        row.connected_s,
        row.services_s,
        row.subscribed_s,
        row.first_data_s,
    )
    known = [mark for mark in marks if mark is not None]
    if len(known) < len(marks):
        return None
    return tuple(max(0.0, after - before) for before, after in itertools.pairwise(known))


def _car(stored: StoredRun, plan: ReconnectPlan, row: CarRow, *, deaf: bool) -> ReconnectCar:
    rows = tuple(cycle for cycle in stored.cycles if cycle.identifier == row.identifier)
    cycles = [cycle_of(cycle) for cycle in rows]
    samples = samples_of(cycles, Figure.RECONNECT)
    troubles = Counter(note.error for note in stored.notes if note.identifier == row.identifier)
    left = [each for each in stored.left_alone if each.identifier == row.identifier]
    bench_error = next((each.bench_error for each in left if each.bench_error), None)
    if deaf and bench_error is None:
        bench_error = f"no car was ever seen, so {stored.run.radio} may be deaf"
    given_up = next((each.given_up for each in left if each.given_up), None)
    telemetry = [sums for sums in stored.telemetry if sums.identifier == row.identifier]
    return ReconnectCar(
        set_name=row.set_name,
        label=row.label,
        identifier=row.identifier,
        model=None if row.model_id is None else model_name(row.model_id),
        firmware=row.firmware,
        verdict=judge_car(
            row.label,
            cycles,
            plan.limits,
            bench_error,
            given_up=given_up,
            planned=plan.cycles_per_car,
        ),
        done=len(rows),
        planned=plan.cycles_per_car,
        busy_s=sum(cycle.ended_s - cycle.began_s for cycle in rows),
        outcomes={outcome: sum(c.outcome is outcome for c in cycles) for outcome in CycleOutcome},
        reconnect=_figures(samples),
        recovery=_figures(samples_of(cycles, Figure.RECOVERY)),
        from_intended=_figures(_from_intended(rows, cycles)),
        samples=tuple(sorted(samples)),
        first_attempt=wilson(*successes_of(cycles, Figure.FIRST_ATTEMPT), CONFIDENCE),
        success=wilson(*successes_of(cycles, Figure.SUCCESS), CONFIDENCE),
        stages=tuple(_stages(rows, loss) for loss in sorted({Loss(cycle.loss) for cycle in rows})),
        rows=rows,
        given_up=given_up,
        bench_error=bench_error,
        unasked_losses=sum(cycle.unasked_losses for cycle in rows),
        troubles=dict(sorted(troubles.items())),
        telemetry=telemetry[0] if telemetry else None,
    )


def _set(name: str, cars: tuple[ReconnectCar, ...]) -> SetReport:
    return SetReport(
        name=name,
        outcome=worst(car.verdict.outcome for car in cars),
        cars=cars,
        reconnect=_figures([sample for car in cars for sample in car.samples]),
        success=wilson(
            sum(car.success.successes for car in cars), sum(car.success.trials for car in cars), CONFIDENCE
        ),
    )


def _figures(samples: Sequence[Sample]) -> LatencyFigures:
    ordered = sorted(samples)
    largest = Reading(ordered[-1].value_s, ordered[-1].censored) if ordered else None
    return LatencyFigures(
        n=len(ordered),
        censored=sum(sample.censored for sample in ordered),
        quantiles=tuple(
            QuantileFigure(q, quantile(ordered, q), interval(ordered, q, CONFIDENCE)) for q in QUANTILES
        ),
        largest=largest,
    )


def _from_intended(rows: Sequence[CycleRow], cycles: Sequence[Cycle]) -> list[Sample]:
    """Latencies from the loss as the schedule had it, not as it came to be: a car that had to be waited for is
    late by that, and one that never was ready is so by at least the wait."""
    samples = []
    for row, cycle in zip(rows, cycles, strict=True):
        if row.intended_s is not None and cycle.outcome is not CycleOutcome.VOID:
            end_s = row.ended_s if row.first_data_s is None else row.first_data_s
            censored = cycle.outcome in {CycleOutcome.TIMEOUT, CycleOutcome.NOT_READY}
            samples.append(Sample(censored, max(0.0, end_s - row.intended_s)))
    return samples


def _stages(rows: Sequence[CycleRow], loss: Loss) -> StageTimes:
    times = [t for row in rows if row.loss == loss and (t := stage_times(row)) is not None]
    if not times:
        return StageTimes(loss, 0, tuple(0.0 for _ in STAGES))
    return StageTimes(
        loss, len(times), tuple(sum(column) / len(times) for column in zip(*times, strict=True))
    )


def _exclusions(stored: StoredRun, cars: Sequence[ReconnectCar]) -> list[Exclusion]:
    found = []
    for car in cars:
        for row in car.rows:
            if row.outcome == CycleOutcome.VOID:
                found.append(
                    Exclusion(car.label, row.cycle, f"left out, the bench failed: {row.error or 'unknown'}")
                )
            elif row.outcome == CycleOutcome.NOT_READY:
                reason = f"no latency, counted as failed: the car could not be brought up ({row.error or f'never {row.stuck_at}'})"
                found.append(Exclusion(car.label, row.cycle, reason))
        if car.given_up is not None:
            left = car.planned - car.done
            found.append(Exclusion(car.label, None, f"{left} cycles not run: {car.given_up}"))
    for act in stored.unfinished_acts:
        label = next((car.label for car in cars if car.identifier == act.identifier), "the bench")
        found.append(Exclusion(label, act.unit, f"'{act.act}' was under way when the run was cut: unknown"))
    return found


def _metrics(sets: Sequence[SetReport]) -> Iterator[Metric]:
    for group in sets:
        for car in group.cars:
            for q, name in ((0.5, "p50"), (0.95, "p95")):
                reading = quantile(car.samples, q)
                if reading is not None and not reading.at_least:
                    yield Metric(
                        f"reconnect.{name}_s", "car", car.label, reading.value_s, "s", car.reconnect.n, "low"
                    )
            for name, rate in (("first_attempt", car.first_attempt), ("success", car.success)):
                if rate.trials:
                    yield Metric(
                        f"reconnect.{name}", "car", car.label, rate.value, "share", rate.trials, "high"
                    )
        for q, name in ((0.5, "p50"), (0.95, "p95")):
            pooled = quantile(sorted(sample for car in group.cars for sample in car.samples), q)
            if pooled is not None and not pooled.at_least:
                yield Metric(
                    f"reconnect.{name}_s", "set", group.name, pooled.value_s, "s", group.reconnect.n, "low"
                )
