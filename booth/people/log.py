"""Writes the audit log inside the transaction of what it tells, so that neither is there without the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from booth.people.audit import GENESIS, Entry, body_text, follow


@dataclass(frozen=True, slots=True)
class Moment:
    """When a transaction is: `at` UTC, ISO 8601; `day` the show's."""

    at: str
    day: date


def note(db: Any, moment: Moment, act: str, body: Mapping[str, str | int]) -> Entry:
    """Adds an entry. `body` names no person but by opaque id."""
    last = db.execute("SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    number, before = (0, GENESIS) if last is None else last
    entry = follow(number + 1, before, moment.at, act, body)
    db.execute(
        "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)",
        [entry.number, entry.at, entry.act, body_text(entry.body), entry.before, entry.digest],
    )
    return entry


def entries(db: Any) -> Iterator[Entry]:
    """The whole log, oldest first, as it lies there. A body that is no JSON any more is told as what it is."""
    for number, at, act, body, before, digest in db.execute(
        "SELECT number, at, act, body, before, digest FROM audit ORDER BY number"
    ).fetchall():
        try:
            held = json.loads(body)
        except ValueError:
            held = None
        yield Entry(
            number, at, act, held if isinstance(held, dict) else {"damaged": str(body)}, before, digest
        )


def head(db: Any) -> str:
    """The hash of the last entry."""
    row = db.execute("SELECT digest FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    return GENESIS if row is None else str(row[0])
