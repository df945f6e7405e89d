"""What `pitboard soak` does once its options are read: composes radio, plan and store, and shows the result."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from rig.builtin_data import builtin_names
from rig.cli.soak_cars import sets_of, world_digest
from rig.clock import SystemClock, process_time_s
from rig.compose import Station, run_with_radio
from rig.errors import BenchError, InputError, RigError
from rig.radio.moniker import Moniker, parse_moniker
from rig.report.artefacts import write_artefacts
from rig.report.json_report import render_json
from rig.report.model import report_of
from rig.report.text import renderables
from rig.soak.night import LegMain, Night, RunLeg, run_night
from rig.soak.outcome import Outcome
from rig.soak.plan import DEFAULT_PLAN, SoakPlan, load_plan, parse_plan
from rig.soak.runner import Progress as SoakProgress
from rig.soak.schedule import CarSet, Leg, SoakCar, legs_of
from rig.store.database import open_database
from rig.store.home import Home, find_home, only_writer
from rig.store.journal import RunJournal
from rig.store.queries import cars_of, find_run, stored_run
from rig.store.rows import CarRow
from rig.store.runs import RunSpec, begin_run, resume_run, versions

_REDRAW_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one call."""

    plan: str | None
    moniker: Moniker
    sets: tuple[str, ...]
    cars: str | None
    seed: int | None
    home: str | None
    out: Path | None
    as_json: bool
    virtual: bool | None
    telemetry: bool


def moniker_of(radio: str | None, world: str | None) -> Moniker:
    """The radio meant by --radio and --world together.

    Raises:
        InputError: they contradict each other, or the moniker is unknown.
    """
    if world is None:
        return parse_moniker(radio or "sim")
    if radio is not None and parse_moniker(radio).kind != "sim":
        raise InputError(f"--world {world} is a simulated world, --radio {radio} is not; give one of them")
    return Moniker("sim", world)


def plan_lines() -> list[str]:
    """The builtin plans, one line each."""
    plans = [(name, load_plan(name)) for name in builtin_names("plans")]
    return [f"{name:12} {plan.cycles_per_car} cycles a car. {plan.description}" for name, plan in plans]


def start(request: Request) -> int:
    """Begins a new run and sees it through; returns the exit code."""
    plan = load_plan(request.plan or DEFAULT_PLAN)
    sets = sets_of(request.moniker, request.sets, request.cars)
    seed = plan.seed if request.seed is None else request.seed
    virtual = request.moniker.is_simulated if request.virtual is None else request.virtual
    digest = world_digest(request.moniker)
    home = find_home(request.home)
    with _database(home) as db:
        spec = RunSpec(plan.name, plan.digest, plan.text, str(request.moniker), digest, seed, virtual)
        rows = [CarRow(group.name, *_facts(car)) for group in sets for car in group.cars]
        journal, run_id = begin_run(
            db, home.database, spec=spec, cars=rows, on=versions(), clock=SystemClock()
        )
        with only_writer(home.run_folder(run_id)):
            return _see_through(
                request,
                home=home,
                db=db,
                journal=journal,
                run_id=run_id,
                plan=plan,
                legs=legs_of(plan, sets, seed),
                from_s=0.0,
            )


def resume(request: Request, run_id: str | None) -> int:
    """Goes on with a run that was cut short; returns the exit code."""
    if request.plan or request.seed is not None or request.sets or request.cars:
        raise InputError("--resume goes on with the plan, seed and cars of the run; leave those options out")
    home = find_home(request.home)
    with _database(home) as db:
        wanted = find_run(db, run_id, unfinished=run_id is None)
        with only_writer(home.run_folder(wanted.run_id)):
            moniker = parse_moniker(wanted.radio)
            if world_digest(moniker) != wanted.world_digest:
                raise InputError(
                    f"run {wanted.run_id} cannot be resumed: the world '{moniker.target}' has changed since it began"
                )
            plan = parse_plan(wanted.plan_text, source=f"the plan of run {wanted.run_id}")
            journal, _, gap = resume_run(db, home.database, wanted.run_id, SystemClock())
            legs = legs_of(plan, _sets_of_rows(cars_of(db, wanted.number)), wanted.seed)
            again = _same_air(request, moniker, wanted.virtual)
            if not request.as_json:
                click.echo(
                    f"resuming {wanted.run_id}, cut at {gap.from_at}; {gap.unknown_acts} acts unknown",
                    err=True,
                )
            return _see_through(
                again,
                home=home,
                db=db,
                journal=journal,
                run_id=wanted.run_id,
                plan=plan,
                legs=legs,
                from_s=gap.until_s,
            )


