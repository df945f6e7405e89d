"""Consent, one purpose at a time, with proof: which text, in which language, when and how. Pure.

What was shown and not ticked is recorded as not given. A later form left un-ticked takes no earlier consent back; only
`withdrawn` does. Entry in the draw is no consent and appears nowhere here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from booth.pack.model import ConsentText

MARKETING = "email"
"""The purpose that lets the client write to somebody, unless a command names another."""


class How(StrEnum):
    """Who held the device when it was given."""

    OWN_PHONE = "own-phone"
    CREW_TABLET = "crew-tablet"


class Answer(StrEnum):
    """What somebody said to one purpose."""

    GIVEN = "given"
    NOT_GIVEN = "not-given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Shown:
    """One purpose as it stood on the form, and whether it was ticked."""

    purpose: str
    version: str
    language: str
    text: str
    is_ticked: bool

    @property
    def text_sha256(self) -> str:
        """Of the text in UTF-8, hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Consent:
    """What is on record for one purpose. `at` is UTC, ISO 8601."""

    purpose: str
    answer: Answer
    version: str
    language: str
    text_sha256: str
    at: str
    how: str


def shown(texts: Iterable[ConsentText], *, language: str, ticked: Collection[str] = ()) -> tuple[Shown, ...]:
    """The purposes of a form in the language they were read in. Whatever is ticked beside them is nothing.

    Raises:
        KeyError: the pack has no text in this language.
    """
    return tuple(
        Shown(each.purpose, each.version, language, each.text[language], each.purpose in ticked)
        for each in texts
    )


def standing(history: Iterable[Consent]) -> dict[str, Consent]:
    """What holds for each purpose, of one person's records from old to new: a consent until it is withdrawn, else the last
    answer."""
    held: dict[str, Consent] = {}
    for each in history:
        before = held.get(each.purpose)
        if before is None or before.answer is not Answer.GIVEN or each.answer is not Answer.NOT_GIVEN:
            held[each.purpose] = each
    return held
