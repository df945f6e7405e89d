"""What is done with people's data afterwards: copies and who took them, consents taken back, erasure, retention, the audit.

The command line's side of `booth.people.store`; the crew's screen may erase by ticket too. Everything here is written into
the audit log with who did it (`by`: a role or initials, 1 to 80 characters).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from booth.errors import BadInput
from booth.people import capturing, copies, erasing, log
from booth.people.audit import Broken, check
from booth.people.contact import Contact, plain_text
from booth.people.copies import Copy
from booth.people.erasing import Erased
from booth.people.lead import SealedLead
from booth.people.store import PeopleStore, instant_text
from rig.clock import Clock

_MOST_BY = 80


class Office:
    """The back office of one show. Methods that erase may take seconds and raise BoothBroken as `PeopleStore.scrub`."""

    def __init__(self, store: PeopleStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def exportable(self, *, ticket: str | None = None) -> tuple[SealedLead, ...]:
        """Everybody who left a contact, sealed; or the one who holds this ticket.

        Raises:
            BadInput: there is no such ticket.
        """
        with self._store.reading() as db:
            leads = copies.read_leads(db)
            if ticket is None:
                return leads
            wanted = capturing.identity(db, erasing.by_ticket(db, ticket))
        return tuple(each for each in leads if each.external_id == wanted)

    def erased_since_copied(self, receipt: str | None = None) -> tuple[str, ...]:
        """Opaque ids of erased people whom an earlier copy holds, or the one of this receipt."""
        with self._store.reading() as db:
            return copies.erased_since_copied(db, receipt)

    def note_copy(self, copy: Copy, by: str) -> str:
        """Writes down that files were exported; the head of the audit log."""
        with self._store.writing() as (db, moment):
            return copies.note_written(db, moment, copy, _by(by))

    def note_reading(self, what: Mapping[str, str | int], by: str) -> None:
        """Writes down that somebody looked at a contact."""
        with self._store.writing() as (db, moment):
            log.note(db, moment, "read", {**what, "by": _by(by)})

    def copied(self, receipt: str, by: str, digest: str | None = None) -> int:
        """Somebody took an export off this machine; how many leads it holds. `digest` is compared when given.

        Raises:
            BadInput: no such receipt, other files, or handed over already.
        """
        with self._store.writing() as (db, moment):
            return copies.acknowledge(db, moment, receipt, digest, _by(by))

    def withdraw(self, email_or_phone: Contact, purpose: str, by: str) -> None:
        """Takes a consent back, for whoever has this address or number.

        Raises:
            BadInput: nobody has, or they never agreed to this purpose.
        """
        marks = self._store.marks_of(email_or_phone)
        with self._store.writing() as (db, moment):
            person = erasing.by_marks(db, marks)
            done = db.execute(
                "INSERT INTO consent (person, purpose, answer, version, language, text_sha256, at, how)"
                " SELECT person, purpose, 'withdrawn', version, language, text_sha256, ?, 'asked' FROM consent"
                " WHERE person = ? AND purpose = ? AND answer = 'given' ORDER BY number DESC LIMIT 1",
                [moment.at, person, purpose],
            )
            if not done.rowcount:
                raise BadInput(f"they never agreed to '{purpose[:40]}'; nothing is to be taken back")
            capturing.changed(db, moment, person)
            body = {"person": capturing.identity(db, person), "purpose": purpose, "by": _by(by)}
            log.note(db, moment, "withdrawn", body)

    def erase(self, contact: Contact, by: str) -> Erased:
        """Erases whoever has this e-mail address, else this number. Slow.

        Raises:
            BadInput: nobody has, or several have the number; BoothBroken: as `scrub`.
        """
        marks = self._store.marks_of(contact)
        with self._store.writing() as (db, moment):
            gone = erasing.erase_person(db, moment, erasing.by_marks(db, marks), _by(by), "asked")
        self._store.scrub()
        return gone

    def erase_ticket(self, code: str, by: str) -> Erased:
        """Erases whoever holds this ticket. Raises as `erase`."""
        with self._store.writing() as (db, moment):
            gone = erasing.erase_person(db, moment, erasing.by_ticket(db, code), _by(by), "asked")
        self._store.scrub()
        return gone

    def erase_player(self, player: str, by: str) -> Erased:
        """Erases a player, and the person if they left a contact. Raises as `erase`."""
        with self._store.writing() as (db, moment):
            gone = erasing.erase_player(db, moment, player, _by(by), "asked")
        self._store.scrub()
        return gone

    def erase_id(self, external_id: str, by: str) -> Erased:
        """Erases whom an export calls by this id. Raises as `erase`."""
        with self._store.writing() as (db, moment):
            gone = erasing.erase_person(db, moment, erasing.by_id(db, external_id), _by(by), "asked")
        self._store.scrub()
        return gone

    def expired(self, retention_days: int) -> tuple[str, ...]:
        """Opaque ids of those of whom nothing new has come for this long."""
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT id FROM person WHERE changed_at < ? ORDER BY number", [self._before(retention_days)]
            ).fetchall()
        return tuple(identity for (identity,) in rows)

    def purge(self, retention_days: int, by: str) -> tuple[Erased, ...]:
        """Erases those, and nicknames of players as old who left no contact."""
        due = self.expired(retention_days)
        with self._store.writing() as (db, moment):
            gone = tuple(
                erasing.erase_person(db, moment, erasing.by_id(db, each), _by(by), "retention")
                for each in due
            )
            names = erasing.forget_nicknames(db, self._before(retention_days))
            log.note(db, moment, "purged", {"leads": len(gone), "nicknames": names, "by": _by(by)})
        self._store.scrub()
        return gone

    def audit_head(self) -> str:
        """The hash of the log's last entry."""
        with self._store.reading() as db:
            return log.head(db)

    def audit(self, head: str | None = None) -> tuple[int, Broken | None]:
        """How many entries the log has, and the first that is not as it was written. `head`: a hash that must be there."""
        with self._store.reading() as db:
            entries = list(log.entries(db))
        return len(entries), check(entries, head)

    def _before(self, days: int) -> str:
        return instant_text(self._clock.utc_now() - timedelta(days=days))


def _by(text: str) -> str:
    """Who did it, as the log keeps it.

    Raises:
        BadInput: nothing, or more than a role or initials need.
    """
    try:
        said = plain_text(text, _MOST_BY)
    except ValueError:
        said = ""
    if not said:
        raise BadInput(f"say who does it, in 1 to {_MOST_BY} characters")
    return said
