"""The figures of a battery part: survival, charges, voltages, car by car and set by set. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocol.models import model_name
from rig.report.metric import Metric
from rig.report.model import CarReport, Exclusion, PartReport, headline_of
from rig.soak.battery.ends import COMPETING, End
from rig.soak.battery.figures import CarLives, diagnosis_of, judge_car, judge_set, observations_of
from rig.soak.battery.limits import Figure
from rig.soak.battery.plan import BatteryPlan, parse_battery_plan
from rig.soak.battery.plausible import contradictions
from rig.soak.outcome import worst
from rig.soak.plan_file import parse_head
from rig.soak.verdict import Circumstances, Verdict, verdict_of
from rig.statistics.survival import (
    Incidence,
    Observation,
    SurvivalCurve,
    cumulative_incidence,
    kaplan_meier,
)
from rig.store.lives import ReadingRow
from rig.store.queries import StoredRun
from rig.store.rows import CarRow
from rig.toml_tables import parse_toml

CONFIDENCE = 0.95
"""Of the two-sided bounds of survival curves; limits carry their own."""
MOST_POINTS = 120
"""Of a voltage or charge curve as it is shown; what is stored is finer."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One quantity over one life or charge: (age in seconds, value), thinned to MOST_POINTS."""

    life: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryCar(CarReport):
    """One car: its lives and charges as stored, its observations for survival statistics, its curves. `voltages` are
    in mV over the age of the life, `charging` in mA over the age of the charge."""

    lives: CarLives
    observations: tuple[Observation, ...]
    voltages: tuple[Trace, ...]
    charging: tuple[Trace, ...]
    diagnosis: str | None
    troubles: dict[str, int]


