"""A bug that can be planted: one switch, and the check that is meant to find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class PlantedBug:
    """`plant` makes the bug with a monkeypatch; `check` gives the complaint of the check meant for it, or None when it
    has none; `says` is part of what it must complain. `caught_by` names that check for people."""

    name: str
    where: str
    words: str
    caught_by: str
    says: str
    plant: Callable[[pytest.MonkeyPatch], None]
    check: Callable[[], str | None]

    def complaint(self, *, planted: bool) -> str | None:
        """What the check says, with the bug or without it."""
        with pytest.MonkeyPatch.context() as patch:
            if planted:
                self.plant(patch)
            return self.check()
