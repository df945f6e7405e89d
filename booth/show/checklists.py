"""The checklists of opening, swap and closing, as data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from booth.floor.steps import STEPS, title
from booth.show.state import Show
from booth.show.view import ChecklistView


class Checklist(NamedTuple):
    """A checklist: its title, and items by key."""

    title: str
    items: Mapping[str, str]


OPENING = Checklist(
    "Before opening",
    MappingProxyType(
        {
            "open-power": "Power, screens and sound are on",
            "open-doctor": "The doctor is green: updates, restarts, clock, disk, adapter",
            "open-cars": "Eight cars are in the table, none of them low",
            "open-track": "The track is clean and closed, one set stands on it behind the line, the other charges",
            "open-prize": "Today's prize and the rules are on the counter",
            "open-backup": "The backup stick is in and was written",
            "open-go": "Account and IT both say go",
        }
    ),
)
CLOSING = Checklist(
    "Before going home",
    MappingProxyType(
        {
            "close-draw": "The draw was held and its bundle kept",
            "close-leads": "The leads were handed over and taken",
            "close-backup": "The backup was written: 0 not copied",
            "close-report": "The day report was read with IT",
            "close-cars": "All eight cars are on their chargers, both adapters of the radio in their box",
        }
    ),
)
_LISTS = {"opening": OPENING, "closing": CLOSING}
ITEMS = frozenset(key for checklist in _LISTS.values() for key in checklist.items)


def missing(show: Show, checklist: Checklist) -> tuple[str, ...]:
    """The items of a checklist that are not done."""
    return tuple(key for key in checklist.items if key not in show.book.ticked)


def views(show: Show) -> tuple[ChecklistView, ...]:
    """What the crew sees: opening and closing, and during a swap its steps, done as sensors show them."""
    found = [
        ChecklistView(
            name,
            checklist.title,
            tuple((key, words, key in show.book.ticked) for key, words in checklist.items.items()),
        )
        for name, checklist in _LISTS.items()
    ]
    swap = show.floor.swap
    if swap is not None:
        at = STEPS.index(swap.step)
        items = tuple(
            (step.value, title(step, swap.from_set, swap.to_set), STEPS.index(step) < at) for step in STEPS
        )
        found.insert(1, ChecklistView("swap", f"Swap: {swap.from_set} to {swap.to_set}", items))
    return tuple(found)
