"""What a filled-in form is, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from booth.errors import BadInput
from booth.people.answers import Answers
from booth.people.consent import How, Shown
from booth.people.contact import MOST_NOTE, Contact, plain_text
from booth.people.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Form:
    """A checked form. `is_qualified` stays readable at the booth, for the day's figures; contact, answers and note are
    sealed. `note` is the crew's, up to 10,000 characters."""

    contact: Contact
    how: How
    language: str
    consents: tuple[Shown, ...] = ()
    answers: Answers = field(default_factory=dict)
    is_qualified: bool = False
    note: str = ""
    wants_draw: bool = False

    def __post_init__(self) -> None:
        try:
            plain_text(self.note, MOST_NOTE)
        except UnicodeEncodeError as error:
            raise BadInput("some of the note's characters cannot be stored; type it again") from error
        except ValueError as error:
            raise BadInput(f"the note is too long; {MOST_NOTE} characters fit") from error

    def secret(self) -> bytes:
        """What is sealed, as JSON in UTF-8."""
        body = {
            "contact": self.contact.to_json(),
            "answers": {key: list(said) for key, said in self.answers.items()},
            "note": self.note,
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of a form. `is_new`: a person not seen before at this show; `is_repeat`: this very submission had come
    before, and nothing was written."""

    ticket: Ticket | None
    is_new: bool
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """People as numbers, of one day. `leads` left contact details that day, `lead_players` of them had joined the game,
    `consented` agree to anything, `entries` are the day's tickets, `calls_to_action` scans by code."""

    entries: int
    leads: int
    lead_players: int
    consented: int
    qualified: int
    calls_to_action: Mapping[str, int]


def opened(secret: bytes) -> dict[str, Any]:
    """What `Form.secret` made.

    Raises:
        ValueError: it made something else.
    """
    body = json.loads(secret)
    if not isinstance(body, dict) or not isinstance(body.get("contact"), dict):
        raise ValueError("no form")  # noqa: TRY004 - the caller tells one kind of damage
    return body
