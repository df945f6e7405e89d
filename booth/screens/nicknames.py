"""What a player may be called on the stage: short, printable, one line. Pure."""

from __future__ import annotations

import unicodedata

MOST = 18
"""Characters of a nickname."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINER = "\u200d"  # holds one emoji together


class BadNickname(ValueError):  # noqa: N818 - it names the situation
    """Nothing is left to call somebody by. `key` is the text that says so."""

    key = "join.nickname_needed"


def nickname_of(given: str) -> str:
    """The nickname in what somebody typed: no control or direction marks, no stacked accents, at most 18 characters.

    Raises:
        BadNickname: nothing visible is left.
    """
    composed = unicodedata.normalize("NFC", given[:1000])
    shown = (
        character if character == _JOINER or unicodedata.category(character) not in _HIDDEN else " "
        for character in composed
        if unicodedata.category(character) != "Me"
    )
    kept: list[str] = []
    marks = 0
    for character in " ".join("".join(shown).split()):
        marks = marks + 1 if unicodedata.category(character) == "Mn" else 0
        if marks <= 1:
            kept.append(character)
    nickname = "".join(kept)[:MOST].strip().strip(_JOINER)
    if not any(unicodedata.category(character)[0] in "LNPS" for character in nickname):
        raise BadNickname
    return nickname
