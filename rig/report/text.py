"""A run for the terminal: part by part a table, then the reasons."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from rig.report.clock_words import clock_words
from rig.report.diagnosis.text import diagnosis_lines
from rig.report.kinds import kind_named
from rig.report.model import PartReport, RunReport
from rig.report.text_words import STYLES, outcome_text, span_text
from rig.soak.outcome import Outcome


def render_text(report: RunReport, *, width: int = 100) -> str:
    """The report as plain text, without colours."""
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    for part in renderables(report):
        console.print(part)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO given above
    return text


def renderables(report: RunReport) -> Iterator[RenderableType]:
    """The parts to print on a rich console, in order."""
    run = report.run
    when = f"seed {run.seed}, {'virtual' if run.virtual else 'real'} time, {span_text(report.ended_s)}"
    yield Text(f"Run {run.run_id}: plan '{run.plan_name}' on {run.radio}, {when}")
    for gap in report.gaps:
        lost = f"{gap.unknown_acts} acts unknown" if gap.unknown_acts else "nothing was under way"
        yield Text(
            f"gap at {span_text(gap.from_s)}: nobody watched from {gap.from_at} to {gap.until_at} ({lost})"
        )
    for row in report.clock:
        yield Text(clock_words(row))
    for fault in report.bench_faults:
        yield Text(f"bench fault: {fault.words}", style=STYLES[Outcome.ERROR])
    several = len(report.parts) > 1
    for part in report.parts:
        if several:
            yield Text()
            yield Text.assemble(
                (f"part {part.row.part}: {part.row.title}", "bold"), "  ", outcome_text(part.outcome)
            )
        yield from _part(part)
    if several:
        yield Text()
    for line in diagnosis_lines(report.diagnosis):
        yield Text(line)
    count = sum(len(part.exclusions) for part in report.parts)
    if count:
        yield Text(f"{count} exclusion{'' if count == 1 else 's'}, listed in the HTML and JSON reports")
    yield Text.assemble((f"{report.outcome}", STYLES[report.outcome]), f"  {report.headline}")


def _part(part: PartReport) -> Iterator[RenderableType]:
    kind = kind_named(part.row.kind)
    yield from kind.text(part)
    for shared in part.reasons:
        for text in shared.texts:
            yield Text(f"{shared.outcome}  {shared.who}: {text}", style=STYLES[shared.outcome])
    for remark in kind.remarks(part):
        yield Text(remark)
