"""Opens the database, brings its schema up to date, and turns SQLite's errors into sentences.

The journal's connection commits with `synchronous=FULL`: what it has acknowledged survives a power cut.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from rig.errors import BenchError, InputError
from rig.store.home import make_folder
from rig.store.schema import migrations

_BUSY_LIMIT_S = 10.0
_PAGE = 64 * 1024
"""What SQLite takes at a time for the index of its WAL, with some to spare."""


def open_database(path: Path, *, create: bool = True) -> Any:
    """The database (a `sqlite_utils.Database`) with the current schema, in WAL mode.

    With `create=False` nothing is written: a missing file, or one of an older schema, is refused.

    Raises:
        InputError: `create` is False and there is no database; or it is of a newer pitboard.
        BenchError: it cannot be opened, created or written, or it is damaged.
    """
    if create:
        make_folder(path.parent)
    else:
        _must_exist(path)
    with translated(path):
        place = path if create else _uri_to_read(path)
        connection = sqlite3.connect(place, timeout=_BUSY_LIMIT_S, uri=not create)
        try:
            with _alone_in(path.parent) if create else contextlib.nullcontext():
                return _prepare(connection, path, create)
        except BaseException:
            connection.close()
            raise


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Holds back other processes that open a database here: only one may create it or change its schema."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise BenchError(f"cannot use the folder {folder} ({error.strerror}); name another --home") from error
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _must_exist(path: Path) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"no results yet: {path} does not exist; 'pitboard soak' makes it, --home names another"
        ) from error
    except OSError as error:
        raise BenchError(
            f"cannot read {path} ({error.strerror}); mend its rights, or name another --home"
        ) from error


def _uri_to_read(path: Path) -> str:
    """The URI to read with. A WAL database wants to write beside itself even to be read; where that is not
    allowed and nothing is left in the WAL, it may be taken as it lies."""
    at_rest = not path.with_name(f"{path.name}-wal").exists()
    frozen = at_rest and not os.access(path.parent, os.W_OK)
    return f"{path.absolute().as_uri()}?{'immutable=1' if frozen else 'mode=rw'}"


def _prepare(connection: sqlite3.Connection, path: Path, create: bool) -> Any:
    db = Database(connection)
    known = {migration.name for migration in migrations._migrations}  # noqa: SLF001 - it offers no list of its own
    newer = [migration.name for migration in migrations.applied(db) if migration.name not in known]
    if newer:
        raise InputError(
            f"{path} was written by a newer pitboard (it has {newer[-1]}); upgrade pitboard, or name another --home"
        )
    applied = [migration.name for migration in migrations.applied(db)]
    _refuse_other_tables(db, path, applied)
    pending = migrations.pending(db)
    if pending and not create:
        raise InputError(f"{path} has no results of this version yet; 'pitboard soak' brings it up to date")
    if create:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        if pending:
            migrations.apply(db)
        # a read-only file opens without complaint; find out now, not at the first result
        connection.execute("BEGIN IMMEDIATE")
        connection.rollback()
    return db


def _refuse_other_tables(db: Any, path: Path, applied: Sequence[str]) -> None:
    """A database whose tables are not those its migrations make was written between two releases, when a migration
    was not final yet. It cannot be brought up to date, and it is not damaged either.

    Raises:
        InputError: says which pitboard wrote it, and what to do.
    """
    found, expected = _columns(db), _expected(tuple(applied))
    other = sorted(name for name, columns in expected.items() if found.get(name) != columns)
    to_come = _expected(tuple(migration.name for migration in migrations._migrations))  # noqa: SLF001 - as above
    other += sorted(to_come.keys() & found.keys() - expected.keys())
    if not other:
        return
    wrote = "a pitboard"
    with contextlib.suppress(sqlite3.Error):
        for (version,) in db.conn.execute(
            "SELECT version FROM versions WHERE name = 'pitboard' ORDER BY run DESC LIMIT 1"
        ):
            wrote = f"pitboard {version}"
    last = f" after {applied[-1]}" if applied else ""
    raise InputError(
        f"{path} was written by {wrote} between two releases: its table '{other[0]}' is not the one this version"
        f" knows{last}; move the file away (its runs can only be read by the version that wrote it),"
        " or name another --home"
    )


@functools.cache
def _expected(applied: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """The tables and their columns that these migrations make."""
    scratch = Database(memory=True)
    try:
        for migration in migrations._migrations:  # noqa: SLF001 - as above
            if migration.name in applied:
                migration.fn(scratch)
        return _columns(scratch)
    finally:
        scratch.close()


def _columns(db: Any) -> dict[str, frozenset[str]]:
    tables = db.conn.execute(
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND m.name NOT LIKE '\\_sqlite\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    found: dict[str, set[str]] = {}
    for table, column in tables:
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns SQLite's errors inside the block into one sentence that names the file and the way out.

    Raises:
        BenchError: whatever SQLite raised.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise BenchError(_sentence(path, error)) from error


def _sentence(path: Path, error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    no_room = name.startswith("SQLITE_IOERR") and _is_full(path.parent)  # its shared memory could not grow
    if no_room or name.startswith("SQLITE_FULL") or "disk is full" in text:
        return (
            f"the disk is full: {path} could not grow; free some space, then 'pitboard soak --resume':"
            " finished work is safe"
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return f"no permission for the database {path} ({text}); mend its rights, or name another --home"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"{path} is damaged or no database ({text}); move it away, or name another --home"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} is held by another program ({text}); stop it and try again"
    refusal = _refusal(path) if name.startswith("SQLITE_IOERR") else None
    if refusal is not None:
        return (
            f"the database {path} cannot be written any more ({refusal}); make it writable again, then"
            " 'pitboard soak --resume': finished work is safe"
        )
    return f"the database {path} failed ({text}); check the disk, then 'pitboard soak --resume'"


def _is_full(folder: Path) -> bool:
    """Whether not even one more page fits."""
    with contextlib.suppress(OSError):
        free = os.statvfs(folder)
        return free.f_bavail * free.f_frsize < _PAGE
    return False


def _refusal(path: Path) -> str | None:
    """What the system says when the database or its WAL is opened for writing; None when it lets us. SQLite tells only
    that a write failed."""
    for file in (path, path.with_name(f"{path.name}-wal")):
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CLOEXEC))
        except FileNotFoundError:
            continue
        except OSError as error:
            return error.strerror
    return None
