"""Contact details: what somebody typed, checked offline. Hostile text is text: it is kept as it came."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

import email_validator
import phonenumbers

from booth.errors import BadInput

MOST_NAME = 200
"""Characters of a name, company or title, after NFC."""
MOST_NOTE = 10_000
_MOST_EMAIL = 254
_MOST_PHONE = 60


class Problem(StrEnum):
    """What is wrong with a field; the value is the key of the screens' text, `sentence` says it in English."""

    TOO_LONG = "contact.too_long"
    NOT_TEXT = "contact.not_text"
    NO_EMAIL = "contact.no_email"
    NO_PHONE = "contact.no_phone"
    UNREACHABLE = "contact.unreachable"

    @property
    def sentence(self) -> str:
        """For the person who filled in the form."""
        return _SENTENCES[self]


_SENTENCES = {
    Problem.TOO_LONG: f"This is too long; {MOST_NAME} characters fit.",
    Problem.NOT_TEXT: "Some of these characters cannot be stored; type it instead of pasting it.",
    Problem.NO_EMAIL: "This is not a complete e-mail address; it looks like name@company.com.",
    Problem.NO_PHONE: "This is not a complete telephone number; begin with + and the country, or the area code.",
    Problem.UNREACHABLE: "Give an e-mail address or a telephone number, so that we can reach you.",
}


class BadContact(BadInput):
    """Fields that cannot be taken, each with its one problem."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{field}: {problem.sentence}" for field, problem in problems.items()))


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach somebody. Empty: not given. `phone` is E.164; `email` keeps the case it was typed in."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    phone_extension: str = ""
    company: str = ""
    job_title: str = ""

    def to_json(self) -> dict[str, str]:
        """The fields as JSON values."""
        return asdict(self)


FIELDS = ("first_name", "last_name", "company", "job_title", "email", "phone")
"""What a form may ask for."""


def read_contact(typed: Mapping[str, str], *, region: str) -> Contact:
    """The contact in a form's fields; others than `FIELDS` are ignored. `region` is the country, by its two letters, of
    telephone numbers that name none.

    Raises:
        BadContact: every field that is wrong, at once; `email` and `phone` when neither is given.
    """
    values: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    for field in FIELDS:
        try:
            values[field] = plain_text(typed.get(field, ""), MOST_NAME if field != "email" else _MOST_EMAIL)
        except UnicodeEncodeError:
            problems[field] = Problem.NOT_TEXT
        except ValueError:
            problems[field] = Problem.TOO_LONG
    if email := values.get("email"):
        try:
            values["email"] = email_validator.validate_email(email, check_deliverability=False).normalized
        except email_validator.EmailNotValidError:
            problems["email"] = Problem.NO_EMAIL
    if phone := values.get("phone"):
        number = _phone(phone, region)
        if number is None:
            problems["phone"] = Problem.NO_PHONE
        else:
            values["phone"], values["phone_extension"] = number
    if not problems and not values["email"] and not values["phone"]:
        problems = {"email": Problem.UNREACHABLE, "phone": Problem.UNREACHABLE}
    if problems:
        raise BadContact(problems)
    return Contact(**values)


def plain_text(typed: str, most: int) -> str:
    """The text in NFC without blanks around it; nothing else is changed.

    Raises:
        UnicodeEncodeError: half a character, which no file can hold.
        ValueError: longer than `most` characters.
    """
    typed.encode()
    if len(typed) > 4 * most:  # NFC makes no text four times shorter; do not compose a megabyte to refuse it
        raise ValueError(most)
    text = unicodedata.normalize("NFC", typed).strip()
    if len(text) > most:
        raise ValueError(most)
    return text


def _phone(typed: str, region: str) -> tuple[str, str] | None:
    """E.164 and the extension; None when it is no number that could be dialled from anywhere."""
    if len(typed) > _MOST_PHONE:
        return None
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), number.extension or ""
