"""A reconnect part for the terminal: one table."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rig.report.reconnect.model import LatencyFigures, ReconnectCar, ReconnectPart, SetReport
from rig.report.text_words import outcome_text
from rig.statistics.rates import Rate


def table_of(part: ReconnectPart) -> Table:
    """Set by set, car by car."""
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=0,  # the box keeps a space between columns
        caption="latency from link loss to fresh data [95 % interval]"
        + ("; P95 due: from the instant the schedule had for the loss" if part.plan.pace_s else ""),
        caption_justify="left",
    )
    table.add_column("car", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for heading in _headings(part):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    for group in part.sets:
        table.add_row(*_set_row(group, part), style="bold")
        for place, car in enumerate(group.cars, start=1):
            table.add_row(*_car_row(car, part), end_section=place == len(group.cars))
    return table


def _headings(part: ReconnectPart) -> tuple[str, ...]:
    due = ("P95 due",) if part.plan.pace_s else ()
    return ("cycles", "P50", "P95", "", *due, "1st try", "in time")


def _set_row(group: SetReport, part: ReconnectPart) -> list[RenderableType]:
    cycles = sum(car.done for car in group.cars)
    p50, _, p95, _ = _quantiles(group.reconnect)
    return [
        f"set {group.name}",
        outcome_text(group.outcome),
        str(cycles),
        p50,
        p95,
        "",
        *([""] if part.plan.pace_s else []),
        "",
        _rate(group.success),
    ]


def _car_row(car: ReconnectCar, part: ReconnectPart) -> list[RenderableType]:
    p50, _, p95, _ = _quantiles(car.reconnect)
    return [
        f" {car.label}",
        outcome_text(car.verdict.outcome),
        _done(car),
        p50,
        p95,
        _p95_interval(car.reconnect),
        *([_quantiles(car.from_intended)[2]] if part.plan.pace_s else []),
        _rate(car.first_attempt),
        _rate(car.success),
    ]


def _done(car: ReconnectCar) -> str:
    all_of_them = car.done == car.planned
    return str(car.done) if all_of_them else f"{car.done}/{car.planned}"


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


def remarks_of(part: ReconnectPart) -> Iterator[str]:
    """Links that went by themselves."""
    for group in part.sets:
        for car in group.cars:
            if car.unasked_losses:
                times = "once" if car.unasked_losses == 1 else f"{car.unasked_losses} times"
                yield f"{car.label}: its link went by itself {times}"
