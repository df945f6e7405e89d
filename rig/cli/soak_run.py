"""What `pitboard soak` does once its options are read: composes radio, plan and store, and shows the result."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import click
from rich.console import Console

from rig.bench.wiring import Wiring, load_wiring
from rig.builtin_data import builtin_names
from rig.cli.bench_hold import bench_held
from rig.cli.soak_cars import bench_of, found_anywhere, sets_of, world_digest
from rig.cli.soak_lines import EVERY_S
from rig.cli.soak_nights import refuse_old_reality, seed_of_night
from rig.cli.soak_progress import Shown, shown
from rig.cli.soak_stop import Stopper
from rig.cli.soak_versions import fixture_versions, versions_for
from rig.clock import SystemClock
from rig.compose import Station, run_with_radio
from rig.errors import BenchError, InputError, RigError
from rig.radio.moniker import Moniker
from rig.radio.moniker_list import joined, parse_joined, parse_monikers
from rig.report.artefacts import write_artefacts
from rig.report.clock_words import clock_words
from rig.report.json_report import render_json
from rig.report.prometheus import render_prometheus
from rig.report.run_report import report_of
from rig.report.text import renderables
from rig.soak.abilities import abilities_of, refuse_unmet
from rig.soak.kinds import kind_named
from rig.soak.mending import SOAK_POLICY
from rig.soak.night import LegMain, Night, NightLeg, RunLeg, night_legs, run_night
from rig.soak.outcome import Outcome
from rig.soak.plan_file import DEFAULT_BENCH_PLAN, DEFAULT_PLAN
from rig.soak.preflight import Preflight
from rig.soak.run_plan import Part, load_run_plan, part_rows, stored_part
from rig.soak.schedule import CarSet, SoakCar, derived_seed
from rig.store.database import open_database
from rig.store.home import Home, check_writable, find_home, is_held, only_writer, write_atomically
from rig.store.journal import RunJournal
from rig.store.preflight import was_skipped
from rig.store.queries import (
    acts_before_legs,
    cars_of,
    clock_events_of,
    find_run,
    parts_of,
    resumable_runs,
    sessions_of,
    stored_run,
)
from rig.store.rows import ABORTED, FINISHED, RUNNING, TERMINATED, CarRow, RunRow
from rig.store.runs import RunSpec, begin_run, resume_run
from rig.store.tries import RUNS
from rig.virtual_time import in_virtual_time

_NOTHING_CUT = "no run was cut short, so there is nothing to resume"


class Open(Protocol):
    """Opens a station and runs something on it to its end."""

    def __call__(
        self,
        main: Callable[[Station], Awaitable[None]],
        *,
        seed: int,
        uses_bench: bool,
        at_begin: bool = False,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one call. `air` are those of them that choose the air, as the user wrote them; `brief`: a line
    for the whole run, and no report files; `selftest`: of the bench, before the first leg."""

    plan: str | None
    monikers: tuple[Moniker, ...]
    sets: tuple[str, ...]
    cars: str | None
    seed: int | None
    home: str | None
    out: Path | None
    as_json: bool
    virtual: bool | None
    telemetry: bool
    air: tuple[str, ...] = ()
    allow_stack_restart: bool = False
    bench: str | None = None
    night: int | None = None
    prometheus: Path | None = None
    brief: bool = False
    selftest: bool = True

    @property
    def moniker(self) -> Moniker:
        """The radio, or the first of several: they are all of one air."""
        return self.monikers[0]


def monikers_of(radios: Sequence[str], world: str | None) -> tuple[Moniker, ...]:
    """The radios meant by --radio and --world together.

    Raises:
        InputError: they contradict each other, do not go together, or a moniker is unknown.
    """
    named = parse_monikers(radios or ["sim"])
    if world is None:
        return named
    if not named[0].has_world:
        raise InputError(
            f"--world {world} is a simulated world, --radio {joined(named)} is not; give one of them"
        )
    return (replace(named[0], target=world),)


def plan_lines() -> list[str]:
    """The builtin plans, one line each."""
    plans = [(name, load_run_plan(name)) for name in builtin_names("plans")]
    return [f"{name:16} {plan.size}. {plan.head.description}" for name, plan in plans]


