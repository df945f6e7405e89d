"""CSV that every program reads alike and no spreadsheet runs: RFC 4180, CRLF, UTF-8.

A cell that begins with = + - @ or a control character is a formula to a spreadsheet (OWASP, "CSV Injection",
owasp.org/www-community/attacks/CSV_Injection); so do their full-width twins in some. An apostrophe in front makes it text.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

_FORMULA = frozenset("=+-@\t\r\n")
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take this cell for a formula, whatever cannot be seen stands before it."""
    if not text:
        return False
    first = next((each for each in text if unicodedata.category(each) not in _UNSEEN), "")
    return text[0] in _FORMULA or unicodedata.normalize("NFKC", first)[:1] in _FORMULA


def harmless(text: str) -> str:
    """The cell as text, whatever it begins with."""
    return f"'{text}" if is_formula(text) else text


def has_controls(text: str) -> bool:
    """Whether an importer would stumble: control characters other than tab and line ends."""
    return any(unicodedata.category(each) == "Cc" and each not in "\t\r\n" for each in text)


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """The file."""
    held = io.StringIO(newline="")
    csv.writer(held, lineterminator="\r\n").writerows(rows)
    return held.getvalue().encode()


def csv_rows(content: bytes) -> list[list[str]]:
    """The rows of a file, strictly read.

    Raises:
        ValueError: it is no UTF-8; csv.Error: no CSV.
    """
    return list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
