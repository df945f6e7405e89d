"""Stored runs become the nights of a series: which belong together, which night each was, which are left out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rig.history.bench_changes import bench_of
from rig.history.nights import Night, Skipped
from rig.report.metric import pooled
from rig.report.run_report import report_of
from rig.soak.outcome import Outcome
from rig.store.queries import StoredRun
from rig.store.rows import RunRow

_DAY_S = 86_400.0


def belong_together(one: RunRow, other: RunRow) -> bool:
    """Whether two runs are nights of one series: the same plan by name, on the same radio. A plan or a world that
    was edited in between stays in its series, and the edit is told as a change of the bench."""
    return (one.plan_name, one.radio) == (other.plan_name, other.radio)


def nights_of(runs: Sequence[StoredRun]) -> tuple[tuple[Night, ...], tuple[Skipped, ...]]:
    """The nights of one series, from the earliest; runs come in the order in which they were made.

    A run that did not finish or whose bench failed says nothing of its night. A night is the number the run was
    made with (`--night`), else the whole days since the first run. Of two runs of one night the later counts.
    """
    skipped, usable = [], []
    for stored in runs:
        reason = _unusable(stored.run)
        if reason is None:
            usable.append(stored)
        else:
            skipped.append(Skipped(stored.run.run_id, reason))
    if any(stored.run.night is not None for stored in usable):
        skipped += [
            Skipped(stored.run.run_id, "made without --night, and the others with")
            for stored in usable
            if stored.run.night is None
        ]
        usable = [stored for stored in usable if stored.run.night is not None]
    by_number: dict[int, Night] = {}
    for stored in usable:
        number = _number(stored.run, usable[0].run)
        if number in by_number:
            again = f"night {number} was run again as {stored.run.run_id}"
            skipped.append(Skipped(by_number[number].run_id, again))
        by_number[number] = _night(stored, number)
    return tuple(by_number[number] for number in sorted(by_number)), tuple(skipped)


def _night(stored: StoredRun, number: int) -> Night:
    run, report = stored.run, report_of(stored)
    return Night(number, run.run_id, run.started_at, bench_of(stored), pooled(report.metrics))


def _unusable(run: RunRow) -> str | None:
    if run.status != "finished":
        return "it was not finished"
    return "its bench failed" if run.outcome == Outcome.ERROR else None


def _number(run: RunRow, first: RunRow) -> int:
    if run.night is not None:
        return run.night
    since = datetime.fromisoformat(run.started_at) - datetime.fromisoformat(first.started_at)
    return round(since.total_seconds() / _DAY_S) + 1
