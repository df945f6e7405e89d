"""What the race process plays: a show that takes inputs and gives actions."""

from __future__ import annotations

from typing import Protocol

from booth.show.actions import Action
from booth.show.inputs import Input
from booth.show.view import Snapshot


class Machine(Protocol):
    """A show under way. Neither method waits or raises for what comes from outside."""

    @property
    def turn(self) -> object:
        """Another object whenever something may have changed."""
        ...

    def tell(self, event: Input) -> tuple[Action, ...]:
        """What to do about an input, in order."""
        ...

    def snapshot(self, *, now_s: float, number: int, at: str) -> Snapshot:
        """What screens see."""
        ...
