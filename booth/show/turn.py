"""One step of the show under way: the show so far and what is to be done. Lives for one call of `step`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from booth.show.actions import Action, Answer, Write
from booth.show.phases import PHASES, Cause
from booth.show.records import Record
from booth.show.state import Show


class Turn:
    """Collects what one input leads to. The parts of the show are replaced, never changed."""

    __slots__ = ("actions", "now_s", "show")

    def __init__(self, show: Show, now_s: float) -> None:
        self.show = show
        self.now_s = now_s
        self.actions: list[Action] = []

    def put(self, **changes: Any) -> None:
        """The show with other values."""
        self.show = replace(self.show, **changes)

    def floor(self, **changes: Any) -> None:
        """The floor with other values."""
        self.show = replace(self.show, floor=replace(self.show.floor, **changes))

    def driving(self, **changes: Any) -> None:
        """Driving with other values."""
        self.show = replace(self.show, driving=replace(self.show.driving, **changes))

    def game(self, **changes: Any) -> None:
        """The game with other values."""
        self.show = replace(self.show, game=replace(self.show.game, **changes))

    def people(self, **changes: Any) -> None:
        """The people with other values."""
        self.show = replace(self.show, people=replace(self.show.people, **changes))

    def troubles(self, **changes: Any) -> None:
        """The troubles with other values."""
        self.show = replace(self.show, troubles=replace(self.show.troubles, **changes))

    def book(self, **changes: Any) -> None:
        """The book with other values."""
        self.show = replace(self.show, book=replace(self.show.book, **changes))

    def do(self, *actions: Action) -> None:
        """Something is to be done."""
        self.actions += actions

    def write(self, *records: Record) -> None:
        """Something is to be written down."""
        self.actions += [Write(record) for record in records]

    def answer(self, number: int, refused: str | None) -> None:
        """Whoever asked is told."""
        self.actions.append(Answer(number, refused))

    def go(self, cause: Cause) -> None:
        """On to where the table leads.

        Raises:
            KeyError: the table leads nowhere from here; a fault in the show.
        """
        self.put(stage=PHASES[self.show.stage, cause], stage_s=self.now_s)
