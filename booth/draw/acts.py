"""What is done in a draw, each by somebody at an instant. A role or initials, never a name: it goes into the bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from booth.draw.declaration import Declaration
from booth.draw.drand import Beacon
from booth.draw.reasons import Change, Correction, Outcome, Reason, Strike, VoidReason


@dataclass(frozen=True, slots=True)
class Declare:
    """The draw begins."""

    declaration: Declaration


@dataclass(frozen=True, slots=True)
class Redeclare:
    """Another declaration in place of the last, before the freeze; the old one stays in the bundle."""

    declaration: Declaration
    why: Change


@dataclass(frozen=True, slots=True)
class Freeze:
    """Entries are closed; these tickets, in any order, less those struck out."""

    tickets: tuple[str, ...]
    struck: Mapping[str, Strike]


@dataclass(frozen=True, slots=True)
class Correct:
    """Another list in place of the last, before any source is known; the old one stays in the bundle."""

    tickets: tuple[str, ...]
    struck: Mapping[str, Strike]
    why: Correction


@dataclass(frozen=True, slots=True)
class Throw:
    """What the die showed, 1 to 6, throw after throw."""

    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CorrectThrow:
    """Throw `number`, from 1, was entered wrongly: the die showed `value`. Before the ranking only, and kept."""

    number: int
    value: int


@dataclass(frozen=True, slots=True)
class TakeDrand:
    """What two mirrors answered for the declared round."""

    answers: tuple[Beacon, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Reveals the morning secret (hex) and ranks."""

    secret: str
    software: str


@dataclass(frozen=True, slots=True)
class Announce:
    """The next rank is told; its time to come forward begins."""


@dataclass(frozen=True, slots=True)
class Decide:
    """What became of the rank announced last."""

    outcome: Outcome
    reason: Reason


@dataclass(frozen=True, slots=True)
class Void:
    """The draw counts for nothing. The morning secret is revealed all the same, unless it is lost: with the throws that
    were entered anybody can see what would have been drawn."""

    why: VoidReason
    secret: str | None = None


What = (
    Declare | Redeclare | Freeze | Correct | Throw | CorrectThrow | TakeDrand | Run | Announce | Decide | Void
)


@dataclass(frozen=True, slots=True)
class Act:
    """Something done: `by` is a role or initials, 1 to 12 of letters, digits and '-'."""

    at: datetime
    by: str
    what: What
