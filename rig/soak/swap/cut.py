"""Swaps that were under way when the run was cut, read back from the journal. On a bench, where time does not come back,
each becomes a row of its own. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from rig.rotation.invariants import What
from rig.soak.swap.books import SEEN
from rig.soak.swap.steps import SwapOutcome
from rig.store.journal_audit import ALL_OFF
from rig.store.rows import ActRow, GapRow
from rig.store.swaps import SwapRow

_BEGINS = (f"{SEEN}{What.SWAP}", "on")
_RACES = (f"{SEEN}{What.RACING}", "on")


def cut_swaps(
    acts: Iterable[ActRow], gaps: Sequence[GapRow], sets: tuple[str, str], finished: Container[int]
) -> list[SwapRow]:
    """The swaps of a leg that were begun and are not `finished` (their numbers), each lasting until its gap begins.
    `acts` is the leg's journal, `sets` the names of its sets, the one that races first at the front."""
    first, second = sets
    leaving = first
    begun: dict[int, tuple[ActRow, str]] = {}
    let_go: list[float] = []
    for act in acts:
        if (act.act, act.detail) == _RACES:
            leaving = act.subject
        elif (act.act, act.detail) == _BEGINS and act.unit is not None and act.unit not in finished:
            begun[act.unit] = act, leaving
        elif act.act == ALL_OFF and act.unit is None:
            let_go.append(act.at_s)
    rows = []
    for number, (act, from_set) in begun.items():
        gap = next(gap for gap in gaps if gap.from_s >= act.at_s)
        stopped = any(act.at_s <= at_s <= gap.from_s for at_s in let_go)
        to_set = second if from_set == first else first
        rows.append(_row(act, number, from_set, to_set, gap, stopped=stopped))
    return rows


def _row(act: ActRow, number: int, from_set: str, to_set: str, gap: GapRow, *, stopped: bool) -> SwapRow:
    """Of what was done in it the row tells nothing: that stands in the journal."""
    how = "a stop of the run" if stopped else "a kill, a power cut or the like"
    return SwapRow(
        leg=act.leg,
        swap=number,
        from_set=from_set,
        to_set=to_set,
        outcome=SwapOutcome.CUT.value,
        began_s=act.at_s,
        ended_s=gap.from_s,
        ready_s=None,
        end_s=None,
        off_s=None,
        set_up_s=None,
        charge_s=None,
        retries=0,
        error=f"cut by {how} after at least {gap.from_s - act.at_s:.1f} s, gone on with"
        f" {gap.until_s - gap.from_s:.1f} s later",
        taken_out="[]",
        responses="[]",
        faults="[]",
    )
