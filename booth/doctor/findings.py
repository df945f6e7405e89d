"""What the booth's doctor says: a colour, whose move it is, the one thing to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Colour(StrEnum):
    """How much it matters, least first."""

    GREEN = "green"
    YELLOW = "yellow"
    """The show runs, and this will cost time or people."""
    RED = "red"
    """Do not open like this."""


class Owner(StrEnum):
    """Whose move it is."""

    CREW = "crew"
    IT = "IT"
    NOBODY = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `action` is the one thing to do, "" when there is none."""

    subject: str
    colour: Colour
    found: str
    owner: Owner = Owner.NOBODY
    action: str = ""


EXIT_BROKEN = 3


def worst(findings: tuple[Finding, ...]) -> Colour:
    """The colour of the whole booth."""
    return max((finding.colour for finding in findings), key=list(Colour).index, default=Colour.GREEN)


def exit_code(findings: tuple[Finding, ...]) -> int:
    """0 when the show may open, 3 when something is red."""
    return EXIT_BROKEN if worst(findings) is Colour.RED else 0
