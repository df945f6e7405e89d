"""One run being written: acts before they are tried, cycles when they are done. Each call is one commit,
on disk (`synchronous=FULL`) when it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from rig.clock import Clock
from rig.store.clock_watch import ClockWatch
from rig.store.database import translated
from rig.store.rows import CAR, CarRow, ClockRow, CycleRow, NoteRow

_CYCLE_COLUMNS = ", ".join(field.name for field in fields(CycleRow))
_CYCLE_MARKS = ", ".join("?" for _ in fields(CycleRow))


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

    def intend(self, at_s: float, act: str, *, car: int, cycle: int | None, detail: str = "") -> int:
        """Writes that `act` is about to be tried on a car; returns its number for `done`."""
        with translated(self._path), self._connection:
            cursor = self._connection.execute(
                "INSERT INTO acts (run, subject_kind, subject, cycle, at_s, act, detail, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'intended')",
                (self.run, CAR, f"{car:08x}", cycle, at_s, act, detail),
            )
            self._alive(at_s)
        number: int = cursor.lastrowid
        return number

    def done(self, number: int, at_s: float, error: str | None = None) -> None:
        """Writes how an act ended: ok, or fail with the error's name."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "UPDATE acts SET state = ?, done_s = ?, error = ? WHERE number = ?",
                ("ok" if error is None else "fail", at_s, error, number),
            )
            self._alive(at_s)

    def finish_cycle(self, row: CycleRow, notes: Sequence[NoteRow]) -> None:
        """Keeps a finished cycle and what went wrong on its way."""
        with translated(self._path), self._connection:
            self._connection.execute(
                f"INSERT INTO cycles (run, {_CYCLE_COLUMNS}) VALUES (?, {_CYCLE_MARKS})",  # noqa: S608 - our own names
                (self.run, *astuple(row)),
            )
            self._insert_notes(notes)
            self._alive(row.ended_s)

    def note(self, notes: Sequence[NoteRow]) -> None:
        """Keeps what went wrong outside a cycle."""
        with translated(self._path), self._connection:
            self._insert_notes(notes)

    def begin_leg(self, leg: int, set_name: str, began_s: float, *, kind: str = "reconnect") -> None:
        """Writes that a leg (they count from 1) begins."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "INSERT OR IGNORE INTO legs (run, leg, kind, set_name, began_s) VALUES (?, ?, ?, ?, ?)",
                (self.run, leg, kind, set_name, began_s),
            )
            self._alive(began_s)

    def end_leg(self, leg: int, ended_s: float) -> None:
        """Writes that a leg is through."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "UPDATE legs SET ended_s = ? WHERE run = ? AND leg = ?", (ended_s, self.run, leg)
            )
            self._alive(ended_s)

    def learn_car(self, row: CarRow) -> None:
        """Replaces what is known of a car: its firmware once seen, or why it was left alone."""
        with translated(self._path), self._connection:
            self._connection.execute(
                "UPDATE cars SET model_id = ?, firmware = ?, bench_error = ?, given_up = ?"
                " WHERE run = ? AND set_name = ? AND identifier = ?",
                (
                    row.model_id,
                    row.firmware,
                    row.bench_error,
                    row.given_up,
                    self.run,
                    row.set_name,
                    row.identifier,
                ),
            )

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
            "INSERT OR IGNORE INTO notes (run, identifier, cycle, at_s, attempt, stage, error)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
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


def insert_clock_event(connection: Any, run: int, row: ClockRow) -> None:
    """Keeps what the clock did, within the caller's transaction."""
    connection.execute(
        "INSERT INTO clock_events (run, at_s, kind, by_s, noticed_at) VALUES (?, ?, ?, ?, ?)",
        (run, *astuple(row)),
    )
