"""Small multiples: one panel per car, one line per life, all on the same axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure as Canvas

from rig.report.plots.canvas import ALARM, BLUE, FAINT, INK, draw_svg

_MOST_POINTS = 90
"""Per line: a panel is about two inches wide."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One line: instants in seconds from its start with a value each. `whole`: it ended by itself (the battery
    was flat, or full), not cut short."""

    points: tuple[tuple[float, float], ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Panel:
    """One car."""

    label: str
    traces: tuple[Trace, ...]


@dataclass(frozen=True, slots=True)
class TracesFigure:
    """Panels on common axes; `limit` is a level to stay above."""

    title: str
    y_label: str
    panels: tuple[Panel, ...]
    x_label: str = "minutes"
    limit: float | None = None
    limit_label: str = ""
    from_zero: bool = False


def traces_plot(figure: TracesFigure, salt: str) -> str:
    """The plot as SVG, two panels in a row."""
    rows = math.ceil(len(figure.panels) / 2)
    names = ", ".join(panel.label for panel in figure.panels)
    return draw_svg(
        partial(_draw, figure),
        height_in=0.9 + 1.75 * max(1, rows),
        salt=salt,
        says=f"{figure.y_label} over time of {names}: {figure.title}",
    )


def thinned(points: Sequence[tuple[float, float]], most: int = _MOST_POINTS) -> list[tuple[float, float]]:
    """At most about `most` points that keep the first, the last and each stretch's lowest and highest."""
    if len(points) <= most:
        return list(points)
    stretches = max(1, (most - 2) // 2)
    inner = points[1:-1]
    edges = [round(index * len(inner) / stretches) for index in range(stretches + 1)]
    kept = [points[0]]
    for start, stop in pairwise(edges):
        stretch = inner[start:stop]
        if stretch:
            low, high = min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])
            kept.extend(sorted({low, high}))
    return [*kept, points[-1]]


def _draw(figure: TracesFigure, canvas: Canvas) -> None:
    count = max(1, len(figure.panels))
    rows = math.ceil(count / 2)
    axes = canvas.subplots(rows, 2, sharex=True, sharey=True, squeeze=False).ravel().tolist()
    for ax, panel in zip(axes, figure.panels, strict=False):
        _panel(ax, panel, figure)
    for ax in axes[count:]:
        ax.set_visible(False)
    if count > 1 and count % 2:
        axes[count - 2].tick_params(labelbottom=True)
    if figure.from_zero:
        axes[0].set_ylim(bottom=0.0)
    axes[0].set_xlim(left=0.0)
    canvas.suptitle(figure.title, fontsize=11, x=0.02, ha="left")
    canvas.supxlabel(figure.x_label, fontsize=10)
    canvas.supylabel(figure.y_label, fontsize=10)


def _panel(ax: Any, panel: Panel, figure: TracesFigure) -> None:
    for index, trace in enumerate(panel.traces):
        if not trace.points:
            continue
        points = thinned(trace.points)
        xs, ys = [time_s / 60.0 for time_s, _ in points], [value for _, value in points]
        # later lives are lighter, so that the first and the fade from it can be told
        alpha = 1.0 - 0.65 * index / max(1, len(panel.traces) - 1)
        ax.plot(xs, ys, color=BLUE, linewidth=1.1, alpha=alpha)
        face = INK if trace.whole else "none"
        ax.plot(
            xs[-1:],
            ys[-1:],
            marker="o",
            markersize=4,
            markerfacecolor=face,
            markeredgecolor=INK,
            linestyle="",
            clip_on=False,
        )
    if figure.limit is not None:
        ax.axhline(figure.limit, color=ALARM, linewidth=1.0, linestyle=(0, (4, 2)))
        ax.annotate(
            figure.limit_label,
            (0.02, figure.limit),
            xycoords=("axes fraction", "data"),
            xytext=(0, 2),
            textcoords="offset points",
            color=ALARM,
            fontsize=7.5,
        )
    if not any(trace.points for trace in panel.traces):
        ax.annotate(
            "nothing recorded", (0.5, 0.5), xycoords="axes fraction", ha="center", color=FAINT, fontsize=9
        )
    ax.set_title(panel.label, fontsize=9.5)
    ax.grid(which="major")
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=8.5)
