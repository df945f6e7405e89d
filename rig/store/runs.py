"""Begins runs, and takes up again those that were cut short."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from rig.clock import Clock, Uptime
from rig.errors import InputError
from rig.store.clock_watch import Away, away_since
from rig.store.database import translated
from rig.store.journal import RunJournal, insert_clock_event, insert_row
from rig.store.queries import find_run, sessions_of
from rig.store.rows import CarRow, ClockRow, GapRow, PartRow

_VERSIONED = ("pitboard", "bleak", "bumble", "construct", "sqlite-utils", "scipy", "numpy")


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What a run is about to run; the fields but `parts` are those of `RunRow`."""

    plan_name: str
    plan_digest: str
    plan_text: str
    radio: str
    world_digest: str | None
    seed: int
    virtual: bool
    telemetry: bool = False
    bench: str | None = None
    night: int | None = None
    parts: tuple[PartRow, ...] = ()


def versions() -> dict[str, str]:
    """What this bench runs on: the host, Python, kernel, and the packages that matter, by name."""
    found = {
        "host": platform.node(),
        "python": platform.python_version(),
        "kernel": f"{platform.system()} {platform.release()}",
    }
    for name in _VERSIONED:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def begin_run(
    db: Any, path: Path, *, spec: RunSpec, cars: Sequence[CarRow], on: Mapping[str, str], clock: Clock
) -> tuple[RunJournal, str]:
    """Writes a new run with its cars and versions; returns its journal and its id.

    The id is the UTC start and the plan's name, e.g. `20261122-221500-reconnect`.
    """
    now = clock.utc_now()
    started_at = now.isoformat(timespec="milliseconds")
    with translated(path), db.conn:
        db.conn.execute("BEGIN IMMEDIATE")  # nobody takes the same id between looking and writing
        run_id = _free_id(db, f"{now:%Y%m%d-%H%M%S}-{_slug(spec.plan_name)}")
        told = {field.name: getattr(spec, field.name) for field in fields(spec) if field.name != "parts"}
        cursor = db.conn.execute(
            f"INSERT INTO runs (run_id, status, {', '.join(told)}, started_at)"  # noqa: S608 - our own names
            f" VALUES (?, 'running', {', '.join('?' for _ in told)}, ?)",
            (run_id, *told.values(), started_at),
        )
        run = cursor.lastrowid
        for part in spec.parts:
            insert_row(db.conn, "parts", run, part)
        db.conn.executemany(
            "INSERT INTO versions (run, name, version) VALUES (?, ?, ?)",
            [(run, name, version) for name, version in on.items()],
        )
        db.conn.executemany(
            "INSERT INTO cars (run, place, set_name, identifier, label, model_id, firmware, bay)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(run, place, *astuple(car)) for place, car in enumerate(cars)],
        )
        _open_session(db, run, 1, started_at, 0.0, uptime=clock.uptime())
    return RunJournal(db, path, run, 1, clock, watches_clock=not spec.virtual), run_id


def resume_run(db: Any, path: Path, run_id: str, clock: Clock) -> tuple[RunJournal, str, GapRow]:
    """Takes up a run that was cut short or aborted.

    The time since its last sign of life becomes a gap, acts under way then become `unknown`, and a car that
    was left alone in a leg that is not through gets another chance.

    Raises:
        InputError: there is no such run, or it is finished.
    """
    with translated(path):
        run = find_run(db, run_id)
        if run.status == "finished":
            raise InputError(f"run {run.run_id} is finished; 'pitboard report {run.run_id}' shows it")
        past = sessions_of(db, run.number)[-1]
        number, last_s = past.session, past.last_s
        now, uptime = clock.utc_now(), clock.uptime()
        # in virtual time the world stood still with the process; on a bench it went on without us
        last_at = datetime.fromisoformat(past.last_at)
        away = (
            Away(0.0) if run.virtual else away_since(last_at, past.boot_id, past.last_uptime_s, now, uptime)
        )
        until_at = now.isoformat(timespec="milliseconds")
        with db.conn:
            unknown = db.conn.execute(
                "UPDATE acts SET state = 'unknown' WHERE run = ? AND state = 'intended'", (run.number,)
            ).rowcount
            gap = GapRow(last_s, last_s + away.for_s, past.last_at, until_at, unknown)
            db.conn.execute(
                "INSERT INTO gaps (run, session, from_s, until_s, from_at, until_at, unknown_acts)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run.number, number, *astuple(gap)),
            )
            _open_session(db, run.number, number + 1, until_at, gap.until_s, uptime=uptime)
            if away.stepped_s is not None:
                row = ClockRow(gap.until_s, "stepped", round(away.stepped_s, 3), until_at)
                insert_clock_event(db.conn, run.number, row)
            db.conn.execute(
                "UPDATE runs SET status = 'running', outcome = NULL, error = NULL, ended_at = NULL WHERE number = ?",
                (run.number,),
            )
            db.conn.execute(
                "DELETE FROM left_alone WHERE run = ? AND leg NOT IN"
                " (SELECT leg FROM legs WHERE legs.run = left_alone.run AND ended_s IS NOT NULL)",
                (run.number,),
            )
    journal = RunJournal(db, path, run.number, number + 1, clock, watches_clock=not run.virtual)
    return journal, run.run_id, gap


def _open_session(db: Any, run: int, session: int, at: str, at_s: float, *, uptime: Uptime) -> None:
    db.conn.execute(
        "INSERT INTO sessions (run, session, started_at, last_at, last_s, boot_id, last_uptime_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run, session, at, at, at_s, uptime.boot_id, uptime.seconds),
    )


def _slug(name: str) -> str:
    """A plan's name as part of a folder's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)


def _free_id(db: Any, wanted: str) -> str:
    taken = {
        row[0] for row in db.conn.execute("SELECT run_id FROM runs WHERE run_id LIKE ?", (f"{wanted}%",))
    }
    if wanted not in taken:
        return wanted
    count = 2
    while f"{wanted}-{count}" in taken:
        count += 1
    return f"{wanted}-{count}"
