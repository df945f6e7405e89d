"""Marketo Engage: the list import of its pages, and its bulk API."""

from __future__ import annotations

from booth.handover.exports.target import Column, Setting, Target, common_columns, flag
from booth.people.lead import Lead

_CENTRAL = "America/Chicago"
_LIST = "experienceleague.adobe.com: Marketo, Import a List of People"
_BULK = "experienceleague.adobe.com: Marketo developer, Bulk Lead Import"
_WHY = "Marketo tells people apart by e-mail address: without one every import makes another person"

_PAGE_NAMES = (
    "First Name", "Last Name", "Email Address", "Company Name", "Job Title", "Phone Number", "Person Source",
    "Unsubscribed", "Booth Note",
)  # fmt: skip
_REST_NAMES = (
    "firstName", "lastName", "email", "company", "title", "phone", "leadSource", "unsubscribed", "Booth Note",
)  # fmt: skip


def central_time(lead: Lead, setting: Setting) -> str:
    """M/D/YY h:mm in US Central, as the list import reads it."""
    at = setting.local(lead.first_at, _CENTRAL)
    return f"{at.month}/{at.day}/{at.year % 100:02d} {at.hour}:{at.minute:02d}"


def _columns(names: tuple[str, ...], setting: Setting, *, is_bulk: bool) -> tuple[Column, ...]:
    first, last, email, company, title, phone, source, unsubscribed, note = names
    return (
        Column(first, lambda lead, _: lead.contact.first_name, most=255),
        Column(last, lambda lead, _: lead.contact.last_name, most=255),
        Column(email, lambda lead, _: lead.contact.email, most=255, is_ascii=True, is_unique=True),
        Column(company, lambda lead, _: lead.contact.company, most=255),
        Column(title, lambda lead, _: lead.contact.job_title, most=255),
        Column(phone, lambda lead, _: lead.contact.phone, is_text=False),
        Column(source, lambda _, setting: setting.show, most=255),
        Column(
            unsubscribed, lambda lead, setting: flag(not lead.agrees_to(setting.marketing)), is_text=False
        ),
        Column(note, lambda lead, _: lead.note, most=30_000),
        *common_columns(
            setting, (lambda lead, setting: setting.iso(lead.first_at)) if is_bulk else central_time
        ),
    )


MARKETO = Target(
    name="marketo",
    title="Marketo, list import",
    columns=lambda setting: _columns(_PAGE_NAMES, setting, is_bulk=False),
    needs=(("Email Address",),),
    why_needed=_WHY,
    most_bytes=100_000_000,
    rules={
        "headers map themselves only where they equal the field's name, case included": _LIST,
        "UTF-8; a file up to 100 MB": _LIST,
        "e-mail addresses in ASCII": _LIST,
        "dates M/D/YY; date-times are read as US Central": _LIST,
    },
)
MARKETO_BULK = Target(
    name="marketo-bulk",
    title="Marketo, bulk API",
    columns=lambda setting: _columns(_REST_NAMES, setting, is_bulk=True),
    needs=(("email",),),
    why_needed=_WHY,
    most_bytes=10_000_000,
    rules={
        "the first row holds the REST names of the fields": _BULK,
        "a file below 10 MB; two jobs run and ten wait": _BULK,
        "insert or update, by e-mail address": _BULK,
        "e-mail addresses in ASCII": _LIST,
    },
)
