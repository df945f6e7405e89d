"""The show machine under way: holds the one value that it steps."""

from __future__ import annotations

from booth.show.actions import Action
from booth.show.inputs import Input
from booth.show.machine import step
from booth.show.state import Show
from booth.show.view import Snapshot
from booth.show.views import snapshot


class Playing:
    """The machine of one process."""

    def __init__(self, show: Show) -> None:
        self.show = show

    @property
    def turn(self) -> object:
        """The show as it is: another object after every change."""
        return self.show

    def tell(self, event: Input) -> tuple[Action, ...]:
        """What to do about an input, in order."""
        self.show, actions = step(self.show, event)
        return actions

    def snapshot(self, *, now_s: float, number: int, at: str) -> Snapshot:
        """What screens see."""
        return snapshot(self.show, now_s=now_s, number=number, at=at)