def start(request: Request) -> int:
    """Begins a new run and sees it through; returns the exit code."""
    monikers = tuple(found_anywhere(moniker) for moniker in request.monikers)
    moniker = monikers[0]
    plan = load_run_plan(request.plan or (DEFAULT_PLAN if moniker.has_world else DEFAULT_BENCH_PLAN))
    refuse_old_reality(moniker, request.night)
    wiring = _wiring_for(plan.parts, moniker, request.bench)
    sets = sets_of(moniker, request.sets, request.cars, night=request.night or 1, wiring=wiring)
    _refuse_unmet(plan.parts, moniker, wiring, sets)
    seed = seed_of_night(plan.head.seed if request.seed is None else request.seed, request.night)
    virtual = moniker.can_jump_time if request.virtual is None else request.virtual
    digest = world_digest(moniker)
    home = find_home(request.home)
    _check_outputs(request)
    head = plan.head
    with bench_held(f"pitboard soak {head.name}", monikers, wiring) as hold, _database(home) as db:
        spec = RunSpec(
            plan_name=head.name,
            plan_digest=head.digest,
            plan_text=head.text,
            radio=joined(monikers),
            world_digest=digest,
            seed=seed,
            virtual=virtual,
            telemetry=request.telemetry,
            bench=request.bench,
            night=request.night,
            parts=part_rows(plan),
        )
        bays = {bay.car: bay.name for bay in wiring.bays} if wiring else {}
        rows = [
            CarRow(group.name, *_facts(car), bays.get(car.identifier)) for group in sets for car in group.cars
        ]
        journal, run_id = begin_run(
            db, home.database, spec=spec, cars=rows, on=versions_for(moniker), clock=SystemClock()
        )
        hold.say_run(run_id)
        with only_writer(home.run_folder(run_id)):
            return _see_through(
                replace(request, monikers=monikers),
                home=home,
                db=db,
                journal=journal,
                run_id=run_id,
                legs=night_legs(plan.parts, sets, seed),
                from_s=0.0,
                seed=seed,
                wiring=wiring,
            )


def resume(request: Request, run_id: str | None) -> int:
    """Goes on with a run that was cut short; returns the exit code."""
    _refuse_changes(request)
    home = find_home(request.home)
    if not home.database.exists():
        raise InputError(
            f"no run '{run_id}' is stored: {home.database} does not exist"
            if run_id
            else f"{_NOTHING_CUT}: {home.database} does not exist"
        )
    _check_outputs(request)
    with _database(home) as db:
        wanted = find_run(db, run_id) if run_id else _latest_cut(db, home)
        with contextlib.ExitStack() as stack:
            stack.enter_context(only_writer(home.run_folder(wanted.run_id)))
            monikers = parse_joined(wanted.radio)
            moniker = monikers[0]
            if world_digest(moniker) != wanted.world_digest:
                raise InputError(
                    f"run {wanted.run_id} cannot be resumed: the world '{moniker.target}' has changed since it began"
                )
            parts = [stored_part(row) for row in parts_of(db, wanted.number)]
            sets = _sets_of_rows(cars_of(db, wanted.number))
            wiring = _wiring_for(parts, moniker, wanted.bench)
            _refuse_unmet(parts, moniker, wiring, sets)
            held = stack.enter_context(bench_held(f"pitboard soak {wanted.plan_name}", monikers, wiring))
            held.say_run(wanted.run_id)
            known = len(clock_events_of(db, wanted.number))
            journal, _, gap = resume_run(db, home.database, wanted.run_id, SystemClock())
            for row in clock_events_of(db, wanted.number)[known:]:
                click.echo(clock_words(row), err=True)
            if not request.as_json:
                click.echo(
                    f"resuming {wanted.run_id}, cut at {gap.from_at}; {gap.unknown_acts} acts unknown",
                    err=True,
                )
            return _see_through(
                replace(
                    request,
                    monikers=monikers,
                    virtual=wanted.virtual,
                    telemetry=wanted.telemetry or request.telemetry,
                    bench=wanted.bench,
                    night=wanted.night,
                    selftest=request.selftest and not was_skipped(acts_before_legs(db, wanted.number)),
                ),
                home=home,
                db=db,
                journal=journal,
                run_id=wanted.run_id,
                legs=night_legs(parts, sets, wanted.seed),
                from_s=gap.until_s,
                seed=wanted.seed,
                wiring=wiring,
            )


