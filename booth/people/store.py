"""people.db: the one door to people's data. See `booth.people` for how to use it, `booth.people.office` for what is done
with the data afterwards.

WAL with `synchronous=FULL`: what a method has returned survives a power cut. `secure_delete` and a scrub after each erasure:
what was erased is in none of its files. Reads have a connection of their own and wait for no writer.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from booth.errors import BadInput, BoothBroken
from booth.people import capturing, copies, counting, erasing, ticketing
from booth.people.contact import Contact, plain_text
from booth.people.fingerprint import SALT_BYTES, USUAL, Cost, Marks, marks_of
from booth.people.form import Captured, Counts, Form
from booth.people.log import Moment
from booth.people.schema import MIGRATIONS
from booth.people.sealing import key_id, seal
from booth.people.tickets import Reason, Ticket
from rig.clock import Clock

FILE = "people.db"
"""In a show's folder."""
_BUSY_S = 10.0
_MOST_NICKNAME = 60
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class PeopleStore:
    """People of one show. `cost` is what a guess at a fingerprint costs, for good when the file is made; only tests and
    rehearsals make it cheap.

    With `show` and `time_zone` (the pack's) the file is made when it is not there; without them it must be.
    `public_key` is needed to capture.

    Raises:
        BadInput: there is no such file and it is not to be made, or a newer pitboard wrote it.
        BoothBroken: it cannot be opened, or is damaged. So do all methods, when the disk is full or gone.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        show: str | None = None,
        time_zone: str | None = None,
        public_key: bytes | None = None,
        cost: Cost = USUAL,
    ) -> None:
        self.path = path
        self._clock = clock
        self._public_key = public_key
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        if show is None and not path.is_file():
            raise BadInput(f"no leads yet: {path} does not exist; 'pitboard booth run' makes it")
        with _translated(path), contextlib.ExitStack() as undo:
            _make_file(path)
            self._writer = _connect(path)
            undo.callback(self._writer.close)
            with _alone(path.with_suffix(".lock")):
                _migrate(self._writer, path)
            if show is not None:
                self._set_facts({"show": show, "time_zone": time_zone or "UTC"}, cost)
            self._reader = _connect(path)
            undo.callback(self._reader.close)
            self._reader.execute("PRAGMA query_only = ON")
            facts = dict(self._reader.execute("SELECT name, value FROM facts").fetchall())
            if "show" not in facts:
                raise BadInput(f"{path} belongs to no show; 'pitboard booth run' makes one")
            undo.pop_all()
        self.show = bytes(facts["show"]).decode()
        self.time_zone = bytes(facts["time_zone"]).decode()
        self._salt = bytes(facts["salt"])
        self._cost = Cost(*map(int, bytes(facts["cost"]).split()))
        if erasing.to_scrub(self._reader):
            with contextlib.suppress(BoothBroken):  # somebody reads; the next to open it tries again
                self.scrub()

    def close(self) -> None:
        """Lets go of the file."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def today(self) -> date:
        """The show's day."""
        return self._clock.utc_now().astimezone(ZoneInfo(self.time_zone)).date()

    # players

    def add_player(self, nickname: str, language: str) -> str:
        """A new player's opaque id, 16 random bytes. `nickname` as it was typed, up to 60 characters.

        Raises:
            BadInput: the nickname is too long or cannot be stored.
        """
        try:
            name = plain_text(nickname, _MOST_NICKNAME)
        except ValueError as error:
            raise BadInput(f"a nickname has up to {_MOST_NICKNAME} characters, all of them whole") from error
        player = secrets.token_urlsafe(16)
        with self.writing() as (db, moment):
            db.execute(
                "INSERT INTO player (id, nickname, language, joined_at) VALUES (?, ?, ?, ?)",
                [player, name, _language(language), moment.at],
            )
        return player

    def nicknames(self, players: Iterable[str]) -> dict[str, str]:
        """What these players call themselves, as typed: the screens make it fit to show. Unknown and erased ones lack."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT id, nickname FROM player WHERE nickname IS NOT NULL"
                " AND id IN (SELECT value FROM json_each(?))",
                [json.dumps(list(players))],
            ).fetchall()
        return dict(rows)

    def has_contact(self, player: str) -> bool:
        """Whether this player left contact details."""
        with self.reading() as db:
            row = db.execute("SELECT 1 FROM player WHERE id = ? AND person IS NOT NULL", [player]).fetchone()
        return row is not None

    # leads

    def capture(
        self,
        submission: str,
        form: Form,
        *,
        player: str | None = None,
        entry: Reason | None = None,
        corrects: bool = False,
    ) -> Captured:
        """Takes a form; on the disk when it returns. Sent again, the same `submission` changes nothing.

        `player` None: typed on the crew's tablet. `entry`: a reason of today to be in the draw, for somebody who did not
        play. `corrects`: the player edits what they gave, so another address is theirs too.

        Raises:
            BadInput: `submission` is no id; BoothBroken: nothing was taken.
        """
        digest = capturing.submission_digest(submission)
        with self.reading() as db:
            before = capturing.repeated(db, digest, self.today())
        if before is not None:
            return before
        if self._public_key is None:
            raise BadInput("the show pack has no public_key; 'pitboard booth keys new' makes one")
        sealed = capturing.Sealed(
            form,
            self.marks_of(form.contact),
            seal(self._public_key, form.secret()),
            key_id(self._public_key),
        )
        with self.writing() as (db, moment):
            return capturing.repeated(db, digest, moment.day) or capturing.take(
                db, moment, digest, sealed, player=player, entry=entry, corrects=corrects
            )

    def count_call_to_action(self, code: str) -> None:
        """Counts one scan of a code, per show day.

        Raises:
            BadInput: `code` is not 1 to 40 of a-z, 0-9 and -.
        """
        if not _CODE.fullmatch(code):
            raise BadInput("a call to action's code is 1 to 40 of a-z, 0-9 and -")
        with self.writing() as (db, moment):
            db.execute(
                "INSERT INTO call_to_action VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET scans = scans + 1",
                [code, moment.day.isoformat()],
            )

    def counts(self, day: date) -> Counts:
        """The day in numbers."""
        with self.reading() as db:
            return counting.counts_of(db, day)

    # the draw

    def enter_draw(self, player: str, reason: Reason, *, race: int | None = None) -> Ticket | None:
        """Gives a player a reason to be in today's draw. Their ticket, once a contact and the wish are there; else None,
        and the ticket comes with the form. Told twice, it is once."""
        with self.writing() as (db, moment):
            ticketing.note_reason(db, moment.day, reason, player=player, race=race)
            row = db.execute("SELECT person FROM player WHERE id = ?", [player]).fetchone()
            return None if row is None or row[0] is None else ticketing.give_ticket(db, moment, row[0])

    def ticket_of(self, player: str) -> Ticket | None:
        """A player's ticket of today."""
        with self.reading() as db:
            row = db.execute("SELECT person FROM player WHERE id = ?", [player]).fetchone()
            return None if row is None or row[0] is None else ticketing.ticket_of(db, row[0], self.today())

    def tickets_of(self, day: date) -> tuple[Ticket, ...]:
        """Every ticket of a day, by code; those of erased people too, marked."""
        with self.reading() as db:
            return ticketing.tickets_of(db, day)

    # copies

    def not_copied(self) -> int:
        """How many leads have something that is on this machine alone."""
        with self.reading() as db:
            return copies.not_copied(db)

    # the file

    def marks_of(self, contact: Contact) -> Marks:
        """A contact's fingerprints at this show. Slow."""
        return marks_of(contact, self._salt, self._cost)

    def copy_sealed(self, path: Path) -> None:
        """Writes the whole database, sealed as it is, to a new file.

        Raises:
            BadInput: there is a file already; BoothBroken: it cannot be written.
        """
        if path.exists():
            raise BadInput(f"{path} is there already; choose another folder")
        with self._write_lock, _translated(path):
            _make_file(path)
            self._writer.execute("VACUUM INTO ?", [str(path)])
        with path.open("rb") as file:
            os.fsync(file.fileno())

    def scrub(self) -> None:
        """Overwrites what was erased: empties the write-ahead log and builds the file anew.

        Raises:
            BoothBroken: another program read all the time; what was erased is out of the tables, but not yet out of the
            file.
        """
        with self._write_lock, _translated(self.path):
            for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                row = self._writer.execute(statement).fetchone()
                if row is not None and row[0]:
                    raise BoothBroken(
                        f"erased, but traces may remain in {self.path}-wal while another program reads it; stop"
                        " the show, then 'pitboard booth leads scrub'"
                    )
            erasing.scrubbed(self._writer)

    def _set_facts(self, facts: Mapping[str, str], cost: Cost) -> None:
        lasting = {
            "salt": secrets.token_bytes(SALT_BYTES),
            "cost": f"{cost.passes} {cost.memory_bytes}".encode(),
        }
        with _transaction(self._writer) as db:
            db.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", list(lasting.items()))
            db.executemany(
                "INSERT OR REPLACE INTO facts VALUES (?, ?)",
                [(key, value.encode()) for key, value in facts.items()],
            )

    @contextlib.contextmanager
    def reading(self) -> Iterator[Any]:
        """The connection to read with; for the modules of this package."""
        with self._read_lock, _translated(self.path):
            self._reader.execute("BEGIN")  # one state of the file for the whole block
            try:
                yield self._reader
            finally:
                self._reader.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[tuple[Any, Moment]]:
        """A transaction and its moment; on the disk when the block is left. For the modules of this package."""
        with self._write_lock, _translated(self.path), _transaction(self._writer) as db:
            yield db, Moment(instant_text(self._clock.utc_now()), self.today())


