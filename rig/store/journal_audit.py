"""Reads a run's journal afterwards and says what cannot be right: an act without its end, a unit counted twice or lost,
a charger that was left on. Pure; whoever wrote the journal is not asked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rig.store.rows import ActRow

CHARGER_ON, CHARGER_OFF, ALL_OFF = "charger on", "charger off", "all off"
_SLACK_S = 1e-6


@dataclass(frozen=True, slots=True)
class Unit:
    """One finished unit on record: a reconnect cycle, a battery life, a swap. They count from 1 for each subject of a
    leg, and one subject has one at a time. `act` is the act that makes it what it is, None where there need be none."""

    leg: int
    subject: str
    number: int
    began_s: float
    ended_s: float
    act: str | None = None


def audit(acts: Sequence[ActRow], units: Iterable[Unit], *, ended: bool) -> tuple[str, ...]:
    """Every complaint, one sentence each; none means that the journal adds up. `ended`: the run is over, so nothing may
    be under way any more."""
    complaints = [*_acts(acts, ended=ended), *_units(acts, list(units))]
    if ended:
        complaints += [f"the charger of bay {bay} was left on" for bay in chargers_on(acts)]
    return tuple(complaints)


def chargers_on(acts: Iterable[ActRow]) -> tuple[str, ...]:
    """The bays whose charger is on, or may be, once these acts are through."""
    on: dict[str, None] = {}
    for act in acts:
        if act.act == CHARGER_ON:
            on[act.subject] = None
        elif act.act == CHARGER_OFF and act.state == "ok":
            on.pop(act.subject, None)
        elif act.act == ALL_OFF and act.state == "ok":
            on.clear()
    return tuple(on)


def _acts(acts: Sequence[ActRow], *, ended: bool) -> Iterable[str]:
    for act in acts:
        name = f"act {act.number}, '{act.act}' on {act.subject_kind} {act.subject},"
        if act.state in {"ok", "fail"} and act.done_s is None:
            yield f"{name} is done and does not say when"
        elif act.done_s is not None and act.done_s < act.at_s - _SLACK_S:
            yield f"{name} was done {act.at_s - act.done_s:.3f} s before it was written down"
        if ended and act.state == "intended":
            yield f"{name} is still under way in a run that is over"


def _units(acts: Sequence[ActRow], units: list[Unit]) -> Iterable[str]:
    done = {(act.leg, act.subject, act.unit, act.act) for act in acts}
    by_subject: dict[tuple[int, str], list[Unit]] = {}
    for unit in units:
        by_subject.setdefault((unit.leg, unit.subject), []).append(unit)
    for (leg, subject), mine in sorted(by_subject.items()):
        mine.sort(key=lambda unit: unit.number)
        where = f"leg {leg}, {subject}:"
        missing = sorted(set(range(1, mine[-1].number + 1)) - {unit.number for unit in mine})
        if missing:
            yield f"{where} no. {missing[0]} is missing though no. {mine[-1].number} is there"
        by_time = sorted(mine, key=lambda unit: unit.began_s)
        for before, after in itertools.pairwise(by_time):
            if after.began_s < before.ended_s - _SLACK_S:
                yield f"{where} no. {after.number} began before no. {before.number} had ended: counted twice?"
        for unit in mine:
            if unit.act is not None and (leg, subject, unit.number, unit.act) not in done:
                yield f"{where} no. {unit.number} has a result and no '{unit.act}' was ever written down"
