"""The chain that holds the log together: each link is the SHA-256 of the one before and of its own row. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

BEGINNING = "0" * 64
"""What the first link hangs on."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is stored. `at` is UTC, ISO 8601 with microseconds; `body` canonical JSON; `link` hex."""

    number: int
    at: str
    kind: str
    body: str
    link: str


def canonical(body: Mapping[str, Any]) -> str:
    """A record's fields as JSON of one form only."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link_of(before: str, at: str, kind: str, body: str) -> str:
    """The link of a row that stands behind the link `before`."""
    return hashlib.sha256(f"{before}\n{at}\n{kind}\n{body}".encode()).hexdigest()


def first_fault(rows: Iterable[Row]) -> str | None:
    """Where the chain is broken, in one sentence; None: it is whole. Rows cut off at the end do not show here: compare
    the last link with one that was written down elsewhere."""
    before, number = BEGINNING, 0
    for row in rows:
        if row.number != number + 1:
            return f"row {number + 1} of the show's log is missing"
        if link_of(before, row.at, row.kind, row.body) != row.link:
            return f"row {row.number} of the show's log was changed ({row.kind} at {row.at})"
        before, number = row.link, row.number
    return None
