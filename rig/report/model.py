"""What a report says, before anybody decides how it looks: stored rows in, one `RunReport` out.

Text, JSON, JUnit and HTML are all made from this value alone, so they cannot disagree. Pure.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from protocol.models import model_name
from rig.soak.events import Stage
from rig.soak.outcome import CycleOutcome, Outcome, worst
from rig.soak.plan import Figure, Loss, SoakPlan, parse_plan
from rig.soak.statistics import Interval, Rate, Reading, Sample, interval, quantile, wilson
from rig.soak.verdict import CarVerdict, Cycle, judge_car, samples_of, successes_of
from rig.store.queries import CarTelemetry, StoredRun
from rig.store.rows import CarRow, ClockRow, CycleRow, GapRow, LegRow, RunRow

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


@dataclass(frozen=True, slots=True)
class CarReport:
    """One car: its verdict, its figures, its samples. `unasked_losses` counts the times its link went by itself
    before it was broken; `from_intended` is latency from when the schedule would have broken the link of a car
    that was ready, so that a car which had to be waited for cannot hide it."""

    set_name: str
    label: str
    identifier: int
    model: str | None
    firmware: int | None
    verdict: CarVerdict
    cycles_done: int
    cycles_planned: int
    outcomes: dict[CycleOutcome, int]
    reconnect: LatencyFigures
    recovery: LatencyFigures
    from_intended: LatencyFigures
    samples: tuple[Sample, ...]
    first_attempt: Rate
    success: Rate
    stages: tuple[StageTimes, ...]
    rows: tuple[CycleRow, ...]
    given_up: str | None
    bench_error: str | None
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
    cars: tuple[CarReport, ...]
    reconnect: LatencyFigures
    success: Rate


@dataclass(frozen=True, slots=True)
class SharedReasons:
    """Why cars did not pass; cars with the same reasons stand together. `who` names them in a few words."""

    outcome: Outcome
    who: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Something left out of the figures, and why."""

    label: str
    cycle: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run. `headline` is the verdict in plain words; `ended_s` the last run second on record; `is_live`
    says that somebody is still working on it, so that everything is as of now."""

    run: RunRow
    plan: SoakPlan
    outcome: Outcome
    headline: str
    sets: tuple[SetReport, ...]
    legs: tuple[LegRow, ...]
    gaps: tuple[GapRow, ...]
    exclusions: tuple[Exclusion, ...]
    versions: dict[str, str]
    ended_s: float
    is_live: bool = False
    clock: tuple[ClockRow, ...] = ()

    @property
    def cars(self) -> tuple[CarReport, ...]:
        """All cars, set after set."""
        return tuple(car for group in self.sets for car in group.cars)

    @property
    def reasons(self) -> tuple[SharedReasons, ...]:
        """Why cars did not pass, without saying the same thing once per car."""
        together: dict[tuple[Outcome, tuple[str, ...]], list[str]] = {}
        for car in self.cars:
            if car.verdict.outcome is not Outcome.PASS:
                texts = tuple(reason.removeprefix(f"{car.label}: ") for reason in car.verdict.reasons)
                together.setdefault((car.verdict.outcome, texts), []).append(car.label)
        return tuple(
            SharedReasons(outcome, _who(labels, len(self.cars)), texts)
            for (outcome, texts), labels in together.items()
        )


def report_of(stored: StoredRun, *, live: bool = False) -> RunReport:
    """Judges a stored run and gathers its figures. `live`: somebody is still working on it."""
    plan = parse_plan(stored.run.plan_text, source=f"the plan of run {stored.run.run_id}")
    if nobody_seen(stored):
        why = f"no car was ever seen, so {stored.run.radio} may be deaf"
        stored = replace(
            stored, cars=tuple(replace(row, bench_error=row.bench_error or why) for row in stored.cars)
        )
    cars = [_car(stored, plan, row) for row in stored.cars]
    names = list(dict.fromkeys(row.set_name for row in stored.cars))
    sets = tuple(_set(name, tuple(car for car in cars if car.set_name == name)) for name in names)
    outcome = run_outcome(stored.run, [group.outcome for group in sets], live=live)
    return RunReport(
        run=stored.run,
        plan=plan,
        outcome=outcome,
        headline=_live_headline(cars) if live else _headline(outcome, cars, stored),
        sets=sets,
        legs=stored.legs,
        gaps=stored.gaps,
        exclusions=tuple(_exclusions(stored, cars)),
        versions=stored.versions,
        ended_s=max((row.ended_s for row in stored.cycles), default=0.0),
        is_live=live,
        clock=stored.clock,
    )


def run_outcome(run: RunRow, sets: Sequence[Outcome], *, live: bool = False) -> Outcome:
    """A run that was not finished is ABORTED, whatever its cars did so far, or ERROR if the bench ended it; one
    that somebody works on is as its cars are by now."""
    if run.status == "finished" or live:
        return worst(sets)
    return Outcome.ERROR if run.outcome == Outcome.ERROR else Outcome.ABORTED


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


def _car(stored: StoredRun, plan: SoakPlan, row: CarRow) -> CarReport:
    rows = tuple(cycle for cycle in stored.cycles if cycle.identifier == row.identifier)
    cycles = [cycle_of(cycle) for cycle in rows]
    samples = samples_of(cycles, Figure.RECONNECT)
    troubles = Counter(note.error for note in stored.notes if note.identifier == row.identifier)
    telemetry = [sums for sums in stored.telemetry if sums.identifier == row.identifier]
    return CarReport(
        set_name=row.set_name,
        label=row.label,
        identifier=row.identifier,
        model=None if row.model_id is None else model_name(row.model_id),
        firmware=row.firmware,
        verdict=judge_car(
            row.label,
            cycles,
            plan.limits,
            row.bench_error,
            given_up=row.given_up,
            planned=plan.cycles_per_car,
        ),
        cycles_done=len(rows),
        cycles_planned=plan.cycles_per_car,
        outcomes={outcome: sum(c.outcome is outcome for c in cycles) for outcome in CycleOutcome},
        reconnect=_figures(samples),
        recovery=_figures(samples_of(cycles, Figure.RECOVERY)),
        from_intended=_figures(_from_intended(rows, cycles)),
        samples=tuple(sorted(samples)),
        first_attempt=wilson(*successes_of(cycles, Figure.FIRST_ATTEMPT), CONFIDENCE),
        success=wilson(*successes_of(cycles, Figure.SUCCESS), CONFIDENCE),
        stages=tuple(_stages(rows, loss) for loss in sorted({Loss(cycle.loss) for cycle in rows})),
        rows=rows,
        given_up=row.given_up,
        bench_error=row.bench_error,
        unasked_losses=sum(cycle.unasked_losses for cycle in rows),
        troubles=dict(sorted(troubles.items())),
        telemetry=telemetry[0] if telemetry else None,
    )


def _set(name: str, cars: tuple[CarReport, ...]) -> SetReport:
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


def _exclusions(stored: StoredRun, cars: Sequence[CarReport]) -> list[Exclusion]:
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
            left = car.cycles_planned - car.cycles_done
            found.append(Exclusion(car.label, None, f"{left} cycles not run: {car.given_up}"))
    for act in stored.unfinished_acts:
        label = next((car.label for car in cars if car.identifier == act.identifier), "the bench")
        found.append(Exclusion(label, act.cycle, f"'{act.act}' was under way when the run was cut: unknown"))
    return found


def _headline(outcome: Outcome, cars: Sequence[CarReport], stored: StoredRun) -> str:
    def named(wanted: Outcome) -> str:
        return _who([car.label for car in cars if car.verdict.outcome is wanted], len(cars))

    count = len(cars)
    match outcome:
        case Outcome.PASS:
            return f"All {count} cars reconnect within their limits."
        case Outcome.FAIL:
            fine = sum(car.verdict.outcome is Outcome.PASS for car in cars)
            return f"Not fit to race: {named(Outcome.FAIL)}. {fine} of {count} cars passed."
        case Outcome.INCONCLUSIVE:
            needed = [v.needed for car in cars for v in car.verdict.limits if v.needed is not None]
            more = f" About {max(needed)} cycles per car would decide it." if needed else ""
            return f"Too little data to tell about {named(Outcome.INCONCLUSIVE)}.{more}"
        case Outcome.ERROR:
            return _error_headline(named(Outcome.ERROR), named(Outcome.FAIL), stored)
    done = len(stored.cycles)
    return f"The run was cut short after {done} cycles; 'pitboard soak --resume' goes on with it."


def _who(labels: Sequence[str], out_of: int) -> str:
    return f"all {out_of} cars" if 2 < out_of == len(labels) else ", ".join(labels)


def _error_headline(spoiled: str, failed: str, stored: StoredRun) -> str:
    also = f" Not fit to race: {failed}." if failed else ""
    if stored.run.status != "finished":
        why = f": {stored.run.error}" if stored.run.error else ""
        done = len(stored.cycles)
        return f"The bench failed after {done} cycles{why}; 'pitboard soak --resume' goes on with it.{also}"
    if nobody_seen(stored):
        return f"No car was ever seen: check the radio {stored.run.radio}, its adapter and whether the cars are on."
    return f"The bench failed, so nothing is said about {spoiled}.{also}"


def _live_headline(cars: Sequence[CarReport]) -> str:
    done, planned = sum(car.cycles_done for car in cars), sum(car.cycles_planned for car in cars)
    failed = [car.label for car in cars if car.verdict.outcome is Outcome.FAIL]
    so_far = f" Failing so far: {', '.join(failed)}." if failed else ""
    return f"Still running: {done} of {planned} cycles are done.{so_far}"
