"""The tables of people.db, as migrations in order. One that has shipped is never edited.

`revision` of a person rises with whatever an export tells of them; `copied` is the one that was last handed over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def m0001_people(db: Any) -> None:
    """Players, persons, what is sealed of them, consents, tickets, copies, and the audit."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)


_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE person (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, began_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    draw_at TEXT, draw_how TEXT, revision INTEGER NOT NULL DEFAULT 0, copied INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE player (
    id TEXT PRIMARY KEY, nickname TEXT, language TEXT, joined_at TEXT,
    person INTEGER REFERENCES person (number)) STRICT, WITHOUT ROWID;
CREATE INDEX player_person ON player (person);
CREATE TABLE mark (
    mark BLOB NOT NULL, kind TEXT NOT NULL, person INTEGER NOT NULL REFERENCES person (number),
    PRIMARY KEY (mark, person)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_person_per_email ON mark (mark) WHERE kind = 'email';
CREATE INDEX mark_person ON mark (person);
CREATE TABLE submission (digest BLOB PRIMARY KEY, person INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE version (
    number INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES person (number), player TEXT,
    at TEXT NOT NULL, day TEXT NOT NULL, how TEXT NOT NULL, language TEXT NOT NULL, is_qualified INTEGER NOT NULL,
    key_id TEXT NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE INDEX version_person ON version (person);
CREATE INDEX version_day ON version (day);
CREATE TABLE consent_text (
    sha256 TEXT PRIMARY KEY, purpose TEXT NOT NULL, version TEXT NOT NULL, language TEXT NOT NULL,
    text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE consent (
    number INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES person (number), purpose TEXT NOT NULL,
    answer TEXT NOT NULL, version TEXT NOT NULL, language TEXT NOT NULL, text_sha256 TEXT NOT NULL, at TEXT NOT NULL,
    how TEXT NOT NULL) STRICT;
CREATE INDEX consent_person ON consent (person);
CREATE TABLE reason (
    number INTEGER PRIMARY KEY, player TEXT, person INTEGER, day TEXT NOT NULL, reason TEXT NOT NULL, race INTEGER,
    CHECK ((player IS NULL) <> (person IS NULL))) STRICT;
CREATE UNIQUE INDEX one_reason ON reason (COALESCE(player, ''), COALESCE(person, 0), day, reason, COALESCE(race, 0));
CREATE TABLE ticket (
    code TEXT PRIMARY KEY, day TEXT NOT NULL, person INTEGER, at TEXT NOT NULL, reasons TEXT NOT NULL,
    UNIQUE (day, person)) STRICT, WITHOUT ROWID;
CREATE TABLE call_to_action (code TEXT NOT NULL, day TEXT NOT NULL, scans INTEGER NOT NULL, PRIMARY KEY (code, day))
    STRICT, WITHOUT ROWID;
CREATE TABLE copy (
    receipt TEXT PRIMARY KEY, at TEXT NOT NULL, format TEXT NOT NULL, leads INTEGER NOT NULL, digest TEXT NOT NULL,
    files TEXT NOT NULL, acknowledged_at TEXT, acknowledged_by TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE copied_person (
    receipt TEXT NOT NULL REFERENCES copy (receipt), person TEXT NOT NULL, revision INTEGER NOT NULL,
    PRIMARY KEY (receipt, person)) STRICT, WITHOUT ROWID;
CREATE TABLE erased (person TEXT PRIMARY KEY, at TEXT NOT NULL, why TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, act TEXT NOT NULL, body TEXT NOT NULL, before TEXT NOT NULL,
    digest TEXT NOT NULL) STRICT
"""

MIGRATIONS: tuple[Callable[[Any], None], ...] = (m0001_people,)
