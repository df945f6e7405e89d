"""One run being written: acts before they are tried, units when they are done. Each call is one commit,
on disk (`synchronous=FULL`) when it returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from rig.clock import Clock
from rig.store.clock_watch import ClockWatch
from rig.store.database import translated
from rig.store.rows import ClockRow, DetailRow, LeftAloneRow, NoteRow, UnitRow


class RunJournal:
    """Writes one run. All methods may raise BenchError (disk full, database gone); nothing acknowledged
    before is lost by that. `watches_clock`: what the machine's clock does meanwhile is noted (in virtual time nothing
    depends on it)."""

    def __init__(
        self, db: Any, path: Path, run: int, session: int, clock: Clock, *, watches_clock: bool = True
    ) -> None:
        self._connection = db.conn
        self._path = path
        self._clock = clock
        self.run = run
        self.session = session
        self._watch = ClockWatch(clock.utc_now(), clock.uptime()) if watches_clock else None

    def intend(
        self,
        at_s: float,
        act: str,
        *,
        subject_kind: str,
        subject: str,
        leg: int,
        unit: int | None = None,
        detail: str = "",
    ) -> int:
        """Writes that `act` is about to be tried on a subject (see `ActRow`); returns its number for `done`."""
        with translated(self._path), self._connection:
            cursor = self._connection.execute(
                "INSERT INTO acts (run, subject_kind, subject, leg, unit, at_s, act, detail, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'intended')",
                (self.run, subject_kind, subject, leg, unit, at_s, act, detail),
            )
            self._alive(at_s)
        number: int = cursor.lastrowid
        return number

    def observed(
        self,
        at_s: float,
        act: str,
        *,
        subject_kind: str,
        subject: str,
        leg: int,
        unit: int | None = None,
        detail: str = "",
        error: str | None = None,
    ) -> None:
        """Writes what takes no time, and so cannot be cut in two: a fact that was seen, a request that was refused, or
        (`error`) why something failed. In one commit, done as it is written: a run killed here has it whole or not at
        all."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "INSERT INTO acts (run, subject_kind, subject, leg, unit, at_s, act, detail, state, done_s, error)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(self.run, subject_kind, subject, leg, unit, at_s, act, detail),
                    *(_state(error), at_s, error),
                ),
            )
            self._alive(at_s)

    def done(self, number: int, at_s: float, error: str | None = None) -> None:
        """Writes how an act ended: ok, or fail with the error's name."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "UPDATE acts SET state = ?, done_s = ?, error = ? WHERE number = ?",
                (_state(error), at_s, error, number),
            )
            self._alive(at_s)

    def finish_unit(self, row: UnitRow, notes: Sequence[NoteRow] = ()) -> None:
        """Keeps a finished unit and what went wrong on its way."""
        with translated(self._path), self._connection:
            insert_row(self._connection, row.TABLE, self.run, row)
            self._insert_notes(notes)
            self._alive(row.ended_s)

    def keep_details(self, rows: Sequence[DetailRow], at_s: float) -> None:
        """Keeps what belongs to a unit beside its own row; what is on record already stays as it is."""
        with translated(self._path), self._connection:
            for row in rows:
                insert_row(self._connection, row.TABLE, self.run, row, or_ignore=True)
            self._alive(at_s)

    def note(self, notes: Sequence[NoteRow]) -> None:
        """Keeps what went wrong outside a unit."""
        with translated(self._path), self._connection:
            self._insert_notes(notes)

    def begin_leg(
        self, leg: int, set_name: str, began_s: float, *, kind: str, part: int = 1, units: int = 0
    ) -> None:
        """Writes that a leg (they count from 1 through all parts) begins, to run so many units."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "INSERT OR IGNORE INTO legs (run, leg, kind, set_name, began_s, part, units)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self.run, leg, kind, set_name, began_s, part, units),
            )
            self._alive(began_s)

    def end_leg(self, leg: int, ended_s: float) -> None:
        """Writes that a leg is through."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "UPDATE legs SET ended_s = ? WHERE run = ? AND leg = ?", (ended_s, self.run, leg)
            )
            self._alive(ended_s)

    def learn_car(self, identifier: int, model_id: int | None, firmware: int | None) -> None:
        """Keeps what a car turned out to be, once seen."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "UPDATE cars SET model_id = ?, firmware = ? WHERE run = ? AND identifier = ?",
                (model_id, firmware, self.run, identifier),
            )

    def learn_versions(self, found: Mapping[str, str]) -> None:
        """Keeps what more the run turned out to be made with; what is known already stays as it was first told."""
        with translated(self._path), self._connection:
            self._connection.executemany(
                "INSERT OR IGNORE INTO versions (run, name, version) VALUES (?, ?, ?)",
                [(self.run, name, version) for name, version in found.items()],
            )

    def leave_alone(self, row: LeftAloneRow) -> None:
        """Keeps why a car is left alone for the rest of a leg."""
        with translated(self._path), self._connection:
            insert_row(self._connection, "left_alone", self.run, row, or_replace=True)

    def end(self, status: str, outcome: str, error: str | None = None) -> str:
        """Writes how the run ended, with the `error` of a broken bench; returns when (UTC, ISO 8601)."""
        ended_at = self._now()
        with translated(self._path), self._connection:
            self._connection.execute(
                "UPDATE runs SET status = ?, outcome = ?, error = ?, ended_at = ? WHERE number = ?",
                (status, outcome, error, ended_at, self.run),
            )
        return ended_at

    def _insert_notes(self, notes: Sequence[NoteRow]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO notes (run, identifier, unit, at_s, attempt, stage, error, leg)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(self.run, *astuple(row)) for row in notes],
        )

    def _alive(self, at_s: float) -> None:
        now, uptime = self._clock.utc_now(), self._clock.uptime()
        at = now.isoformat(timespec="milliseconds")
        self._connection.execute(
            "UPDATE sessions SET last_at = ?, last_s = max(last_s, ?), boot_id = ?, last_uptime_s = ?"
            " WHERE run = ? AND session = ?",
            (at, at_s, uptime.boot_id, uptime.seconds, self.run, self.session),
        )
        if self._watch is not None:
            for kind, by_s in self._watch.look(now, uptime):
                insert_clock_event(self._connection, self.run, ClockRow(at_s, kind, by_s, at))

    def _now(self) -> str:
        return self._clock.utc_now().isoformat(timespec="milliseconds")


def _state(error: str | None) -> str:
    return "ok" if error is None else "fail"


def insert_clock_event(connection: Any, run: int, row: ClockRow) -> None:
    """Keeps what the clock did, within the caller's transaction."""
    connection.execute(
        "INSERT INTO clock_events (run, at_s, kind, by_s, noticed_at) VALUES (?, ?, ?, ?, ?)",
        (run, *astuple(row)),
    )


def insert_row(
    connection: Any, table: str, run: int, row: Any, *, or_replace: bool = False, or_ignore: bool = False
) -> None:
    """Inserts a row (a dataclass whose fields are the columns) of a run, within the caller's transaction; of one that
    is there already it replaces the old (`or_replace`) or leaves it (`or_ignore`)."""
    names = [field.name for field in fields(row)]
    how = "OR REPLACE " if or_replace else "OR IGNORE " if or_ignore else ""
    connection.execute(
        f"INSERT {how}INTO {table} (run, {', '.join(names)})"  # noqa: S608 - our own names
        f" VALUES ({', '.join('?' for _ in range(len(names) + 1))})",
        (run, *astuple(row)),
    )
