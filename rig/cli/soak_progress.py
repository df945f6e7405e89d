"""How a soak is shown on stderr while it runs: a live line in a terminal, plain lines elsewhere.

Both are drawn from the run's own thread: virtual time admits no other.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from rig.cli.soak_lines import PlainLines
from rig.clock import process_time_s
from rig.report.text_words import span_text
from rig.soak.kind import Progress as SoakProgress
from rig.soak.night import NightLeg
from rig.soak.outcome import Outcome

_REDRAW_EVERY_S = 0.1


class Shown(Protocol):
    """What hears how a soak goes on."""

    def begun(self, leg: NightLeg, at_s: float) -> None:
        """A leg begins at this run second."""
        ...

    def progress(self, progress: SoakProgress) -> None:
        """A unit more is done."""
        ...

    def beat(self) -> None:
        """Real time has passed, whether anything happened or not."""
        ...

    def ended(self, leg: NightLeg, at_s: float) -> None:
        """A leg is through at this run second."""
        ...

    def remark(self, words: str) -> None:
        """Something that whoever watches should know at once."""
        ...


class _Silence:
    def begun(self, leg: NightLeg, at_s: float) -> None: ...
    def progress(self, progress: SoakProgress) -> None: ...
    def beat(self) -> None: ...
    def ended(self, leg: NightLeg, at_s: float) -> None: ...
    def remark(self, words: str) -> None: ...


class _LiveLine(_Silence):
    """A bar with how many units are done, where, how far into the run, and how long is left."""

    def __init__(self, legs: tuple[NightLeg, ...], bar: Progress) -> None:
        self._bar = bar
        units = [leg.leg.units for leg in legs]
        self._before = dict(
            zip([leg.number for leg in legs], itertools.accumulate([0, *units]), strict=False)
        )
        self._titles = {leg.number: _title(leg, legs) for leg in legs}
        self._task = bar.add_task("", total=sum(units))
        self._drawn_s = 0.0

    def progress(self, progress: SoakProgress) -> None:
        where = f"{self._titles[progress.leg]}: {progress.what}, {span_text(progress.at_s)}"
        self._bar.update(self._task, completed=self._before[progress.leg] + progress.done, description=where)
        now_s = process_time_s()
        if now_s - self._drawn_s >= _REDRAW_EVERY_S:
            self._drawn_s = now_s
            self._bar.refresh()

    def remark(self, words: str) -> None:
        self._bar.console.print(words, highlight=False, markup=False)


@contextlib.contextmanager
def shown(
    legs: tuple[NightLeg, ...], judge: Callable[[int], Outcome], *, brief: bool = False
) -> Iterator[Shown]:
    """Shows the run while the block lasts. `judge` gives the verdict on a part, by its number, as it is by now. With
    `brief` nothing is told but in a terminal: whoever asks for that has a line of his own for the run."""
    console = Console(stderr=True)
    if (
        not console.file.isatty() or console.is_dumb_terminal
    ):  # rich alone would trust FORCE_COLOR, as CI sets it
        yield _Silence() if brief else PlainLines(legs, judge)
        return
    with _bar(console) as bar:
        yield _LiveLine(legs, bar)


def _bar(console: Console) -> Progress:
    return Progress(
        BarColumn(bar_width=8),
        MofNCompleteColumn(table_column=Column(no_wrap=True, min_width=9)),
        TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
        TextColumn("left"),
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True, min_width=5)),
        expand=True,
        console=console,
        auto_refresh=False,
        transient=True,
    )


def _title(leg: NightLeg, legs: tuple[NightLeg, ...]) -> str:
    """The leg, and the part before it where there are several."""
    alone = len({each.part.number for each in legs}) == 1
    return leg.leg.title if alone else f"{leg.part.title}, {leg.leg.title}"
