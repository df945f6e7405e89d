"""The screens' words in every language of the show: built-in ones, with the pack's own in their place. Pure but for
reading the files shipped beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from booth.pack.model import ShowPack, Words

FALLBACK = "en"
NAMES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
}
"""How a language calls itself."""


@cache
def builtin_words(language: str) -> Mapping[str, str]:
    """The shipped words of a language, by key; empty when there are none."""
    found = files("booth.screens").joinpath("words", f"{language}.json")
    if not found.is_file():
        return {}
    words: Mapping[str, str] = json.loads(found.read_text(encoding="utf-8"))
    return words


def words_of(pack: ShowPack, language: str) -> dict[str, str]:
    """Every word in one language: the pack's own, else the shipped ones, else English."""
    own = {key: words[language] for key, words in pack.words.items() if language in words}
    return {**builtin_words(FALLBACK), **builtin_words(language), **own}


def in_language(words: Words, language: str) -> str:
    """A pack's text in one language, else in whichever comes first."""
    return words.get(language) or next(iter(words.values()), "")


def chosen(pack: ShowPack, wanted: str | None, accepted: str = "") -> str:
    """The language for a reader: the one asked for, else the browser's first that the show has, else the show's."""
    for part in (wanted or "", *(one.split(";")[0].strip()[:2].lower() for one in accepted.split(","))):
        if part in pack.languages:
            return part
    return pack.languages[0]
