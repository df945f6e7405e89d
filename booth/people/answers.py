"""Answers to the pack's qualifiers: checked against the pack, and whether they make a qualified lead. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from booth.errors import BadInput
from booth.pack.model import Qualifier
from booth.people.contact import plain_text

Answers = Mapping[str, tuple[str, ...]]
"""Qualifier key -> option keys, or the one text."""
_MOST_TEXT = 500


def read_answers(
    given: Mapping[str, Sequence[str]], qualifiers: Sequence[Qualifier]
) -> dict[str, tuple[str, ...]]:
    """The answers of a form. Questions left out are left out; other fields are ignored.

    Raises:
        BadInput: an option the pack does not have, two answers to a single choice, a text over 500 characters.
    """
    answers: dict[str, tuple[str, ...]] = {}
    for qualifier in qualifiers:
        said = [each for each in given.get(qualifier.key, ()) if each]
        if not said:
            continue
        if qualifier.kind != "multiple" and len(said) > 1:
            raise BadInput(f"'{qualifier.key}' takes one answer")
        if qualifier.kind == "text":
            try:
                answers[qualifier.key] = (plain_text(said[0], _MOST_TEXT),)
            except ValueError as error:
                raise BadInput(f"the answer to '{qualifier.key}' is too long; 500 characters fit") from error
        elif strange := sorted(set(said) - set(qualifier.options)):
            raise BadInput(f"'{qualifier.key}' has no option '{strange[0][:40]}'")
        else:
            answers[qualifier.key] = tuple(dict.fromkeys(said))
    return answers


def is_qualified(answers: Answers, qualifiers: Sequence[Qualifier]) -> bool:
    """Whether any answer is one that the pack says qualifies."""
    return any(set(answers.get(each.key, ())) & set(each.qualifies) for each in qualifiers)
