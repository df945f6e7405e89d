"""What an importer takes, as data: its columns, its rules, and where they are documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from booth.people.consent import MARKETING
from booth.people.lead import Lead


@dataclass(frozen=True, slots=True)
class Setting:
    """What an export is made with. `marketing` is the purpose whose consent opts a lead in; `purposes` and `questions` are
    those of the show, each of which gets columns."""

    show: str
    time_zone: str
    purposes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    marketing: str = MARKETING

    def local(self, at: str, time_zone: str | None = None) -> datetime:
        """An instant of the store in the show's time zone, or another."""
        return datetime.fromisoformat(at).astimezone(ZoneInfo(time_zone or self.time_zone))

    def iso(self, at: str) -> str:
        """An instant with its offset from UTC, to the second."""
        return self.local(at).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `cell` gives its text. `most` characters; `is_ascii`: nothing else is taken; `is_text` False: a value that
    is ours (a number, a flag, an E.164 number), which no spreadsheet can run."""

    header: str
    cell: Callable[[Lead, Setting], str]
    most: int | None = None
    is_ascii: bool = False
    is_text: bool = True
    is_unique: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """An importer. `needs` are groups of headers of which one at least must hold something; `most_bytes` is of a file, which
    must stay below it. `split` sorts leads into files by a word. `rules` says each rule with the page that documents it."""

    name: str
    title: str
    columns: Callable[[Setting], tuple[Column, ...]]
    needs: tuple[tuple[str, ...], ...] = ()
    why_needed: str = ""
    most_bytes: int | None = None
    most_rows: int | None = None
    most_columns: int | None = None
    split: Callable[[Lead, Setting], str] = lambda *_: ""
    rules: Mapping[str, str] = field(default_factory=dict)


def common_columns(setting: Setting, instant: Callable[[Lead, Setting], str]) -> tuple[Column, ...]:
    """What no importer has a field of its own for: map these to custom fields, or set them to be ignored."""
    return (
        Column("Phone Extension", lambda lead, _: lead.contact.phone_extension),
        Column("Booth Lead Id", lambda lead, _: lead.external_id, is_text=False, is_unique=True),
        Column("Booth Captured At", instant, is_text=False),
        Column("Booth Qualified", lambda lead, _: flag(lead.is_qualified), is_text=False),
        Column("Booth Language", lambda lead, _: lead.language),
        Column("Booth Draw Tickets", lambda lead, _: tickets(lead), is_text=False),
        *(Column(f"Consent {each}", _consent(each), is_text=False) for each in setting.purposes),
        *(Column(f"Consent {each} At", _consent_at(each), is_text=False) for each in setting.purposes),
        *(Column(f"Consent {each} Text", _consent_text(each)) for each in setting.purposes),
        *(Column(f"Answer {each}", _answer(each)) for each in setting.questions),
    )


def flag(is_so: bool) -> str:
    """A yes or no as importers read it."""
    return "true" if is_so else "false"


def tickets(lead: Lead) -> str:
    """The codes, which say nothing about consent."""
    return " ".join(each.code for each in lead.tickets)


def answer(lead: Lead, question: str) -> str:
    """What was answered, several parted by semicolons."""
    return ";".join(lead.answers.get(question, ()))


def _answer(question: str) -> Callable[[Lead, Setting], str]:
    return lambda lead, _: answer(lead, question)


def _consent(purpose: str) -> Callable[[Lead, Setting], str]:
    return lambda lead, _: lead.consents[purpose].answer.value if purpose in lead.consents else "not-asked"


def _consent_at(purpose: str) -> Callable[[Lead, Setting], str]:
    return lambda lead, setting: setting.iso(lead.consents[purpose].at) if purpose in lead.consents else ""


def _consent_text(purpose: str) -> Callable[[Lead, Setting], str]:
    def text(lead: Lead, _: Setting) -> str:
        held = lead.consents.get(purpose)
        return "" if held is None else f"{held.version} {held.language} {held.how} sha256 {held.text_sha256}"

    return text


def headers(columns: Sequence[Column]) -> list[str]:
    """The first row."""
    return [each.header for each in columns]
