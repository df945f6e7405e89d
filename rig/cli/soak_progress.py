"""The progress bar of a soak, on stderr, redrawn from the run's own thread: virtual time admits no other."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from rig.clock import process_time_s
from rig.report.text_words import span_text
from rig.soak.kind import Progress as SoakProgress
from rig.soak.night import NightLeg

_REDRAW_EVERY_S = 0.1


@contextlib.contextmanager
def progress_bar(legs: tuple[NightLeg, ...]) -> Iterator[Callable[[SoakProgress], None]]:
    """Shows the bar while the block runs, where there is a terminal; gives what moves it on."""
    console = Console(stderr=True)
    total = sum(leg.leg.units for leg in legs)
    bar = Progress(
        BarColumn(bar_width=8),
        MofNCompleteColumn(table_column=Column(no_wrap=True, min_width=9)),
        TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
        TextColumn("left"),
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True, min_width=5)),
        expand=True,
        console=console,
        auto_refresh=False,
        disable=not console.is_terminal,
        transient=True,
    )
    before = dict(
        zip(
            [leg.number for leg in legs],
            itertools.accumulate([0, *(leg.leg.units for leg in legs)]),
            strict=False,
        )
    )
    titles = {leg.number: _title(leg, legs) for leg in legs}
    task = bar.add_task("", total=total)
    drawn_s = 0.0

    def on_progress(progress: SoakProgress) -> None:
        nonlocal drawn_s
        where = f"{titles[progress.leg]}: {progress.what}, {span_text(progress.at_s)}"
        bar.update(task, completed=before[progress.leg] + progress.done, description=where)
        now_s = process_time_s()
        if now_s - drawn_s >= _REDRAW_EVERY_S:
            drawn_s = now_s
            bar.refresh()

    with bar:
        yield on_progress


def _title(leg: NightLeg, legs: tuple[NightLeg, ...]) -> str:
    """The leg, and the part before it where there are several."""
    alone = len({each.part.number for each in legs}) == 1
    return leg.leg.title if alone else f"{leg.part.title}, {leg.leg.title}"
