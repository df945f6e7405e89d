"""Frames in bulk: cheap to add in the loop, written by a thread every 100 ms.

`synchronous=NORMAL`: a power cut may cost the last batches, never the file. Each batch also rewrites the
one-second sums it touches, in the same transaction, so that reports never read the frames themselves.
In virtual time there is no thread: the batch is written inline when it is large enough.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rig.errors import BenchError
from rig.store.database import translated

FLUSH_EVERY_S = 0.1
_INLINE_BATCH = 2000
_SECOND_US = 1_000_000


class TelemetryRow(NamedTuple):
    """One frame: `car` its identifier, `t_us` run microseconds, `n` tells frames of one instant apart.
    `late_us` is how long after its intended time something happened. What a frame does not say is None."""

    car: int
    t_us: int
    n: int
    msg_id: int | None = None
    piece: int | None = None
    offset_mm: float | None = None
    speed_mm_s: int | None = None
    battery_mv: int | None = None
    late_us: int | None = None


_INSERT = (
    "INSERT OR IGNORE INTO telemetry (run, car, t_us, n, msg_id, piece, offset_mm, speed_mm_s, battery_mv, late_us)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ROLL_UP = """
    INSERT OR REPLACE INTO telemetry_1s
    SELECT run, car, t_us / 1000000, count(*), count(speed_mm_s), coalesce(sum(speed_mm_s), 0),
           min(speed_mm_s), max(speed_mm_s), min(battery_mv), count(late_us), coalesce(sum(late_us), 0),
           max(late_us)
    FROM telemetry WHERE run = ? AND car = ? AND t_us >= ? AND t_us < ? GROUP BY run, car, t_us / 1000000"""


class TelemetryWriter:
    """Writes the telemetry of one run. `add` may be called from the loop, at any rate; the rest of the work
    happens in the writer's thread (`threaded`) or inline. Close it to write the last batch."""

    def __init__(self, path: Path, run: int, *, threaded: bool) -> None:
        self._path = path
        self._run = run
        self._rows: deque[TelemetryRow] = deque()
        self._append = self._rows.append
        self._threaded = threaded
        self._stopping = threading.Event()
        self._failure: BenchError | None = None
        self._connection = self._connect()
        self._thread: threading.Thread | None = None
        if threaded:
            self._thread = threading.Thread(target=self._work, name="pitboard-telemetry", daemon=True)
            self._thread.start()

    def add(self, row: TelemetryRow) -> None:
        """Takes a row; it is on disk within about `FLUSH_EVERY_S`."""
        self._append(row)
        if not self._threaded and len(self._rows) >= _INLINE_BATCH:
            self._flush()

    def close(self) -> None:
        """Writes what is left and lets go of the database.

        Raises:
            BenchError: a batch could not be written, now or earlier.
        """
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        try:
            if self._failure is None:
                self._flush()
        finally:
            self._connection.close()
        if self._failure is not None:
            raise self._failure

    def _connect(self) -> sqlite3.Connection:
        with translated(self._path):
            # the thread alone uses it until it is joined; then close() does
            connection = sqlite3.connect(self._path, timeout=10.0, check_same_thread=False)
            connection.execute("PRAGMA synchronous=NORMAL")
            return connection

    def _work(self) -> None:
        while not self._stopping.wait(FLUSH_EVERY_S):
            try:
                self._flush()
            except BenchError as error:
                self._failure = error
                return

    def _flush(self) -> None:
        rows = self._rows
        batch = [rows.popleft() for _ in range(len(rows))]
        if batch:
            with translated(self._path), self._connection:
                write_batch(self._connection, self._run, batch)


def write_batch(connection: sqlite3.Connection, run: int, batch: Sequence[TelemetryRow]) -> None:
    """Writes rows and the one-second sums they touch, within the caller's transaction."""
    connection.executemany(_INSERT, [(run, *row) for row in batch])
    spans: dict[int, tuple[int, int]] = {}
    for row in batch:
        first, last = spans.get(row.car, (row.t_us, row.t_us))
        spans[row.car] = (min(first, row.t_us), max(last, row.t_us))
    connection.executemany(
        _ROLL_UP,
        [
            (run, car, first // _SECOND_US * _SECOND_US, (last // _SECOND_US + 1) * _SECOND_US)
            for car, (first, last) in spans.items()
        ],
    )
