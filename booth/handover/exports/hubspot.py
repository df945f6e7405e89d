"""HubSpot: contacts for its import. Whether contacts are marketing ones is chosen for a whole file, hence two of them."""

from __future__ import annotations

from booth.handover.exports.target import Column, Setting, Target, common_columns
from booth.people.lead import Lead

_FILE = "knowledge.hubspot.com: Set up your import file"
_MARKETING = "knowledge.hubspot.com: Set contacts as marketing"


def _by_consent(lead: Lead, setting: Setting) -> str:
    return "marketing" if lead.agrees_to(setting.marketing) else "non-marketing"


def _columns(setting: Setting) -> tuple[Column, ...]:
    return (
        Column("First Name", lambda lead, _: lead.contact.first_name),
        Column("Last Name", lambda lead, _: lead.contact.last_name),
        Column("Email", lambda lead, _: lead.contact.email, is_unique=True),
        Column("Company Name", lambda lead, _: lead.contact.company),
        Column("Job Title", lambda lead, _: lead.contact.job_title),
        Column("Phone Number", lambda lead, _: lead.contact.phone, is_text=False),
        Column("Booth Note", lambda lead, _: lead.note),
        Column("Booth Show", lambda _, setting: setting.show),
        *common_columns(setting, lambda lead, setting: setting.iso(lead.first_at)),
    )


HUBSPOT = Target(
    name="hubspot",
    title="HubSpot, contacts",
    columns=_columns,
    needs=(("First Name", "Last Name", "Email"),),
    why_needed="HubSpot takes no contact without a first name, a last name or an e-mail address",
    most_bytes=20_000_000,
    most_rows=500_000,
    most_columns=999,
    split=_by_consent,
    rules={
        "one of first name, last name and e-mail address at least": _FILE,
        "the e-mail address is unique; a contact without one is made anew by each import": _FILE,
        "fewer than 1,000 columns; a header row; UTF-8": _FILE,
        "20 MB and 500,000 rows on free tools, which any subscription takes too": _FILE,
        "whether contacts are marketing contacts is set for the whole import": _MARKETING,
    },
)