def _check_outputs(request: Request) -> None:
    """Finds out before the night whether what is asked for can be written."""
    for folder in (request.out, request.prometheus and request.prometheus.absolute().parent):
        if folder is not None:
            check_writable(folder)


def _wiring_for(parts: Sequence[Part], moniker: Moniker, bench: str | None) -> Wiring | None:
    """The bench these parts are to be run on; None when they use none, or there is none.

    Raises:
        InputError: there is no such bench, or it does not go with these cars.
    """
    if not any(kind_named(part.plan.head.kind).needs(part.plan).uses_bench for part in parts):
        return None
    name = bench or bench_of(moniker)
    if name is None:
        return None
    wiring = load_wiring(name)
    wiring.refuse_beside(str(moniker), simulated_cars=moniker.has_world)
    return wiring


def _refuse_unmet(
    parts: Sequence[Part], moniker: Moniker, wiring: Wiring | None, sets: Sequence[CarSet]
) -> None:
    """Raises InputError when a part needs what this radio or this bench lacks."""
    can = abilities_of(wiring, simulated=moniker.has_world)
    cars = [car for group in sets for car in group.cars]
    for part in parts:
        refuse_unmet(part.plan.head.name, kind_named(part.plan.head.kind).needs(part.plan), can, cars)


def cut_off(home_given: str | None) -> str | None:
    """The latest run that was killed, lost its power, or was ended by the machine's shutting down, not one that somebody
    stopped; None when there is none."""
    home = find_home(home_given)
    if not home.database.exists():
        return None
    with _database(home) as db:
        for run in resumable_runs(db):
            if run.status == RUNNING and not is_held(home.run_folder(run.run_id)):
                return run.run_id
            if run.status == TERMINATED and run == find_run(db, "latest") and _was_in_another_boot(db, run):
                return run.run_id
    return None


def _was_in_another_boot(db: Any, run: RunRow) -> bool:
    """Whether the machine was booted since: who sends SIGTERM and leaves the machine up wants the run to end."""
    past, now = sessions_of(db, run.number)[-1].boot_id, SystemClock().uptime().boot_id
    return bool(past and now) and past != now


def _refuse_changes(request: Request) -> None:
    given = {
        "PLAN": request.plan,
        "--seed": request.seed,
        "--set": request.sets or None,
        "--cars": request.cars,
        "--bench": request.bench,
        "--night": request.night,
    }
    changes = [name for name, value in given.items() if value is not None] + list(request.air)
    if changes:
        raise InputError(
            "--resume goes on with the plan, radio, seed and cars of the run; leave those options out:"
            f" {', '.join(changes)}"
        )


def _latest_cut(db: Any, home: Home) -> RunRow:
    """The latest run that was cut short and that nobody is working on."""
    runs = resumable_runs(db)
    if not runs:
        raise InputError(f"{_NOTHING_CUT}; 'pitboard report' shows the latest")
    return next((run for run in runs if not is_held(home.run_folder(run.run_id))), runs[0])


def _see_through(
    request: Request,
    *,
    home: Home,
    db: Any,
    journal: RunJournal,
    run_id: str,
    legs: tuple[NightLeg, ...],
    from_s: float,
    seed: int,
    wiring: Wiring | None,
) -> int:
    stopper = Stopper()
    open_ = _opener(request, stopper)
    virtual = request.virtual is not False and request.moniker.can_jump_time
    with stopper.installed():
        status, failure = FINISHED, None

        def judge(part: int) -> Outcome:
            stored = stored_run(db, find_run(db, run_id))
            return report_of(stored, live=True).parts[part - 1].outcome

        with shown(legs, judge, brief=request.brief) as live:
            preflight = None
            if wiring is not None:
                preflight = Preflight(
                    journal,
                    wiring,
                    (car.identifier for leg in legs for car in leg.leg.cars),
                    record=acts_before_legs(db, journal.run),
                    virtual=virtual,
                    say=live.remark,
                )
            night = Night(
                legs=legs,
                journal=journal,
                db=db,
                database=home.database,
                virtual=virtual,
                telemetry=request.telemetry,
                on_progress=live.progress,
                on_left=stopper.note_left,
                prepare=_prepared_by(preflight, request, open_, seed),
                on_begun=live.begun,
                on_ended=live.ended,
                recovery=replace(SOAK_POLICY, allow_stack_restart=request.allow_stack_restart),
            )
            try:
                run_night(night, _leg_on(open_, journal, live, preflight), from_s=from_s)
            except KeyboardInterrupt:
                stopper.be_deaf()  # the next lines must be written, however impatient somebody is
                status = stopper.status
                journal.end(status, Outcome.ABORTED.value)
                stopper.listen_again()
            except RigError as error:
                status, failure = ABORTED, error
        if failure is not None:
            with contextlib.suppress(BenchError):  # the disk that is full may not take this either
                _show(request, home=home, db=db, journal=journal, run_id=run_id, status=status, error=failure)
            raise failure
        if status != FINISHED:
            click.echo(f"\n{stopper.farewell}", err=True)
        return _show(request, home=home, db=db, journal=journal, run_id=run_id, status=status)


