"""Tickets in the tables. Somebody has one for a day when three things meet: a reason of that day, their wish to be in the
draw, and a contact to reach them by; whichever comes last makes it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from booth.errors import BoothBroken
from booth.people.log import Moment, note
from booth.people.tickets import Reason, Ticket, new_code

_TRIES = 200


def note_reason(
    db: Any,
    day: date,
    reason: Reason,
    *,
    player: str | None = None,
    person: int | None = None,
    race: int | None = None,
) -> None:
    """Remembers why somebody may be in a day's draw; told twice, it is one reason."""
    db.execute(
        "INSERT OR IGNORE INTO reason (player, person, day, reason, race) VALUES (?, ?, ?, ?, ?)",
        [player, person, day.isoformat(), reason.value, race],
    )


def give_ticket(db: Any, moment: Moment, person: int) -> Ticket | None:
    """The person's ticket of the day, made now if it is due; None: not yet."""
    reasons = _reasons(db, person, moment.day)
    wishes = db.execute("SELECT draw_at FROM person WHERE number = ?", [person]).fetchone()[0] is not None
    held = ticket_of(db, person, moment.day)
    if held is not None:
        if held.reasons == reasons:
            return held
        db.execute("UPDATE ticket SET reasons = ? WHERE code = ?", ["\n".join(reasons), held.code])
        return Ticket(held.code, held.day, reasons)
    if not reasons or not wishes:
        return None
    code = _free_code(db, moment.day)
    db.execute(
        "INSERT INTO ticket VALUES (?, ?, ?, ?, ?)",
        [code, moment.day.isoformat(), person, moment.at, "\n".join(reasons)],
    )
    db.execute("UPDATE person SET revision = revision + 1 WHERE number = ?", [person])
    note(db, moment, "ticket", {"code": code, "reason": reasons[0]})
    return Ticket(code, moment.day, reasons)


def ticket_of(db: Any, person: int, day: date) -> Ticket | None:
    """What the person holds for a day."""
    row = db.execute(
        "SELECT code, reasons FROM ticket WHERE person = ? AND day = ?", [person, day.isoformat()]
    ).fetchone()
    return None if row is None else Ticket(row[0], day, tuple(row[1].splitlines()))


def tickets_of(db: Any, day: date) -> tuple[Ticket, ...]:
    """Every ticket of a day, by code."""
    rows = db.execute(
        "SELECT code, reasons, person IS NULL FROM ticket WHERE day = ? ORDER BY code", [day.isoformat()]
    ).fetchall()
    return tuple(Ticket(code, day, tuple(why.splitlines()), bool(gone)) for code, why, gone in rows)


def tickets_held(db: Any, person: int) -> tuple[Ticket, ...]:
    """Every ticket of a person, by day."""
    rows = db.execute(
        "SELECT code, day, reasons FROM ticket WHERE person = ? ORDER BY day", [person]
    ).fetchall()
    return tuple(Ticket(code, date.fromisoformat(day), tuple(why.splitlines())) for code, day, why in rows)


def _reasons(db: Any, person: int, day: date) -> tuple[str, ...]:
    rows = db.execute(
        "SELECT reason, race FROM reason WHERE day = ?1 AND (person = ?2 OR player IN"
        " (SELECT id FROM player WHERE person = ?2)) ORDER BY number",
        [day.isoformat(), person],
    ).fetchall()
    return tuple(reason if race is None else f"{reason} {race}" for reason, race in rows)


def _free_code(db: Any, day: date) -> str:
    for _ in range(_TRIES):
        code = new_code(day)
        if db.execute("SELECT 1 FROM ticket WHERE code = ?", [code]).fetchone() is None:
            return code
    raise BoothBroken(f"no free ticket code was found for {day}; nobody expected so many tickets a day")
