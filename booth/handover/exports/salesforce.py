"""Salesforce: leads for the Data Import Wizard."""

from __future__ import annotations

from booth.handover.exports.target import Column, Setting, Target, common_columns
from booth.people.lead import Lead

_FIELDS = "developer.salesforce.com: Salesforce Field Reference, Lead"
_MAPPING = "help.salesforce.com: Field Mapping for Importing Leads"
_WIZARD = "help.salesforce.com: Contact and Lead Imports; General Importing Questions"


def _opted_out(lead: Lead, setting: Setting) -> str:
    """1 for whoever did not agree: the field says *out*."""
    return "0" if lead.agrees_to(setting.marketing) else "1"


def _columns(setting: Setting) -> tuple[Column, ...]:
    return (
        Column("First Name", lambda lead, _: lead.contact.first_name, most=40),
        Column("Last Name", lambda lead, _: lead.contact.last_name, most=80),
        Column("Company", lambda lead, _: lead.contact.company, most=255),
        Column("Title", lambda lead, _: lead.contact.job_title, most=128),
        Column("Email", lambda lead, _: lead.contact.email, most=80),
        Column("Phone", lambda lead, _: lead.contact.phone, most=40, is_text=False),
        Column("Lead Source", lambda _, setting: setting.show, most=255),
        Column("Description", lambda lead, _: lead.note, most=32_000),
        Column("Email Opt Out", _opted_out, is_text=False),
        *common_columns(setting, lambda lead, setting: setting.iso(lead.first_at)),
    )


SALESFORCE = Target(
    name="salesforce",
    title="Salesforce, leads",
    columns=_columns,
    needs=(("Last Name",), ("Company",)),
    why_needed="Salesforce takes no lead without a last name and a company",
    most_bytes=100_000_000,
    most_rows=50_000,
    rules={
        "Last Name and Company are required": _FIELDS,
        "lengths: First Name 40, Last Name 80, Company 255, Title 128, Email 80, Phone 40, Description 32,000": _FIELDS,
        "First Name and Last Name, never Full Name beside them": _MAPPING,
        "Email Opt Out: 1 wants no mail, 0 does": _MAPPING,
        "UTF-8; 50,000 records and 100 MB a file": _WIZARD,
    },
)