def _show(
    request: Request,
    *,
    home: Home,
    db: Any,
    journal: RunJournal,
    run_id: str,
    status: str,
    error: RigError | None = None,
) -> int:
    """Writes how the run ended, then its reports: should those fail, 'pitboard report' makes them again."""
    stored = stored_run(db, find_run(db, run_id), look_back=RUNS)
    run = replace(stored.run, status=status)
    if error is not None:
        run = replace(run, outcome=Outcome.ERROR.value, error=error.what_happened)
    outcome = report_of(replace(stored, run=run)).outcome.value
    try:
        ended_at = journal.end(status, outcome, run.error)
    except BenchError:
        if error is None:
            raise
        ended_at = (
            SystemClock().utc_now().isoformat(timespec="milliseconds")
        )  # the reports may go to another disk, or be small enough for this
    report = report_of(replace(stored, run=replace(run, outcome=outcome, ended_at=ended_at)))
    if request.prometheus is not None:
        write_atomically(request.prometheus, render_prometheus(report))
    if request.brief:
        click.echo(f"{report.outcome.value}, run {run_id}: {report.headline}")
        return report.outcome.exit_code
    paths = write_artefacts(report, request.out or home.run_folder(run_id))
    if request.as_json:
        click.echo(render_json(report), nl=False)
    else:
        console = Console(highlight=False)
        for part in renderables(report):
            console.print(part)
        for kind, path in {**paths, "database": home.database}.items():
            click.echo(f"{kind:9} {path}")
    return report.outcome.exit_code


def _opener(request: Request, stopper: Stopper) -> Open:
    """Opens stations for the run as it was asked for; a signal ends what runs on one."""
    texts = [str(moniker) for moniker in request.monikers]

    def open_(
        main: Callable[[Station], Awaitable[None]], *, seed: int, uses_bench: bool, at_begin: bool = False
    ) -> None:
        async def on_station(station: Station) -> None:
            stopper.watch()
            await main(station)

        with stopper.interrupting():
            run_with_radio(
                texts,
                on_station,
                virtual=request.virtual,
                seed=seed,
                night=request.night or 1,
                uses_bench=uses_bench,
                bench=request.bench,
                at_begin=at_begin,
            )

    return open_


def _leg_on(open_: Open, journal: RunJournal, live: Shown, preflight: Preflight | None) -> RunLeg:
    def run_leg(main: LegMain, leg: NightLeg) -> None:
        async def on_station(station: Station) -> None:
            if station.bench is not None:
                journal.learn_versions(await fixture_versions(station.bench))
                if preflight is not None:
                    preflight.hand_to(station.bench)
            async with _beating(live):
                await main(station)

        open_(on_station, seed=leg.seed, uses_bench=leg.uses_bench)

    return run_leg


def _prepared_by(
    preflight: Preflight | None, request: Request, open_: Open, seed: int
) -> Callable[[float], float] | None:
    """What is to be done before the first leg; None where the run uses no bench."""
    if preflight is None:
        return None
    if not request.selftest:
        return preflight.skip
    # what goes wrong later in a simulated world has not happened yet when the night begins
    return lambda at_s: preflight.run(
        lambda main: open_(main, seed=derived_seed(seed, "self-test"), uses_bench=True, at_begin=True), at_s
    )


@contextlib.asynccontextmanager
async def _beating(live: Shown) -> AsyncIterator[None]:
    """Lets real time be heard of: a single unit may take an hour. In virtual time units come fast enough."""
    if in_virtual_time():
        yield
        return

    async def beat() -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            live.beat()

    beating = asyncio.create_task(beat(), name="beat of the live view")
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait({beating})


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
