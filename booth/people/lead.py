"""A lead: everything one person left, opened with the private key and merged. Pure.

Merging takes nothing away: of each field the last value that is not empty counts, and every version is kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from booth.errors import BadInput
from booth.people.consent import Consent, standing
from booth.people.contact import Contact
from booth.people.form import opened
from booth.people.sealing import Opener
from booth.people.tickets import Ticket


@dataclass(frozen=True, slots=True)
class SealedVersion:
    """One form as it lies in the store. `at` is UTC, ISO 8601."""

    at: str
    how: str
    language: str
    is_qualified: bool
    key_id: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SealedLead:
    """One person as they lie in the store. `revision` rises with every change; `versions` and `consents` from old to new."""

    external_id: str
    revision: int
    versions: tuple[SealedVersion, ...]
    consents: tuple[Consent, ...]
    tickets: tuple[Ticket, ...]
    nicknames: tuple[str, ...]
    is_in_draw: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One form, opened."""

    at: str
    how: str
    language: str
    contact: Contact
    answers: Mapping[str, tuple[str, ...]]
    note: str


@dataclass(frozen=True, slots=True)
class Lead:
    """One person. `differs` are the fields whose earlier values were others; they stand in `versions`."""

    external_id: str
    contact: Contact
    answers: Mapping[str, tuple[str, ...]]
    note: str
    is_qualified: bool
    language: str
    first_at: str
    last_at: str
    how: str
    consents: Mapping[str, Consent]
    consent_history: tuple[Consent, ...]
    tickets: tuple[Ticket, ...]
    nicknames: tuple[str, ...]
    versions: tuple[Version, ...]
    differs: tuple[str, ...]

    def agrees_to(self, purpose: str) -> bool:
        """Whether a consent to this purpose stands."""
        held = self.consents.get(purpose)
        return held is not None and held.answer == "given"


@dataclass(frozen=True, slots=True)
class Unopened:
    """A lead that could not be opened, whole or in part, and why."""

    external_id: str
    why: str


def open_leads(
    sealed: Sequence[SealedLead], openers: Sequence[Opener]
) -> tuple[tuple[Lead, ...], tuple[Unopened, ...]]:
    """Leads, and those of which a version stays shut: sealed to a key that is not given, or damaged.

    Raises:
        BadInput: there are leads, and the keys open none of them.
    """
    keys = {opener.key_id: opener for opener in openers}
    leads: list[Lead] = []
    shut: list[Unopened] = []
    for each in sealed:
        try:
            leads.append(_open(each, keys))
        except ValueError as error:
            shut.append(Unopened(each.external_id, str(error)))
    if shut and not leads:
        raise BadInput(
            f"no lead can be opened with this key: {shut[0].why}; find the key the pack's came with"
        )
    return tuple(leads), tuple(shut)


def _open(sealed: SealedLead, keys: Mapping[str, Opener]) -> Lead:
    versions = []
    for each in sealed.versions:
        opener = keys.get(each.key_id)
        if opener is None:
            raise ValueError(f"it was sealed to key {each.key_id}, and the key given is {', '.join(keys)}")
        versions.append(_version(each, opened(opener.open(each.sealed))))
    return merged(sealed, versions)


def _version(sealed: SealedVersion, body: Mapping[str, Any]) -> Version:
    known = {field.name for field in fields(Contact)}
    contact = Contact(**{key: str(value) for key, value in body["contact"].items() if key in known})
    answers = {str(key): tuple(map(str, said)) for key, said in body.get("answers", {}).items()}
    return Version(sealed.at, sealed.how, sealed.language, contact, answers, str(body.get("note", "")))


def merged(sealed: SealedLead, versions: Sequence[Version]) -> Lead:
    """One lead of one person's versions, old to new, at least one."""
    contact, differs = _merged_contact([each.contact for each in versions])
    answers: dict[str, tuple[str, ...]] = {}
    for each in versions:
        answers.update({key: said for key, said in each.answers.items() if any(said)})
    last = versions[-1]
    return Lead(
        external_id=sealed.external_id,
        contact=contact,
        answers=answers,
        note="\n".join(dict.fromkeys(each.note for each in versions if each.note)),
        is_qualified=any(each.is_qualified for each in sealed.versions),
        language=last.language,
        first_at=versions[0].at,
        last_at=last.at,
        how=last.how,
        consents=standing(sealed.consents),
        consent_history=sealed.consents,
        tickets=sealed.tickets,
        nicknames=sealed.nicknames,
        versions=tuple(versions),
        differs=differs,
    )


def _merged_contact(contacts: Iterable[Contact]) -> tuple[Contact, tuple[str, ...]]:
    held: dict[str, str] = {}
    differs: set[str] = set()
    for contact in contacts:
        for field, value in contact.to_json().items():
            if field == "phone_extension":
                if contact.phone:  # an extension belongs to its number
                    held[field] = value
            elif value:
                if held.get(field) and held[field].casefold() != value.casefold():
                    differs.add(field)
                held[field] = value
    return Contact(**held), tuple(sorted(differs))