def _see_through(
    request: Request,
    *,
    home: Home,
    db: Any,
    journal: RunJournal,
    run_id: str,
    plan: SoakPlan,
    legs: tuple[Leg, ...],
    from_s: float,
) -> int:
    failure: RigError | None = None
    status = "aborted"
    with _progress(legs) as on_progress:
        night = Night(
            plan=plan,
            legs=legs,
            journal=journal,
            db=db,
            database=home.database,
            virtual=request.virtual is not False and request.moniker.is_simulated,
            telemetry=request.telemetry,
            on_progress=on_progress,
        )
        try:
            run_night(night, _leg_on(request), from_s=from_s)
            status = "finished"
        except KeyboardInterrupt:
            click.echo("\nstopped: every car is disconnected; 'pitboard soak --resume' goes on", err=True)
        except RigError as error:
            failure = error
    if failure is not None:
        with contextlib.suppress(
            BenchError
        ):  # a full disk cannot take this either; --resume finds the run anyway
            journal.end(
                "aborted", Outcome.ERROR.value, SystemClock().utc_now().isoformat(timespec="milliseconds")
            )
        raise failure
    return _show(request, home=home, db=db, journal=journal, run_id=run_id, status=status)


def _show(request: Request, *, home: Home, db: Any, journal: RunJournal, run_id: str, status: str) -> int:
    ended_at = SystemClock().utc_now().isoformat(timespec="milliseconds")
    stored = stored_run(db, find_run(db, run_id))
    report = report_of(replace(stored, run=replace(stored.run, status=status, ended_at=ended_at)))
    outcome = report.outcome.value
    try:
        paths = write_artefacts(report, request.out or home.run_folder(run_id))
    except BenchError:
        journal.end(status, outcome, ended_at)
        raise
    journal.end(status, outcome, ended_at)  # last: a run killed before has its reports made on --resume
    if request.as_json:
        click.echo(render_json(report), nl=False)
    else:
        console = Console(highlight=False)
        for part in renderables(report):
            console.print(part)
        for kind, path in {**paths, "database": home.database}.items():
            click.echo(f"{kind:9} {path}")
    return report.outcome.exit_code


def _leg_on(request: Request) -> RunLeg:
    def run_leg(main: LegMain, seed: int) -> None:
        async def on_station(station: Station) -> None:
            await main(station.radio, station.world)

        run_with_radio(str(request.moniker), on_station, virtual=request.virtual, seed=seed)

    return run_leg


@contextlib.contextmanager
def _database(home: Home) -> Iterator[Any]:
    db = open_database(home.database)
    try:
        yield db
    finally:
        db.close()


def _facts(car: SoakCar) -> tuple[int, str, int | None, int | None]:
    return car.identifier, car.label, car.model_id, car.firmware


def _sets_of_rows(rows: list[CarRow]) -> tuple[CarSet, ...]:
    names = dict.fromkeys(row.set_name for row in rows)
    return tuple(
        CarSet(
            name,
            tuple(
                SoakCar(row.identifier, row.label, row.model_id, row.firmware)
                for row in rows
                if row.set_name == name
            ),
        )
        for name in names
    )


def _same_air(request: Request, moniker: Moniker, virtual: bool) -> Request:
    return Request(
        plan=None,
        moniker=moniker,
        sets=(),
        cars=None,
        seed=None,
        home=request.home,
        out=request.out,
        as_json=request.as_json,
        virtual=virtual,
        telemetry=request.telemetry,
    )


@contextlib.contextmanager
def _progress(legs: tuple[Leg, ...]) -> Iterator[Callable[[SoakProgress], None]]:
    """A bar on stderr, redrawn from the run's own thread: virtual time admits no other."""
    console = Console(stderr=True)
    total = sum(len(slots) for leg in legs for slots in leg.rounds)
    bar = Progress(
        TextColumn("soak"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        auto_refresh=False,
        disable=not console.is_terminal,
        transient=True,
    )
    before = {
        leg.set_name: sum(len(s) for earlier in legs[:i] for s in earlier.rounds)
        for i, leg in enumerate(legs)
    }
    task = bar.add_task("", total=total)
    drawn_s = 0.0

    def on_progress(progress: SoakProgress) -> None:
        nonlocal drawn_s
        bar.update(task, completed=before[progress.set_name] + progress.done, description=progress.car.label)
        now_s = process_time_s()
        if now_s - drawn_s >= _REDRAW_EVERY_S:
            drawn_s = now_s
            bar.refresh()

    with bar:
        yield on_progress
