"""A stored run in, its report out: part by part, then the whole. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rig.report.diagnosis.model import diagnosis_of
from rig.report.kinds import kind_named
from rig.report.model import PartReport, RunReport, run_outcome
from rig.soak.outcome import Outcome
from rig.store.preflight import bench_faults_of
from rig.store.queries import StoredRun, only_part
from rig.toml_tables import parse_toml


def report_of(stored: StoredRun, *, live: bool = False) -> RunReport:
    """Judges a stored run and gathers its figures. `live`: somebody is still working on it."""
    parts = tuple(kind_named(row.kind).part_of(only_part(stored, row.part)) for row in stored.parts)
    outcome = run_outcome(stored.run, [part.outcome for part in parts], live=live)
    headline = _live_headline(parts) if live else _headline(outcome, parts, stored)
    plan = parse_toml(stored.run.plan_text, source=f"the plan of run {stored.run.run_id}")
    if len(parts) == 1 and not live and outcome in {Outcome.ERROR, Outcome.ABORTED}:
        parts = (replace(parts[0], headline=headline),)
    return RunReport(
        run=stored.run,
        description=plan.text("description", default=""),
        outcome=outcome,
        headline=headline,
        parts=parts,
        gaps=stored.gaps,
        versions=stored.versions,
        ended_s=max((part.ended_s for part in parts), default=0.0),
        is_live=live,
        clock=stored.clock,
        bench_faults=bench_faults_of(stored.acts_before),
        diagnosis=diagnosis_of(stored.tries, stored.run.number),
    )


def _headline(outcome: Outcome, parts: Sequence[PartReport], stored: StoredRun) -> str:
    if stored.run.status != "finished":
        return _cut_headline(outcome, parts, stored)
    if len(parts) == 1:
        return parts[0].headline
    if outcome is Outcome.PASS:
        return f"All {len(parts)} parts passed."
    return " ".join(
        f"{part.row.title}: {part.headline}" for part in parts if part.outcome is not Outcome.PASS
    )


def _cut_headline(outcome: Outcome, parts: Sequence[PartReport], stored: StoredRun) -> str:
    done = sum(part.done for part in parts)
    units = f"{parts[0].unit}s" if len({part.unit for part in parts}) == 1 else "units"
    resume = "'pitboard soak --resume' goes on with it."
    if outcome is not Outcome.ERROR:
        return f"The run was cut short after {done} {units}; {resume}"
    why = f": {stored.run.error}" if stored.run.error else ""
    failed = [
        label
        for part in parts
        for label in [car.label for car in part.cars if car.verdict.outcome is Outcome.FAIL]
    ]
    also = f" Not fit to race: {', '.join(dict.fromkeys(failed))}." if failed else ""
    return f"The bench failed after {done} {units}{why}; {resume}{also}"


def _live_headline(parts: Sequence[PartReport]) -> str:
    done, planned = sum(part.done for part in parts), sum(part.planned for part in parts)
    units = f"{parts[0].unit}s" if len({part.unit for part in parts}) == 1 else "units"
    failed = dict.fromkeys(
        car.label for part in parts for car in part.cars if car.verdict.outcome is Outcome.FAIL
    )
    so_far = f" Failing so far: {', '.join(failed)}." if failed else ""
    return f"Still running: {done} of {planned} {units} are done.{so_far}"
