"""Reads runs back. Every function may raise `sqlite3.Error`; callers wrap them in `translated`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from rig.errors import InputError
from rig.store.database import open_database, translated
from rig.store.lives import ChargeRow, LifeRow, ReadingRow
from rig.store.preflight import BEFORE_LEGS
from rig.store.rows import (
    UNIT_ROWS,
    ActRow,
    CarRow,
    ClockRow,
    CycleRow,
    DetailRow,
    GapRow,
    LeftAloneRow,
    LegRow,
    NoteRow,
    PartRow,
    RunRow,
    SessionRow,
    UnitRow,
)
from rig.store.swaps import SwapRow
from rig.store.tries import RUNS, TryRow, tries_up_to

_Row = TypeVar("_Row")
_Unit = TypeVar("_Unit", bound=UnitRow)
_Detail = TypeVar("_Detail", bound=DetailRow)


@dataclass(frozen=True, slots=True)
class CarTelemetry:
    """The frames of one car in one leg, summed up from the per-second rows: speeds in mm/s, voltages in mV."""

    leg: int
    identifier: int
    frames: int
    seconds: int
    speed_mean_mm_s: float | None
    speed_max_mm_s: int | None
    battery_min_mv: int | None
    late_max_us: int | None


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run with everything a report needs, in the order of its parts, cars and units. `tries` are those of runs before
    it too."""

    run: RunRow
    versions: dict[str, str]
    parts: tuple[PartRow, ...]
    cars: tuple[CarRow, ...]
    left_alone: tuple[LeftAloneRow, ...]
    legs: tuple[LegRow, ...]
    cycles: tuple[CycleRow, ...]
    notes: tuple[NoteRow, ...]
    gaps: tuple[GapRow, ...]
    unfinished_acts: tuple[ActRow, ...]
    telemetry: tuple[CarTelemetry, ...]
    clock: tuple[ClockRow, ...] = ()
    swaps: tuple[SwapRow, ...] = ()
    swap_acts: tuple[ActRow, ...] = ()
    """The whole journal of the legs that swap, for their invariants."""
    acts_before: tuple[ActRow, ...] = ()
    """Those before the first leg."""
    tries: tuple[TryRow, ...] = ()
    lives: tuple[LifeRow, ...] = ()
    charges: tuple[ChargeRow, ...] = ()
    readings: tuple[ReadingRow, ...] = ()


def only_part(stored: StoredRun, part: int) -> StoredRun:
    """What belongs to one part of a run."""
    legs = {row.leg for row in stored.legs if row.part == part}
    return replace(
        stored,
        parts=tuple(row for row in stored.parts if row.part == part),
        left_alone=tuple(row for row in stored.left_alone if row.leg in legs),
        legs=tuple(row for row in stored.legs if row.leg in legs),
        cycles=tuple(row for row in stored.cycles if row.leg in legs),
        swaps=tuple(row for row in stored.swaps if row.leg in legs),
        swap_acts=tuple(row for row in stored.swap_acts if row.leg in legs),
        lives=tuple(row for row in stored.lives if row.leg in legs),
        charges=tuple(row for row in stored.charges if row.leg in legs),
        readings=tuple(row for row in stored.readings if row.leg in legs),
        notes=tuple(row for row in stored.notes if row.leg in legs),
        unfinished_acts=tuple(row for row in stored.unfinished_acts if row.leg in legs),
        telemetry=tuple(row for row in stored.telemetry if row.leg in legs),
    )


def load_run(path: Path, run_id: str | None = None) -> StoredRun:
    """Reads a run (the latest, unless `run_id` names one) from the database at `path`.

    Raises:
        InputError: no database, or no such run.
        BenchError: the database cannot be read.
    """
    try:
        db = open_database(path, create=False)
    except InputError as error:
        if run_id is None:
            raise
        raise InputError(f"no run '{run_id}' is stored: {error}") from error
    try:
        with translated(path):
            return stored_run(db, find_run(db, run_id), look_back=RUNS)
    finally:
        db.close()


