"""What a diagnosis is made of: findings, each of a kind. Pure; `rig.doctor.catalogue` has the kinds.

A finding's words are filled in here, so that the generated page of `docs/` and the command say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much a finding matters, least first."""

    OK = "ok"  # works
    NOTE = "note"  # worth knowing
    WARN = "warn"  # will cost links or time
    BAD = "bad"  # the radio cannot be used, or must not be relied on

    @property
    def weight(self) -> int:
        """0 (ok) .. 3 (bad)."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: on what, what was seen, and the one command or act that mends it ("" when none is needed)."""

    id: str
    level: Level
    subject: str
    found: str
    remedy: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding. `remedy` may hold `{names}` that the finding fills in; `means` is for the page of docs."""

    id: str
    level: Level
    means: str
    remedy: str = ""
    sources: tuple[str, ...] = ()

    def on(self, subject: str, found: str, *, level: Level | None = None, **fill: str) -> Finding:
        """A finding of this kind."""
        return Finding(self.id, level or self.level, subject, found, self.remedy.format(**fill), self.sources)
