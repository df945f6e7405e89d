"""The plots of a trend's page: for each finding its series night by night, with the line or the levels that explain
them, and what changed on the bench."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from rig.history.findings import Finding, Trend
from rig.history.shapes import Judgement, Shape
from rig.report.plots.canvas import ALARM, GAP_DASHES, INK, draw_svg, series_style

_HEIGHT_IN = 4.4


def finding_plots(trend: Trend) -> dict[int, list[str]]:
    """By the place of a finding: one plot for each of its figures."""
    return {
        place: [
            draw_svg(
                partial(_plot, metric=metric, members=_of(finding, metric), trend=trend, finding=finding),
                height_in=_HEIGHT_IN,
                salt=f"trend-{place}-{metric}",
                says=f"{metric} of {', '.join(finding.subjects)} over {len(trend.nights)} nights",
            )
            for metric in finding.metrics
        ]
        for place, finding in enumerate(trend.findings)
    }


def _of(finding: Finding, metric: str) -> list[Judgement]:
    return [member for member in finding.members if member.series.metric == metric]


def _plot(
    canvas: Canvas, *, metric: str, members: Sequence[Judgement], trend: Trend, finding: Finding
) -> None:
    ax: Axes = canvas.subplots()
    scale = 100.0 if members[0].series.is_share else 1.0
    for place, member in enumerate(members):
        colour, dashes = series_style(place)
        series = member.series
        values = [value * scale for value in series.values]
        ax.plot(series.nights, values, "o", color=colour, markersize=3.2, alpha=0.75)
        for nights, levels in _explained(member):
            ax.plot(
                nights, [level * scale for level in levels], color=colour, linestyle=dashes, linewidth=1.8
            )
        ax.plot([], [], marker="o", color=colour, linestyle=dashes, linewidth=1.8, label=series.subject)
    for night, _ in trend.changes:
        is_ours = night == finding.night
        colour = ALARM if is_ours else INK
        ax.axvline(night - 0.5, color=colour, linestyle=GAP_DASHES, linewidth=1.4 if is_ours else 0.8)
    ax.set_title(metric)
    ax.set_xlabel("night; dashed: something changed on the bench")
    ax.set_ylabel("%" if members[0].series.is_share else members[0].series.unit)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    canvas.legend(loc="outside lower center", ncols=2, fontsize=9, handlelength=3.2)


def _explained(member: Judgement) -> list[tuple[list[int], list[float]]]:
    """The line through a drift, or the level of each stretch between steps."""
    series = member.series
    first, last = series.nights[0], series.nights[-1]
    if member.shape is Shape.DRIFT and member.drift is not None:
        nights = list(range(first, last + 1))
        return [(nights, [member.drift.line.at(night) for night in nights])]
    edges = [first, *(step.night for step in member.steps), last + 1]
    levels = [*(step.before for step in member.steps), *(step.after for step in member.steps[-1:])]
    return [
        ([start, end - 1], [level, level])
        for (start, end), level in zip(itertools.pairwise(edges), levels, strict=True)
    ]
