"""Erases a person from the tables. What stays: their tickets, as codes of nobody, so that a frozen draw can still be
verified; an opaque id in the audit; and which earlier copies hold them.

The store scrubs the file afterwards: pages that are freed are overwritten, the write-ahead log is emptied, the file is built
anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from booth.errors import BadInput
from booth.people.capturing import identity
from booth.people.copies import EarlierCopy, holding
from booth.people.fingerprint import Marks
from booth.people.log import Moment, note
from booth.people.tickets import read_code

_TO_SCRUB = "to scrub"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: the person's opaque id ("" for a player who had left no contact), and the copies that hold them
    still, for whoever took those to erase them there."""

    person: str
    copies: tuple[EarlierCopy, ...]


def by_marks(db: Any, marks: Marks) -> int:
    """Whose address or number it is.

    Raises:
        BadInput: nobody's, or several people's.
    """
    for mark, what in ((marks.email, "e-mail address"), (marks.phone, "telephone number")):
        rows = db.execute("SELECT person FROM mark WHERE mark = ?", [mark]).fetchall() if mark else []
        if len(rows) > 1:
            raise BadInput(
                f"{len(rows)} people gave this {what}; name the one by e-mail address or ticket code"
            )
        if rows:
            return int(rows[0][0])
    raise BadInput("nobody here gave this address or number; try the other one, or the ticket code")


def by_ticket(db: Any, typed: str) -> int:
    """Whose ticket it is.

    Raises:
        BadInput: it is none, or its person is erased already.
    """
    code = read_code(typed)
    row = db.execute("SELECT person FROM ticket WHERE code = ?", [code]).fetchone()
    if row is None:
        raise BadInput(f"there is no ticket '{typed[:40]}'; check the code")
    if row[0] is None:
        raise BadInput(f"whoever held ticket {code} is erased already")
    return int(row[0])


def by_id(db: Any, external_id: str) -> int:
    """Whose opaque id it is.

    Raises:
        BadInput: nobody's.
    """
    row = db.execute("SELECT number FROM person WHERE id = ?", [external_id]).fetchone()
    if row is None:
        raise BadInput(f"nobody here has the id '{external_id[:40]}'; it may be erased already")
    return int(row[0])


def erase_player(db: Any, moment: Moment, player: str, by: str, why: str) -> Erased:
    """A player and, if they left a contact, the person.

    Raises:
        BadInput: no such player.
    """
    row = db.execute("SELECT person FROM player WHERE id = ?", [player]).fetchone()
    if row is None:
        raise BadInput(f"there is no player '{player[:40]}'")
    if row[0] is not None:
        return erase_person(db, moment, row[0], by, why)
    _forget_players(db, "id = ?", player)
    _scrub_later(db)
    note(db, moment, "erased", {"person": "", "why": why, "by": by})
    return Erased("", ())


def erase_person(db: Any, moment: Moment, person: int, by: str, why: str) -> Erased:
    """Everything that is theirs."""
    external = identity(db, person)
    _forget_players(db, "person = ?", person)
    for table in ("version", "consent", "mark", "reason"):
        db.execute(f"DELETE FROM {table} WHERE person = ?", [person])  # noqa: S608 - names of ours
    db.execute("UPDATE ticket SET person = NULL WHERE person = ?", [person])
    db.execute("UPDATE submission SET person = NULL WHERE person = ?", [person])
    db.execute("DELETE FROM person WHERE number = ?", [person])
    db.execute("INSERT INTO erased VALUES (?, ?, ?)", [external, moment.at, why])
    _scrub_later(db)
    copies = holding(db, external)
    note(db, moment, "erased", {"person": external, "why": why, "by": by, "copies": len(copies)})
    return Erased(external, copies)


def forget_nicknames(db: Any, before: str) -> int:
    """Nicknames of players who joined before an instant and left no contact."""
    old = db.execute(
        "SELECT id FROM player WHERE person IS NULL AND nickname IS NOT NULL AND joined_at < ?", [before]
    ).fetchall()
    for (player,) in old:
        _forget_players(db, "id = ?", player)
    if old:
        _scrub_later(db)
    return len(old)


def to_scrub(db: Any) -> bool:
    """Whether something was erased and not scrubbed yet: a power cut came between."""
    return db.execute("SELECT 1 FROM facts WHERE name = ?", [_TO_SCRUB]).fetchone() is not None


def scrubbed(db: Any) -> None:
    """Everything erased is out of the file."""
    db.execute("DELETE FROM facts WHERE name = ?", [_TO_SCRUB])


def _scrub_later(db: Any) -> None:
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, x'01')", [_TO_SCRUB])


def _forget_players(db: Any, which: str, key: int | str) -> None:
    db.execute(
        f"DELETE FROM reason WHERE player IN (SELECT id FROM player WHERE {which})",  # noqa: S608 - as above
        [key],
    )
    db.execute(
        f"UPDATE player SET nickname = NULL, language = NULL, person = NULL WHERE {which}",  # noqa: S608
        [key],
    )
