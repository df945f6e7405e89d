"""A leg's history read back from its journal, so that the invariants are checked again by what was written, not by what
the program believed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from rig.rotation.invariants import Findings, TimedFact, What, check_history
from rig.soak.swap.books import DRIVE, SEEN

_STATES: dict[str, bool | None] = {"on": True, "off": False, "unknown": None}


class Act(Protocol):
    """A row of the journal."""

    @property
    def number(self) -> int: ...
    @property
    def subject_kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def at_s(self) -> float: ...
    @property
    def act(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def done_s(self) -> float | None: ...


def history_of(acts: Iterable[Act], sets: Mapping[int, str], gaps_s: Iterable[float] = ()) -> list[TimedFact]:
    """The facts of one leg in the order in which they became so. After a gap (it begins at one of `gaps_s`) nothing
    holds of what was known before."""
    placed: list[tuple[float, int, int, TimedFact]] = [
        (gap_s, 2, 0, TimedFact(gap_s, What.FORGOTTEN)) for gap_s in gaps_s
    ]
    for act in acts:
        for fact in _facts(act, sets):
            # what ends at an instant ends before what begins at it, unless it began there itself
            ends = fact.at_s > act.at_s
            placed.append((fact.at_s, 0 if ends else 1, act.number, fact))
    placed.sort(key=lambda item: item[:3])
    return [fact for *_, fact in placed]


def check_journal(
    acts: Iterable[Act], sets: Mapping[int, str], budget_s: float, gaps_s: Iterable[float] = ()
) -> Findings:
    """Checks every invariant over a leg's journal."""
    return check_history(sets, budget_s, history_of(acts, sets, gaps_s))


def _facts(act: Act, sets: Mapping[int, str]) -> Iterator[TimedFact]:
    if act.act.startswith(SEEN):
        what = What(act.act.removeprefix(SEEN))
        subject: int | str = int(act.subject, 16) if act.subject_kind == "car" else act.subject
        yield TimedFact(act.at_s, what, subject, _STATES[act.detail])
    elif act.act == DRIVE:
        yield TimedFact(act.at_s, What.DRIVEN, int(act.subject, 16))
    elif act.act in {"charger on", "charger off"}:
        car = int(act.detail, 16)
        if car in sets:
            yield from _charger(act, car, act.act == "charger on")
    elif act.act == "all off" and act.state == "ok":
        for car in sets:
            yield TimedFact(act.at_s if act.done_s is None else act.done_s, What.CHARGER, car, on=False)


def _charger(act: Act, car: int, on: bool) -> Iterator[TimedFact]:
    """From when it is told on, a charger may be on; it is off only once that was confirmed."""
    if on:
        yield TimedFact(act.at_s, What.CHARGER, car, on=None)
    if act.state == "ok" and act.done_s is not None:
        yield TimedFact(act.done_s, What.CHARGER, car, on=on)
