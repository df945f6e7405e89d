"""Takes a form into the tables, inside a transaction of the store: who it is, what they gave, what they agreed to.

Who it is: whoever has this e-mail address; else, when a player edits what they gave, that player's person; else whoever
gave only this telephone number before. Two people with different addresses behind one switchboard stay two. Nothing here
ever removes what an earlier form said: every version is kept, and merged where it can be read (`booth.people.lead`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from booth.errors import BadInput
from booth.people.consent import Answer
from booth.people.fingerprint import Marks
from booth.people.form import Captured, Form
from booth.people.log import Moment, note
from booth.people.ticketing import give_ticket, note_reason, ticket_of
from booth.people.tickets import Reason

_SUBMISSION = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A form as it may lie on the disk: marks, and the secret part sealed to the key of this id."""

    form: Form
    marks: Marks
    secret: bytes
    key_id: str


def submission_digest(submission: str) -> bytes:
    """What is kept of a submission's id: enough to know it again, nothing a browser could have hidden in it.

    Raises:
        BadInput: it is none.
    """
    if not _SUBMISSION.fullmatch(submission):
        raise BadInput("a submission's id is 16 to 64 of A-Z, a-z, 0-9, - and _; make a new one")
    return hashlib.sha256(submission.encode()).digest()


def repeated(db: Any, digest: bytes, day: date) -> Captured | None:
    """The answer to a submission that came before; None: it did not."""
    row = db.execute("SELECT person FROM submission WHERE digest = ?", [digest]).fetchone()
    if row is None:
        return None
    return Captured(None if row[0] is None else ticket_of(db, row[0], day), is_new=False, is_repeat=True)


def take(
    db: Any,
    moment: Moment,
    digest: bytes,
    sealed: Sealed,
    *,
    player: str | None,
    entry: Reason | None,
    corrects: bool,
) -> Captured:
    """Writes one form."""
    form = sealed.form
    if (
        player is not None
    ):  # one the booth forgot is a player all the same: no lead is lost for want of a nickname
        db.execute("INSERT OR IGNORE INTO player (id, joined_at) VALUES (?, ?)", [player, moment.at])
    found = _whose(db, sealed.marks, player if corrects else None)
    person = _new_person(db, moment) if found is None else found
    db.execute("INSERT INTO submission VALUES (?, ?)", [digest, person])
    for kind, mark in (("email", sealed.marks.email), ("phone", sealed.marks.phone)):
        if mark is not None:
            db.execute("INSERT OR IGNORE INTO mark VALUES (?, ?, ?)", [mark, kind, person])
    db.execute(
        "INSERT INTO version (person, player, at, day, how, language, is_qualified, key_id, sealed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            person, player, moment.at, moment.day.isoformat(), form.how.value, form.language,
            form.is_qualified, sealed.key_id, sealed.secret,
        ],
    )  # fmt: skip
    _take_consents(db, moment, person, form)
    if player is not None:
        db.execute("UPDATE player SET person = ? WHERE id = ? AND person IS NULL", [person, player])
    if form.wants_draw:
        db.execute(
            "UPDATE person SET draw_at = ?, draw_how = ? WHERE number = ? AND draw_at IS NULL",
            [moment.at, form.how.value, person],
        )
    if entry is not None:
        note_reason(db, moment.day, entry, person=person)
    changed(db, moment, person)
    note(db, moment, "captured", {"person": identity(db, person), "how": form.how.value})
    return Captured(give_ticket(db, moment, person), is_new=found is None)


def identity(db: Any, person: int) -> str:
    """A person's opaque id, the one that exports carry."""
    found: str = db.execute("SELECT id FROM person WHERE number = ?", [person]).fetchone()[0]
    return found


def changed(db: Any, moment: Moment, person: int) -> None:
    """Something an export would tell of this person is new."""
    db.execute(
        "UPDATE person SET revision = revision + 1, changed_at = ? WHERE number = ?", [moment.at, person]
    )


def _new_person(db: Any, moment: Moment) -> int:
    made: int = db.execute(
        "INSERT INTO person (id, began_at, changed_at) VALUES (?, ?, ?)",
        [secrets.token_hex(16), moment.at, moment.at],
    ).lastrowid
    return made


def _whose(db: Any, marks: Marks, editing: str | None) -> int | None:
    if marks.email is not None and (
        person := _one(db, "SELECT person FROM mark WHERE mark = ?", marks.email)
    ):
        return person
    if editing is not None and (person := _one(db, "SELECT person FROM player WHERE id = ?", editing)):
        return person
    if marks.phone is None:
        return None
    rows = db.execute(
        "SELECT person, EXISTS (SELECT 1 FROM mark e WHERE e.person = mark.person AND e.kind = 'email')"
        " FROM mark WHERE mark = ? AND kind = 'phone'",
        [marks.phone],
    ).fetchall()
    nameless = [person for person, has_email in rows if not has_email]
    if len(nameless) == 1:
        return int(nameless[0])
    return int(rows[0][0]) if len(rows) == 1 and marks.email is None else None


def _one(db: Any, query: str, key: bytes | str) -> int | None:
    row = db.execute(query, [key]).fetchone()
    return None if row is None else row[0]


def _take_consents(db: Any, moment: Moment, person: int, form: Form) -> None:
    for each in form.consents:
        db.execute(
            "INSERT OR IGNORE INTO consent_text VALUES (?, ?, ?, ?, ?)",
            [each.text_sha256, each.purpose, each.version, each.language, each.text],
        )
        answer = Answer.GIVEN if each.is_ticked else Answer.NOT_GIVEN
        db.execute(
            "INSERT INTO consent (person, purpose, answer, version, language, text_sha256, at, how)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                person, each.purpose, answer.value, each.version, each.language, each.text_sha256,
                moment.at, form.how.value,
            ],
        )  # fmt: skip
