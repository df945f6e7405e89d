"""A run for the terminal: one table, then the reasons."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from rig.report.clock_words import clock_words
from rig.report.model import CarReport, LatencyFigures, RunReport, SetReport
from rig.soak.outcome import Outcome
from rig.soak.statistics import Rate

_STYLES = {
    Outcome.PASS: "bold green",
    Outcome.FAIL: "bold red",
    Outcome.ERROR: "bold magenta",
    Outcome.INCONCLUSIVE: "bold yellow",
    Outcome.ABORTED: "bold magenta",
}


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
    when = f"seed {run.seed}, {'virtual' if run.virtual else 'real'} time, {_span(report.ended_s)}"
    yield Text(f"Run {run.run_id}: plan '{run.plan_name}' on {run.radio}, {when}")
    yield _table(report)
    for gap in report.gaps:
        lost = f"{gap.unknown_acts} acts unknown" if gap.unknown_acts else "nothing was under way"
        yield Text(
            f"gap at {_span(gap.from_s)}: nobody watched from {gap.from_at} to {gap.until_at} ({lost})"
        )
    for row in report.clock:
        yield Text(clock_words(row))
    for shared in report.reasons:
        for text in shared.texts:
            yield Text(f"{shared.outcome}  {shared.who}: {text}", style=_STYLES[shared.outcome])
    for car in report.cars:
        if car.unasked_losses:
            times = "once" if car.unasked_losses == 1 else f"{car.unasked_losses} times"
            yield Text(f"{car.label}: its link went by itself {times}")
    if report.exclusions:
        count = len(report.exclusions)
        yield Text(f"{count} exclusion{'' if count == 1 else 's'}, listed in the HTML and JSON reports")
    yield Text.assemble((f"{report.outcome}", _STYLES[report.outcome]), f"  {report.headline}")


def _table(report: RunReport) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=0,  # the box keeps a space between columns
        caption="latency from link loss to fresh data [95 % interval]",
        caption_justify="left",
    )
    table.add_column("car", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for heading in ("cycles", "P50", "P95", "", "1st try", "in time"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    for group in report.sets:
        table.add_row(*_set_row(group), style="bold")
        for place, car in enumerate(group.cars, start=1):
            table.add_row(*_car_row(car), end_section=place == len(group.cars))
    return table


def _set_row(group: SetReport) -> list[RenderableType]:
    cycles = sum(car.cycles_done for car in group.cars)
    p50, _, p95, _ = _quantiles(group.reconnect)
    return [f"set {group.name}", _verdict(group.outcome), str(cycles), p50, p95, "", "", _rate(group.success)]


def _car_row(car: CarReport) -> list[RenderableType]:
    p50, _, p95, _ = _quantiles(car.reconnect)
    return [
        f" {car.label}",
        _verdict(car.verdict.outcome),
        _done(car),
        p50,
        p95,
        _p95_interval(car.reconnect),
        _rate(car.first_attempt),
        _rate(car.success),
    ]


def _done(car: CarReport) -> str:
    all_of_them = car.cycles_done == car.cycles_planned
    return str(car.cycles_done) if all_of_them else f"{car.cycles_done}/{car.cycles_planned}"


def _quantiles(figures: LatencyFigures) -> list[str]:
    return [str(figure.value or "-") for figure in figures.quantiles]


def _p95_interval(figures: LatencyFigures) -> Text:
    bounds = figures.quantiles[2].bounds
    if bounds.lower is None:
        return Text("")
    upper = (
        "?" if bounds.upper is None else f"{'≥ ' if bounds.upper.at_least else ''}{bounds.upper.value_s:.1f}"
    )
    return Text(f"[{bounds.lower.value_s:.1f}…{upper}]", style="dim")


def _rate(rate: Rate) -> str:
    return f"{rate.successes}/{rate.trials}" if rate.trials else "-"


def _verdict(outcome: Outcome) -> Text:
    return Text(str(outcome), style=_STYLES[outcome])


def _span(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {left:02d} s"
