"""A trend for a terminal: the findings first, then one line a series with its nights as a row of bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rig.history.findings import Trend
from rig.history.nights import Series
from rig.history.shapes import Judgement, Shape
from rig.history.trend_words import finding_words, headline, outcome_words, pending_words

_BARS = "▁▂▃▄▅▆▇█"
_MOST_BARS = 40


def renderables(trend: Trend) -> list[RenderableType]:
    """The report, part by part."""
    cars = subjects_of(trend)
    parts: list[RenderableType] = [Text(trend.title, style="bold"), Text(headline(trend))]
    news = [Text(f"! {finding_words(finding, cars)}", style="bold") for finding in trend.findings]
    news += [Text(f"? {pending_words(finding, cars)}") for finding in trend.pending]
    parts += [Padding(words, (1, 0, 0, 0)) for words in news]
    if trend.judgements:
        parts.append(Padding(_table(trend), (1, 0, 0, 0)))
    if trend.changes:
        lines = [f"night {night}: {'; '.join(map(str, changed))}" for night, changed in trend.changes]
        parts.append(Padding(Group("What changed on the bench:", *map(Text, lines)), (1, 0, 0, 0)))
    return [*parts, *(Text(f"left out: {skipped.run_id}: {skipped.reason}") for skipped in trend.skipped)]


def subjects_of(trend: Trend) -> int:
    """How many cars the series are about."""
    return len({each.series.subject for each in trend.judgements if each.series.subject_kind == "car"})


def bars(series: Series) -> str:
    """The values as bars from the least to the most, a space for a night without; only the last nights when they
    are many."""
    by_night = dict(zip(series.nights, series.values, strict=True))
    first = max(series.nights[0], series.nights[-1] - _MOST_BARS + 1)
    shown = [by_night.get(night) for night in range(first, series.nights[-1] + 1)]
    least, most = min(series.values), max(series.values)
    # the whole height for a third: below that, noise would look like news
    height = max(most - least, abs(most) / 3.0, 1e-12)
    middle = (least + most) / 2.0
    floor = middle - height / 2.0
    steps = len(_BARS) - 1
    return "".join(
        " " if value is None else _BARS[min(steps, max(0, round((value - floor) / height * steps)))]
        for value in shown
    )


def _table(trend: Trend) -> Table:
    """One row a series, under a row with the figure's name."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("first", justify="right", no_wrap=True)
    table.add_column("last", justify="right", no_wrap=True)
    table.add_column("night by night", no_wrap=True)
    table.add_column("")
    metric = ""
    for judgement in _ordered(trend.judgements):
        series = judgement.series
        if series.metric != metric:
            metric = series.metric
            table.add_row(Text(metric, style="underline"))
        table.add_row(
            f"  {series.subject}",
            figure(series.values[0], series),
            figure(series.values[-1], series),
            bars(series),
            "" if trend.nights_needed else outcome_words(judgement),
            style="bold" if judgement.shape in {Shape.DRIFT, Shape.STEP} else None,
        )
    return table


def _ordered(judgements: Sequence[Judgement]) -> list[Judgement]:
    return sorted(judgements, key=lambda each: each.series.metric)


def figure(value: float, series: Series) -> str:
    """A value with its unit."""
    if series.is_share:
        return f"{value * 100:.1f} %"
    digits = max(0, 2 - len(str(int(abs(value)))) + 1)
    return f"{value:.{digits}f} {series.unit}"
