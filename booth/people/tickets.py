"""Tickets of the daily draw: random codes such as K7Q2-23, told apart over a noisy aisle. Pure, apart from chance.

Four characters of Crockford's base 32 (crockford.com/base32.html: no I, L, O, U), then the day of the month, so that
yesterday's ticket is seen to be one. A code is chance alone: it says nothing about the person.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = re.compile(f"[{ALPHABET}]{{4}}-[0-9]{{2}}")
_HEARD_AS = str.maketrans("OIL", "011")


class Reason(StrEnum):
    """Why somebody may be in the draw."""

    WON = "won"
    PLAYED = "played"
    FREE_ENTRY = "free-entry"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One entry of one person on one day. `is_erased`: the person had their data erased; the ticket stays, for nobody."""

    code: str
    day: date
    reasons: tuple[str, ...]
    """Each a `Reason`, with the race where there was one: "won 12"."""
    is_erased: bool = False


def new_code(day: date) -> str:
    """A code by chance, of about a million for a day; whether it is taken is for the store to say."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(4))
    return f"{letters}-{day.day:02d}"


def read_code(typed: str) -> str | None:
    """The code somebody typed or spelled out, small letters and look-alikes mended; None: it is none."""
    text = typed.strip().upper().translate(_HEARD_AS)
    return text if _CODE.fullmatch(text) else None
