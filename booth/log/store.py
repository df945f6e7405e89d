"""show.db: what happened at the show, row by row, on disk when `append` returns.

Written by the race process alone; anybody may read beside it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from booth.errors import BadInput, BoothBroken
from booth.log.chain import BEGINNING, Row, canonical, first_fault, link_of
from booth.show.records import RECORDS, Record, from_body, to_body

FILE = "show.db"
_BUSY_LIMIT_S = 5.0
_FORMAT = 1
_TABLE = "log"
_COLUMNS = {"number": int, "at": str, "kind": str, "body": str, "link": str}


class ShowLog:
    """The log at a path; a context manager. `create` makes it where there is none, and is what a writer passes.

    Raises:
        BadInput: there is none and it shall not be made, or the file is something else.
        BoothBroken: it cannot be opened or written.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        if not create and not path.is_file():
            raise BadInput(
                f"there is no show at {path}; 'pitboard booth run' makes one, or name its folder with --home"
            )
        with self._told():
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_BUSY_LIMIT_S, isolation_level=None)
            try:
                self._db = self._prepared(connection, create=create)
            except BaseException:
                connection.close()
                raise
        self._link = self._last_link()

    def __enter__(self) -> Self:
        """The log itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes it."""
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def append(self, record: Record, at: datetime) -> int:
        """Writes one record, aware of its zone, and returns its number, from 1. It is on disk then.

        Raises:
            BoothBroken: disk full, file gone, read-only; nothing written before is lost by that.
        """
        kind, fields = to_body(record)
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        body = canonical(fields)
        link = link_of(self._link, moment, kind, body)
        with self._told():
            cursor = self._db.conn.execute(
                f"INSERT INTO {_TABLE} (at, kind, body, link) VALUES (?, ?, ?, ?)",  # noqa: S608 - our own name
                (moment, kind, body, link),
            )
        self._link = link
        number: int = cursor.lastrowid
        return number

    def read(self, since: datetime | None = None) -> Iterator[tuple[datetime, Record]]:
        """Every record from an instant on, oldest first, with its time (UTC). Kinds of a newer pitboard are passed over.

        Raises:
            BoothBroken: the file cannot be read, or is damaged.
        """
        moment = "" if since is None else since.astimezone(UTC).isoformat(timespec="microseconds")
        for row in self._rows("at >= ?", (moment,)):
            if row.kind in RECORDS:
                yield datetime.fromisoformat(row.at), from_body(row.kind, json.loads(row.body))

    def fault(self) -> str | None:
        """Where the chain is broken, in one sentence; None: it is whole.

        Raises:
            BoothBroken: as `read`.
        """
        return first_fault(self._rows("1", ()))

    @property
    def last_link(self) -> str:
        """The end of the chain, hex: written down elsewhere it proves that nothing was cut off."""
        return self._link

    def _rows(self, where: str, values: tuple[str, ...]) -> Iterator[Row]:
        with self._told():
            for values_of_row in self._db.conn.execute(
                f"SELECT number, at, kind, body, link FROM {_TABLE} WHERE {where} ORDER BY number",  # noqa: S608 - as above
                values,
            ):
                yield Row(*values_of_row)

    def _last_link(self) -> str:
        with self._told():
            found = self._db.conn.execute(
                f"SELECT link FROM {_TABLE} ORDER BY number DESC LIMIT 1"  # noqa: S608 - as above
            ).fetchone()
        return BEGINNING if found is None else str(found[0])

    def _prepared(self, connection: sqlite3.Connection, *, create: bool) -> Any:
        db = Database(connection)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _FORMAT:
            raise BadInput(f"{self.path} was written by a newer pitboard; upgrade, or name another --home")
        if version == 0:
            if db.table_names() or not create:
                raise BadInput(f"{self.path} is no show's log; name another --home")
            connection.execute("PRAGMA journal_mode=WAL")
            db.table(_TABLE).create(_COLUMNS, pk="number", not_null={"at", "kind", "body", "link"})
            connection.execute(f"PRAGMA user_version={_FORMAT}")
        connection.execute("PRAGMA synchronous=FULL")
        return db

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's errors as a sentence."""
        try:
            yield
        except OSError as error:
            raise BoothBroken(f"cannot make {self.path} ({error.strerror}); name another --home") from error
        except sqlite3.DatabaseError as error:
            raise BoothBroken(
                f"the show's log {self.path} failed: {error}; free some space or mend its rights, what was written"
                " before is safe"
            ) from error
