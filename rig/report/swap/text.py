"""A swap part for the terminal: the waterfall, the nemesis's faults, the invariants."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rig.report.swap.model import SwapPart, TimeFigures
from rig.report.text_words import outcome_text
from rig.soak.swap.steps import Step

STEP_WORDS = {
    Step.READY: "the other set ready",
    Step.END: "race ended",
    Step.OFF: "off, confirmed",
    Step.SET_UP: "race set up",
    Step.CHARGE: "charging, confirmed",
}


def tables_of(part: SwapPart) -> Iterator[RenderableType]:
    """Where the time goes, set by set and step by step; then what the nemesis did."""
    times = _table(
        "swaps", "P50", "P90", "P95", "longest", first="", caption="seconds of complete, unspoiled swaps"
    )
    for group in part.sets:
        name = Text.assemble(f"set {group.name} leaves  ", outcome_text(group.verdict.outcome))
        times.add_row(name, str(group.total.n), *_figures(group.total))
    times.add_row("all", str(part.total.n), *_figures(part.total), end_section=True)
    for step in part.steps:
        if step.times.n:
            times.add_row(f" {STEP_WORDS[step.step]}", str(step.times.n), *_figures(step.times))
    yield times
    if part.faults:
        faults = _table("struck", "met", "not met", "moot", first="the nemesis", caption="")
        for fault in part.faults:
            style = "bold red" if fault.not_met else ""
            faults.add_row(
                f" {fault.kind.replace('_', ' ')}",
                str(fault.struck),
                str(fault.met),
                Text(str(fault.not_met), style=style),
                str(fault.moot),
            )
        yield faults
    invariants = _table("checked", "broken", first="must always hold", caption="over the journal")
    for figures in part.invariants:
        broken = Text(str(len(figures.breaches)), style="bold red" if figures.breaches else "")
        invariants.add_row(f" {figures.name}", str(figures.checked), broken)
    yield invariants


def remarks_of(part: SwapPart) -> Iterator[str]:
    """How swaps ended, and cars that had to be taken out."""
    counts = [f"{count} {outcome}" for outcome, count in part.outcomes.items() if count]
    yield f"{part.done} of {part.planned} swaps: {', '.join(counts) or 'none'}"
    for car in part.cars:
        for swap, why in car.reasons[:3]:
            yield f"swap {swap}: {why}"
    for fault in part.faults:
        for strike in fault.missed[:3]:
            yield f"{fault.kind.replace('_', ' ')} at {strike.at_s:.1f} s was not answered: {fault.answer}"


def _table(*headings: str, first: str, caption: str) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=0,
        caption=caption or None,
        caption_justify="left",
    )
    table.add_column(first, no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _figures(times: TimeFigures) -> list[str]:
    values = [str(reading or "-") for _, reading, _ in times.quantiles]
    return [*values, str(times.largest or "-")]