@dataclass(frozen=True, slots=True)
class SetReport:
    """Cars that race together, their lives pooled: how long they last if only the battery ends them (`curve`), and
    what share anything else ended by when (`incidence`, by cause)."""

    name: str
    cars: tuple[BatteryCar, ...]
    observations: tuple[Observation, ...]
    curve: SurvivalCurve
    incidence: dict[str, tuple[Incidence, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryPart(PartReport):
    """A battery plan as it went, set by set."""

    plan: BatteryPlan
    cars: tuple[BatteryCar, ...]
    sets: tuple[SetReport, ...]


def part_of(stored: StoredRun) -> BatteryPart:
    """Judges one part of a run and gathers its figures."""
    (row,) = stored.parts
    root = parse_toml(row.plan_text, source=f"the plan of run {stored.run.run_id}")
    head = parse_head(root, row.kind, row.plan_text)
    plan = parse_battery_plan(root, head)
    lives = {car.identifier: _lives(stored, car) for car in stored.cars}
    cars = tuple(_car(stored, plan, car, lives) for car in stored.cars)
    names = tuple(dict.fromkeys(car.set_name for car in stored.cars))
    sets = tuple(_set(name, tuple(car for car in cars if car.set_name == name)) for name in names)
    others = tuple(verdict for group in sets if (verdict := _set_verdict(group, plan)) is not None)
    outcome = worst([*(car.verdict.outcome for car in cars), *(verdict.outcome for verdict in others)])
    return BatteryPart(
        row=row,
        unit="life",
        description=head.description,
        outcome=outcome,
        headline=headline_of(outcome, cars, passed="last and charge within their limits", unit="live"),
        cars=cars,
        legs=stored.legs,
        gaps=stored.gaps,
        exclusions=tuple(_exclusions(stored, cars)),
        metrics=tuple(_metrics(cars)),
        ended_s=max([*(r.ended_s for r in stored.lives), *(r.ended_s for r in stored.charges)], default=0.0),
        others=others,
        plan=plan,
        sets=sets,
    )


def thinned(life: int, points: Sequence[tuple[float, float]]) -> Trace:
    """A curve of at most MOST_POINTS points, its last one always among them."""
    stride = max(1, -(-len(points) // MOST_POINTS))
    kept = list(points[::stride])
    if points and kept[-1] != points[-1]:
        kept = [*kept[: MOST_POINTS - 1], points[-1]]
    return Trace(life, tuple(kept))


def _lives(stored: StoredRun, car: CarRow) -> CarLives:
    return CarLives(
        car.label,
        tuple(row for row in stored.lives if row.identifier == car.identifier),
        tuple(row for row in stored.charges if row.identifier == car.identifier),
        tuple(row for row in stored.readings if row.identifier == car.identifier),
    )


def _car(stored: StoredRun, plan: BatteryPlan, row: CarRow, all_lives: dict[int, CarLives]) -> BatteryCar:
    lives = all_lives[row.identifier]
    mates = [
        all_lives[mate.identifier]
        for mate in stored.cars
        if mate.set_name == row.set_name and mate.identifier != row.identifier
    ]
    left = [each for each in stored.left_alone if each.identifier == row.identifier]
    bench_error = next((each.bench_error for each in left if each.bench_error), None)
    given_up = next((each.given_up for each in left if each.given_up), None)
    heard = any(life.life_s > 0.0 for life in lives.lives)
    around = Circumstances(len(lives.lives), plan.lives_per_car, bench_error, heard, given_up)
    verdict = verdict_of(row.label, judge_car(lives, plan.limits), around, units="lives")
    troubles = contradictions(lives.lives, plan.dying_mv)
    for note in stored.notes:
        if note.identifier == row.identifier:
            troubles[note.error] = troubles.get(note.error, 0) + 1
    bays = [each.bay for each in lives.lives if each.bay is not None]
    return BatteryCar(
        set_name=row.set_name,
        label=row.label,
        identifier=row.identifier,
        model=None if row.model_id is None else model_name(row.model_id),
        firmware=row.firmware,
        verdict=verdict,
        done=len(lives.lives),
        planned=plan.lives_per_car,
        busy_s=sum(life.ended_s - life.began_s for life in lives.lives),
        given_up=given_up,
        bench_error=bench_error,
        bay=bays[-1] if bays else None,
        lives=lives,
        observations=tuple(observations_of(lives, Figure.LIFE)),
        voltages=tuple(_traces(lives.readings, charge=False)),
        charging=tuple(_traces(lives.readings, charge=True)),
        diagnosis=diagnosis_of(lives, mates),
        troubles=dict(sorted(troubles.items())),
    )


def _traces(readings: Sequence[ReadingRow], *, charge: bool) -> Iterator[Trace]:
    """A curve for each life, in order: the voltage while it lasts, or the current of its charge."""
    by_life: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for row in readings:
        value = row.ma if charge else row.mv
        if (row.doing == "charge") is charge and value is not None:
            by_life.setdefault((row.leg, row.life), []).append((row.age_s, float(value)))
    for (_, life), points in by_life.items():
        yield thinned(life, points)


def _set(name: str, cars: tuple[BatteryCar, ...]) -> SetReport:
    pooled = tuple(observation for car in cars for observation in car.observations)
    causes = [end.value for end in End if end in COMPETING or end is End.BATTERY]
    seen = {observation.cause for observation in pooled}
    return SetReport(
        name=name,
        cars=cars,
        observations=pooled,
        curve=kaplan_meier(pooled, CONFIDENCE),
        incidence={
            cause: cumulative_incidence(pooled, cause, CONFIDENCE) for cause in causes if cause in seen
        },
    )


def _set_verdict(group: SetReport, plan: BatteryPlan) -> Verdict | None:
    """What the plan asks of a set's cars together; None when nothing."""
    label = f"set {group.name}"
    judged = judge_set(label, [car.lives for car in group.cars], plan.limits)
    if not judged:
        return None
    done = sum(car.done for car in group.cars)
    return verdict_of(label, judged, Circumstances(done), units="lives")


def _exclusions(stored: StoredRun, cars: Sequence[BatteryCar]) -> Iterator[Exclusion]:
    for car in cars:
        for row, reason in car.lives.excluded:
            yield Exclusion(car.label, row.life, reason)
        if car.given_up is not None and car.planned > car.done:
            yield Exclusion(car.label, None, f"{car.planned - car.done} lives not run: {car.given_up}")
    for act in stored.unfinished_acts:
        label = next((car.label for car in cars if car.identifier == act.identifier), "the bench")
        yield Exclusion(label, act.unit, f"'{act.act}' was under way when the run was cut: unknown")


def _metrics(cars: Sequence[BatteryCar]) -> Iterator[Metric]:
    for car in cars:
        lives = car.lives
        charges = len(lives.full_charges)
        if lives.life_s is not None:
            yield Metric("battery.life_s", "car", car.label, lives.life_s, "s", len(lives.deaths), "high")
        if lives.charge_s is not None:
            yield Metric("battery.charge_s", "car", car.label, lives.charge_s, "s", charges, "low")
        if lives.charge_mah is not None:
            yield Metric("battery.charge_mah", "car", car.label, lives.charge_mah, "mAh", charges, "high")
        if lives.speed_held is not None:
            held = sum(row.speed_held is not None for row in lives.lives)
            yield Metric("battery.speed_held", "car", car.label, lives.speed_held, "share", held, "high")
