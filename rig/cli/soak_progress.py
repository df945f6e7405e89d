"""The progress bar of a soak, on stderr, redrawn from the run's own thread: virtual time admits no other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from rig.clock import process_time_s
from rig.soak.runner import Progress as SoakProgress
from rig.soak.schedule import Leg

_REDRAW_EVERY_S = 0.1


@contextlib.contextmanager
def progress_bar(legs: tuple[Leg, ...]) -> Iterator[Callable[[SoakProgress], None]]:
    """Shows the bar while the block runs, where there is a terminal; gives what moves it on."""
    console = Console(stderr=True)
    total = sum(len(slots) for leg in legs for slots in leg.rounds)
    bar = Progress(
        TextColumn("soak"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        auto_refresh=False,
        disable=not console.is_terminal,
        transient=True,
    )
    before = {
        leg.set_name: sum(len(s) for earlier in legs[:i] for s in earlier.rounds)
        for i, leg in enumerate(legs)
    }
    task = bar.add_task("", total=total)
    drawn_s = 0.0

    def on_progress(progress: SoakProgress) -> None:
        nonlocal drawn_s
        bar.update(task, completed=before[progress.set_name] + progress.done, description=progress.car.label)
        now_s = process_time_s()
        if now_s - drawn_s >= _REDRAW_EVERY_S:
            drawn_s = now_s
            bar.refresh()

    with bar:
        yield on_progress