def load_series(
    path: Path, run_id: str | None, together: Callable[[RunRow, RunRow], bool]
) -> list[StoredRun]:
    """A run (the latest, unless `run_id` names one) and all that belong `together` with it, in the order in which
    they were made.

    Raises:
        InputError: no database, or no such run.
        BenchError: the database cannot be read.
    """
    db = open_database(path, create=False)
    try:
        with translated(path):
            wanted = find_run(db, run_id)
            runs = _rows(db, RunRow, "runs", "1 ORDER BY number")
            return [stored_run(db, run) for run in runs if together(run, wanted)]
    finally:
        db.close()


def list_runs(path: Path) -> list[tuple[RunRow, int]]:
    """All runs with their number of finished units, the latest first.

    Raises:
        InputError: no database.
        BenchError: the database cannot be read.
    """
    db = open_database(path, create=False)
    try:
        with translated(path):
            finished: Counter[int] = Counter()
            for kind in UNIT_ROWS:
                counts = db.conn.execute(f"SELECT run, count(*) FROM {kind.TABLE} GROUP BY run")  # noqa: S608 - our own names
                finished.update(dict(counts))
            runs = _rows(db, RunRow, "runs", "1 ORDER BY number DESC")
            return [(run, finished[run.number]) for run in runs]
    finally:
        db.close()


def resumable_runs(db: Any) -> list[RunRow]:
    """The runs that began some work and did not finish it, the latest first. One may be under way."""
    began = "EXISTS (SELECT 1 FROM legs WHERE legs.run = runs.number)"
    return _rows(db, RunRow, "runs", f"status != 'finished' AND {began} ORDER BY number DESC")


def find_run(db: Any, run_id: str | None) -> RunRow:
    """One run: by id (or the start of one), `latest` (also without a word) or `previous`, the one before it.

    Raises:
        InputError: there is none, or the start fits several.
    """
    if run_id is None or run_id in {"latest", "previous"}:
        back = int(run_id == "previous")
        found = _rows(db, RunRow, "runs", "1 ORDER BY number DESC LIMIT 1 OFFSET ?", back)
        if not found and back and _rows(db, RunRow, "runs", "1 LIMIT 1"):
            raise InputError("only one run is stored, so there is no previous one")
        if not found:
            raise InputError("no run is stored yet; 'pitboard soak' makes one")
        return found[0]
    exact = _rows(db, RunRow, "runs", "run_id = ?", run_id)
    if exact:
        return exact[0]
    found = _rows(db, RunRow, "runs", "substr(run_id, 1, length(?)) = ? ORDER BY number", run_id, run_id)
    if not found:
        raise InputError(f"no run '{run_id}' is stored; 'pitboard report --list' shows those that are")
    if len(found) > 1:
        names = ", ".join(run.run_id for run in found[:4])
        raise InputError(f"'{run_id}' fits {len(found)} runs ({names} …); write more of it")
    return found[0]


def stored_run(db: Any, run: RunRow, *, look_back: int = 1) -> StoredRun:
    """Everything stored about a run, and the tries of so many runs, itself counted."""
    number = run.number
    return StoredRun(
        run=run,
        versions=dict(
            db.conn.execute("SELECT name, version FROM versions WHERE run = ? ORDER BY name", (number,))
        ),
        parts=tuple(parts_of(db, number)),
        cars=tuple(_rows(db, CarRow, "cars", "run = ? ORDER BY place", number)),
        left_alone=tuple(_rows(db, LeftAloneRow, "left_alone", "run = ? ORDER BY leg, identifier", number)),
        legs=tuple(_rows(db, LegRow, "legs", "run = ? ORDER BY leg", number)),
        cycles=tuple(units_of(db, number, CycleRow)),
        swaps=tuple(units_of(db, number, SwapRow)),
        swap_acts=tuple(
            _rows(
                db,
                ActRow,
                "acts",
                "run = ? AND leg IN (SELECT leg FROM legs WHERE legs.run = ? AND kind = 'swap') ORDER BY number",
                number,
                number,
            )
        ),
        acts_before=tuple(acts_before_legs(db, number)),
        lives=tuple(units_of(db, number, LifeRow)),
        charges=tuple(details_of(db, number, ChargeRow)),
        readings=tuple(details_of(db, number, ReadingRow)),
        notes=tuple(_rows(db, NoteRow, "notes", "run = ? ORDER BY at_s, identifier, attempt", number)),
        gaps=tuple(gaps_of(db, number)),
        unfinished_acts=tuple(
            _rows(db, ActRow, "acts", "run = ? AND state IN ('intended', 'unknown') ORDER BY number", number)
        ),
        telemetry=tuple(telemetry_of(db, number)),
        clock=tuple(clock_events_of(db, number)),
        tries=tries_up_to(db, number, look_back),
    )


