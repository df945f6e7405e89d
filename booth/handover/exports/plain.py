"""Our own CSV and JSON: everything, with ISO 8601 times and their offset."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from booth.handover.exports.target import Column, Setting, Target, answer, flag, tickets
from booth.people.consent import Consent
from booth.people.lead import Lead, Version

FORMAT = "pitboard-leads/1"


def _columns(setting: Setting) -> tuple[Column, ...]:
    contact = ("first_name", "last_name", "email", "phone_extension", "company", "job_title")
    return (
        Column("external_id", lambda lead, _: lead.external_id, is_text=False, is_unique=True),
        *(Column(each, _of_contact(each)) for each in contact),
        Column("phone", lambda lead, _: lead.contact.phone, is_text=False),
        Column("note", lambda lead, _: lead.note),
        Column("language", lambda lead, _: lead.language),
        Column("is_qualified", lambda lead, _: flag(lead.is_qualified), is_text=False),
        Column("first_at", lambda lead, setting: setting.iso(lead.first_at), is_text=False),
        Column("last_at", lambda lead, setting: setting.iso(lead.last_at), is_text=False),
        Column("how", lambda lead, _: lead.how),
        Column("show", lambda _, setting: setting.show),
        Column("draw_tickets", lambda lead, _: tickets(lead), is_text=False),
        *(column for each in setting.purposes for column in _of_consent(each)),
        *(Column(f"answer_{each}", _of_answer(each)) for each in setting.questions),
        Column("forms", lambda lead, _: str(len(lead.versions)), is_text=False),
        Column("differs", lambda lead, _: " ".join(lead.differs)),
    )


def _of_contact(field: str) -> Any:
    return lambda lead, _: getattr(lead.contact, field)


def _of_answer(question: str) -> Any:
    return lambda lead, _: answer(lead, question)


def _of_consent(purpose: str) -> tuple[Column, ...]:
    def part(field: str) -> Any:
        def cell(lead: Lead, setting: Setting) -> str:
            held = lead.consents.get(purpose)
            if held is None:
                return ""
            return setting.iso(held.at) if field == "at" else str(getattr(held, field))

        return cell

    parts = {"": "answer", "_at": "at", "_version": "version", "_language": "language", "_how": "how"}
    return tuple(
        Column(f"consent_{purpose}{end}", part(field))
        for end, field in (*parts.items(), ("_text_sha256", "text_sha256"))
    )


CSV = Target(
    name="csv",
    title="plain CSV",
    columns=_columns,
    rules={"RFC 4180: commas, double quotes doubled, CRLF": "rfc-editor.org: RFC 4180"},
)


def json_bytes(leads: Sequence[Lead], setting: Setting, made_at: str, erased: Sequence[str]) -> bytes:
    """Everything about everybody, exactly as it was typed, every version beside what they merge to."""
    body = {
        "format": FORMAT,
        "show": setting.show,
        "made_at": setting.iso(made_at),
        "leads": [_lead(each, setting) for each in leads],
        "erased": list(erased),
    }
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def _lead(lead: Lead, setting: Setting) -> dict[str, Any]:
    return {
        "external_id": lead.external_id,
        **lead.contact.to_json(),
        "answers": {key: list(said) for key, said in lead.answers.items()},
        "note": lead.note,
        "is_qualified": lead.is_qualified,
        "is_opted_in": lead.agrees_to(setting.marketing),
        "language": lead.language,
        "how": lead.how,
        "first_at": setting.iso(lead.first_at),
        "last_at": setting.iso(lead.last_at),
        "nicknames": list(lead.nicknames),
        "tickets": [
            {"code": each.code, "day": each.day.isoformat(), "reasons": list(each.reasons)}
            for each in lead.tickets
        ],
        "consents": {purpose: _consent(held, setting) for purpose, held in lead.consents.items()},
        "consent_history": [_consent(each, setting) for each in lead.consent_history],
        "versions": [_version(each, setting) for each in lead.versions],
        "differs": list(lead.differs),
    }


def _consent(consent: Consent, setting: Setting) -> dict[str, str]:
    return {**asdict(consent), "answer": consent.answer.value, "at": setting.iso(consent.at)}


def _version(version: Version, setting: Setting) -> dict[str, Any]:
    return {
        "at": setting.iso(version.at),
        "how": version.how,
        "language": version.language,
        **version.contact.to_json(),
        "answers": {key: list(said) for key, said in version.answers.items()},
        "note": version.note,
    }
