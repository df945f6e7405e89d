"""Who did what with people's data: entries that each carry the hash of the one before. Pure.

An entry names no person; a person is an opaque id. Changing, dropping or reordering an entry breaks the chain at that place.
Cutting off its end does not show by itself: every receipt carries the head of the chain at that time to compare with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `at` is UTC, ISO 8601; `body` what belongs to it; `before` the hash of the entry before."""

    number: int
    at: str
    act: str
    body: Mapping[str, str | int]
    before: str
    digest: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not as it was written."""

    number: int
    why: str


def follow(number: int, before: str, at: str, act: str, body: Mapping[str, str | int]) -> Entry:
    """The next entry."""
    return Entry(number, at, act, dict(body), before, _digest(number, before, at, act, body))


def check(entries: Iterable[Entry], head: str | None = None) -> Broken | None:
    """The first bad entry, from number 1 on; None when all hold together. With `head`, a hash that some receipt has told,
    one of the entries must carry it."""
    before, number, is_met = GENESIS, 0, head in {None, GENESIS}
    for number, each in enumerate(entries, 1):
        if each.number != number:
            return Broken(number, f"entry {number} is missing")
        if each.before != before:
            return Broken(number, f"entry {number} does not follow on the one before")
        if each.digest != _digest(each.number, each.before, each.at, each.act, each.body):
            return Broken(number, f"entry {number} was changed")
        before = each.digest
        is_met = is_met or before == head
    if not is_met:
        return Broken(number + 1, f"no entry has the hash {head}: the end was cut off after entry {number}")
    return None


def body_text(body: Mapping[str, str | int]) -> str:
    """A body as it is stored and hashed."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(number: int, before: str, at: str, act: str, body: Mapping[str, str | int]) -> str:
    text = json.dumps([number, before, at, act, body_text(body)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