def units_of(db: Any, run: int, kind: type[_Unit]) -> list[_Unit]:
    """The finished units of one kind, in the order in which they ended."""
    rows = _rows(db, kind, kind.TABLE, "run = ?", run)
    return sorted(rows, key=lambda row: (row.ended_s, row.leg, row.key))


def details_of(db: Any, run: int, kind: type[_Detail]) -> list[_Detail]:
    """What is kept with units, of one kind, by leg, car, unit and time as far as it has them."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # always one of our dataclasses
    order = [name for name in ("leg", "identifier", "life", "at_s") if name in names]
    return _rows(db, kind, kind.TABLE, f"run = ? ORDER BY {', '.join(order)}", run)


def parts_of(db: Any, run: int) -> list[PartRow]:
    """The parts of a run, in order."""
    return _rows(db, PartRow, "parts", "run = ? ORDER BY part", run)


def legs_of_run(db: Any, run: int) -> list[LegRow]:
    """The legs a run has begun, in order."""
    return _rows(db, LegRow, "legs", "run = ? ORDER BY leg", run)


def cars_of(db: Any, run: int) -> list[CarRow]:
    """The cars of a run, in order."""
    return _rows(db, CarRow, "cars", "run = ? ORDER BY place", run)


def acts_of(db: Any, run: int) -> list[ActRow]:
    """The whole journal of a run."""
    return _rows(db, ActRow, "acts", "run = ? ORDER BY number", run)


def acts_before_legs(db: Any, run: int) -> list[ActRow]:
    """The journal before the first leg of a run, as `rig.store.preflight` reads it."""
    return _rows(db, ActRow, "acts", "run = ? AND leg = ? ORDER BY number", run, BEFORE_LEGS)


def gaps_of(db: Any, run: int) -> list[GapRow]:
    """The times in which nobody watched the run, in order."""
    return _rows(db, GapRow, "gaps", "run = ? ORDER BY session", run)


def sessions_of(db: Any, run: int) -> list[SessionRow]:
    """Each time that somebody worked on the run, in order."""
    return _rows(db, SessionRow, "sessions", "run = ? ORDER BY session", run)


def clock_events_of(db: Any, run: int) -> list[ClockRow]:
    """What the machine's clock did under the run, in the order in which it was noticed."""
    return _rows(db, ClockRow, "clock_events", "run = ? ORDER BY event", run)


def telemetry_of(db: Any, run: int) -> list[CarTelemetry]:
    """Per leg and car sums over the one-second rows; never reads the frames themselves. A second belongs to the
    last leg that began in it or before."""
    began = [(row.leg, int(row.began_s)) for row in legs_of_run(db, run)] or [(1, 0)]
    found = []
    for (leg, from_s), until in zip(began, [*began[1:], None], strict=True):
        found += [
            CarTelemetry(leg, *row)
            for row in db.conn.execute(
                "SELECT car, sum(frames), count(*), sum(speed_sum) * 1.0 / nullif(sum(speed_n), 0), max(speed_max),"
                " min(battery_min), max(late_max) FROM telemetry_1s"
                " WHERE run = ? AND second >= ? AND second < ? GROUP BY car ORDER BY car",
                (run, from_s, 2**62 if until is None else until[1]),
            )
        ]
    return found


def _rows(db: Any, kind: type[_Row], table: str, where: str, *values: object) -> list[_Row]:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # always one of our dataclasses
    found = db.query(f"SELECT {', '.join(names)} FROM {table} WHERE {where}", values)  # noqa: S608 - our own names
    booleans = {field.name for field in fields(kind) if field.type == "bool"}  # type: ignore[arg-type]  # as above
    return [kind(**{n: bool(v) if n in booleans else v for n, v in row.items()}) for row in found]
