"""Texts and times of day as a pack writes them."""

from __future__ import annotations

from datetime import time

from booth.pack.model import Words
from rig.toml_tables import Table

_LONGEST = 1000


def words_in(table: Table, key: str, languages: tuple[str, ...]) -> Words:
    """A text in every language of the show, or once in quotes for all of them.

    Raises:
        InputError: a language is missing, or one too many.
    """
    if table.holds_text(key):
        return dict.fromkeys(languages, table.text(key, most_length=_LONGEST))
    if not table.has(key):
        table.text(key)  # says that it is missing
    inner = table.table(key)
    words = {language: inner.text(language, most_length=_LONGEST) for language in languages}
    inner.finish()
    return words


def time_of_day(table: Table, key: str, default: str | None = None) -> time:
    """A time such as "16:30".

    Raises:
        InputError: it is none.
    """
    text = table.text(key) if default is None else table.text(key, default)
    try:
        return time.fromisoformat(text)
    except ValueError:
        table.refuse(key, f"must be a time such as \"16:30\", not '{text}'")
