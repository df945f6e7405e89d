"""Copies that leave the machine: what was written, whom it holds, and who took it, in the tables.

A file that was written is not a copy yet: it may lie on the same disk. Only `acknowledge` makes it one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from booth.errors import BadInput
from booth.people.consent import Answer, Consent
from booth.people.lead import SealedLead, SealedVersion
from booth.people.log import Moment, head, note
from booth.people.ticketing import tickets_held


@dataclass(frozen=True, slots=True)
class Copy:
    """An export. `receipt` names it; `digest` is the SHA-256 over its files' own (`booth.handover.exports.receipt`); `files`
    are their names. `leads` is each person's opaque id with the revision that the files hold."""

    receipt: str
    format: str
    digest: str
    files: tuple[str, ...]
    leads: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class EarlierCopy:
    """A copy that holds an erased person still. `by`: who took it; None: nobody said so yet."""

    receipt: str
    at: str
    format: str
    files: tuple[str, ...]
    by: str | None


def read_leads(db: Any) -> tuple[SealedLead, ...]:
    """Everybody who left a contact, in the order they came."""
    return tuple(
        _lead(db, *row)
        for row in db.execute(
            "SELECT number, id, revision, draw_at IS NOT NULL FROM person"
            " WHERE EXISTS (SELECT 1 FROM version WHERE person = person.number) ORDER BY number"
        ).fetchall()
    )


def _lead(db: Any, person: int, identity: str, revision: int, is_in_draw: int) -> SealedLead:
    versions = db.execute(
        "SELECT at, how, language, is_qualified, key_id, sealed FROM version WHERE person = ? ORDER BY number",
        [person],
    ).fetchall()
    consents = db.execute(
        "SELECT purpose, answer, version, language, text_sha256, at, how FROM consent WHERE person = ?"
        " ORDER BY number",
        [person],
    ).fetchall()
    names = db.execute(
        "SELECT nickname FROM player WHERE person = ? AND nickname IS NOT NULL ORDER BY joined_at", [person]
    ).fetchall()
    return SealedLead(
        external_id=identity,
        revision=revision,
        versions=tuple(
            SealedVersion(at, how, language, bool(is_qualified), key_id, bytes(sealed))
            for at, how, language, is_qualified, key_id, sealed in versions
        ),
        consents=tuple(Consent(row[0], Answer(row[1]), *row[2:]) for row in consents),
        tickets=tickets_held(db, person),
        nicknames=tuple(name for (name,) in names),
        is_in_draw=bool(is_in_draw),
    )


def note_written(db: Any, moment: Moment, copy: Copy, by: str) -> str:
    """Files were written; the head of the audit log after the entry that says so."""
    db.execute(
        "INSERT INTO copy (receipt, at, format, leads, digest, files) VALUES (?, ?, ?, ?, ?, ?)",
        [copy.receipt, moment.at, copy.format, len(copy.leads), copy.digest, json.dumps(copy.files)],
    )
    db.executemany(
        "INSERT INTO copied_person VALUES (?, ?, ?)",
        [(copy.receipt, person, revision) for person, revision in copy.leads.items()],
    )
    told: dict[str, str | int] = {"receipt": copy.receipt, "format": copy.format, "leads": len(copy.leads)}
    note(db, moment, "exported", {**told, "sha256": copy.digest, "by": by})
    return head(db)


def acknowledge(db: Any, moment: Moment, receipt: str, digest: str | None, by: str) -> int:
    """Somebody took a copy off this machine; how many leads it holds.

    Raises:
        BadInput: no such copy, its SHA-256 is another, or it was taken already.
    """
    row = db.execute(
        "SELECT leads, digest, acknowledged_by FROM copy WHERE receipt = ?", [receipt]
    ).fetchone()
    if row is None:
        raise BadInput(
            f"no export has the receipt '{receipt[:40]}'; it was written for another show, or in another home"
        )
    leads, written, taken_by = row
    if digest is not None and digest != written:
        raise BadInput(f"the files of receipt {receipt} are not those that were exported; export again")
    if taken_by is not None:
        raise BadInput(f"receipt {receipt} was handed over already, by {taken_by}")
    db.execute(
        "UPDATE copy SET acknowledged_at = ?, acknowledged_by = ? WHERE receipt = ?", [moment.at, by, receipt]
    )
    db.execute(
        "UPDATE person SET copied = MAX(copied, COALESCE((SELECT revision FROM copied_person"
        " WHERE receipt = ? AND person = person.id), 0))",
        [receipt],
    )
    note(db, moment, "handed over", {"receipt": receipt, "leads": leads, "sha256": written, "by": by})
    return int(leads)


def not_copied(db: Any) -> int:
    """Leads of which something is on this machine alone."""
    count: int = db.execute(
        "SELECT COUNT(*) FROM person WHERE revision > copied"
        " AND EXISTS (SELECT 1 FROM version WHERE person = person.number)"
    ).fetchone()[0]
    return count


def holding(db: Any, person: str) -> tuple[EarlierCopy, ...]:
    """The copies that hold a person, by opaque id."""
    rows = db.execute(
        "SELECT c.receipt, c.at, c.format, c.files, c.acknowledged_by FROM copy c"
        " JOIN copied_person p ON p.receipt = c.receipt WHERE p.person = ? ORDER BY c.at",
        [person],
    ).fetchall()
    return tuple(EarlierCopy(row[0], row[1], row[2], tuple(json.loads(row[3])), row[4]) for row in rows)


def erased_since_copied(db: Any, receipt: str | None = None) -> tuple[str, ...]:
    """Opaque ids of erased persons whom some copy holds, or this one: whoever has it must erase them too."""
    rows = db.execute(
        "SELECT DISTINCT person FROM erased JOIN copied_person USING (person)"
        " WHERE ?1 IS NULL OR receipt = ?1 ORDER BY person",
        [receipt],
    ).fetchall()
    return tuple(person for (person,) in rows)
