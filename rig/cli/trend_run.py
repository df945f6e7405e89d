"""What `pitboard trend` does once its options are read."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console

from rig.errors import InputError
from rig.history.collect import belong_together, nights_of
from rig.history.findings import Trend, trend_of
from rig.history.nights import Night, Skipped, nights_of_document
from rig.history.trend_json import render_trend_json
from rig.history.trend_page import render_trend_page
from rig.history.trend_text import renderables
from rig.report.metric import Metric
from rig.store.home import find_home, write_atomically
from rig.store.queries import load_series


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the stored nights is to be looked at."""

    run: str | None
    metrics: tuple[str, ...]
    cars: tuple[str, ...]
    last: int | None


def show_trend(
    wanted: Wanted, home: str | None, nights_file: Path | None, *, as_json: bool, out: Path | None
) -> None:
    """Prints the trend, or writes its page.

    Raises:
        InputError: there are no runs, or none with what was asked for.
    """
    trend = _from_file(wanted, nights_file) if nights_file is not None else _from_store(wanted, home)
    if out is not None:
        write_atomically(out, render_trend_page(trend))
        click.echo(str(out))
    elif as_json:
        click.echo(render_trend_json(trend), nl=False)
    else:
        console = Console(highlight=False)
        for part in renderables(trend):
            console.print(part)


def _from_store(wanted: Wanted, home: str | None) -> Trend:
    runs = load_series(find_home(home).database, wanted.run, belong_together)
    nights, skipped = nights_of(runs)
    if not nights:
        whys = "; ".join(f"{each.run_id}: {each.reason}" for each in skipped)
        raise InputError(f"no run of this series can be used ({whys}); 'pitboard soak' makes one")
    run = runs[-1].run
    return _made(wanted, f"plan {run.plan_name} on {run.radio}", nights, skipped)


def _from_file(wanted: Wanted, path: Path) -> Trend:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    nights = nights_of_document(document, source=str(path))
    return _made(wanted, str(document.get("title", path.name)), nights, ())


def _made(wanted: Wanted, title: str, nights: Sequence[Night], skipped: Sequence[Skipped]) -> Trend:
    kept = _only(nights, wanted.metrics, "figure", lambda metric: metric.name)
    kept = _only(kept, wanted.cars, "car", lambda metric: metric.subject)
    return trend_of(title, kept[-wanted.last :] if wanted.last else kept, skipped)


def _only(
    nights: Sequence[Night], patterns: Sequence[str], what: str, name_of: Callable[[Metric], str]
) -> Sequence[Night]:
    """The nights with only those metrics whose name fits one of the patterns; all, without patterns."""
    if not patterns:
        return nights
    for pattern in patterns:
        names = {name_of(metric) for night in nights for metric in night.metrics}
        if not any(_fits(name, pattern) for name in names):
            raise InputError(
                f"no {what} of these nights is called '{pattern}'; there are {', '.join(sorted(names))}"
            )
    return [
        replace(
            night,
            metrics=tuple(
                metric
                for metric in night.metrics
                if any(_fits(name_of(metric), pattern) for pattern in patterns)
            ),
        )
        for night in nights
    ]


def _fits(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name.lower(), pattern.lower())