def instant_text(at: datetime) -> str:
    """An instant as the tables hold it, so that they sort."""
    return at.isoformat(timespec="milliseconds")


def _language(text: str) -> str | None:
    return text if _LANGUAGE.fullmatch(text) else None


def _make_file(path: Path) -> None:
    """An empty file for the owner alone; what SQLite puts beside it takes over its rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise BoothBroken(
            f"cannot write {path} ({error.strerror}); mend its rights or choose another place"
        ) from error


@contextlib.contextmanager
def _alone(lock_file: Path) -> Iterator[None]:
    """Holds back other processes that open the database now: one makes it. A file of its own: the folder's lock is held by
    the race process for as long as it runs."""
    lock = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    migrations = Migrations("people")
    for each in MIGRATIONS:
        migrations()(each)
    db = Database(connection)
    known = {each.__name__ for each in MIGRATIONS}
    if newer := [each.name for each in migrations.applied(db) if each.name not in known]:
        raise BadInput(f"{path} was written by a newer pitboard (it has {newer[-1]}); upgrade pitboard")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")
    if migrations.pending(db):
        migrations.apply(db)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # SQLite rolled back itself
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            advice = "free some space on the disk; what was acknowledged is safe"
        elif name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            advice = "it is damaged or no database; move it away and restore the last sealed copy"
        elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            advice = "another program holds it; stop that and try again"
        else:
            advice = "mend its rights, or choose another home"
        raise BoothBroken(f"the people's database {path} failed ({error}); {advice}") from error
