"""Kaplan-Meier curves with their confidence bands, a tick for each life cut short, and the numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

from rig.report.plots.canvas import draw_svg, series_style
from rig.report.plots.limit_lines import LimitLine, draw_limits

_STEPS_MIN = (1, 2, 5, 10, 15, 20, 30, 60, 120, 240)
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class AliveFrom:
    """From `time_s` on, this share is alive; the bounds belong to it. `cut` lives ended unfinished then."""

    time_s: float
    share: float
    lower: float
    upper: float
    at_risk: int
    cut: int = 0


@dataclass(frozen=True, slots=True)
class AliveCurve:
    """One group of lives, in order of time; `lives` is how many it started with."""

    label: str
    steps: tuple[AliveFrom, ...]
    lives: int


@dataclass(frozen=True, slots=True)
class SurvivalFigure:
    """Groups to be compared. A limit's `at` is in seconds, its `share` the share that must be alive then."""

    title: str
    curves: tuple[AliveCurve, ...]
    limits: tuple[LimitLine, ...] = ()
    x_label: str = "minutes driven on one charge"


def survival_plot(figure: SurvivalFigure, salt: str) -> str:
    """The plot, numbers at risk under it, as SVG."""
    names = ", ".join(curve.label for curve in figure.curves)
    return draw_svg(
        partial(_draw, figure),
        height_in=4.2 + 0.24 * len(figure.curves),
        salt=salt,
        says=f"Share of batteries still alive, {names}: {figure.title}",
    )


def at_risk(curve: AliveCurve, time_s: float) -> int:
    """How many lives were still watched just before a time."""
    return next((step.at_risk for step in curve.steps if step.time_s >= time_s), 0)


def _draw(figure: SurvivalFigure, canvas: Canvas) -> None:
    rows = max(1, len(figure.curves))
    ax, table = canvas.subplots(2, 1, sharex=True, height_ratios=(4.0, 0.30 * (rows + 1)))
    last_s = max((step.time_s for curve in figure.curves for step in curve.steps), default=60.0)
    until_min = 1.06 * max(last_s, *(limit.at for limit in figure.limits), 60.0) / 60.0
    ax.set_xlim(0.0, until_min)
    ax.set_ylim(0.0, 1.03)
    for index, curve in enumerate(figure.curves):
        _curve(ax, curve, index)
    draw_limits(ax, [LimitLine(limit.label, limit.at / 60.0, limit.share) for limit in figure.limits])
    ax.set_title(figure.title)
    ax.set_ylabel("share of batteries alive")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.0f} %"))
    step_min = next((s for s in _STEPS_MIN if until_min / s <= _MOST_TICKS), _STEPS_MIN[-1])
    ticks = [tick * step_min for tick in range(int(until_min / step_min) + 1)]
    ax.set_xticks(ticks)
    ax.tick_params(labelbottom=True)
    ax.set_xlabel(figure.x_label)
    ax.grid(which="major")
    ax.set_axisbelow(True)
    _numbers(table, figure, ticks)
    if figure.curves:
        canvas.legend(loc="outside lower center", ncols=2, fontsize=9, handlelength=3.2)


def _curve(ax: Any, curve: AliveCurve, index: int) -> None:
    colour, dashes = series_style(index)
    xs = [0.0, *(step.time_s / 60.0 for step in curve.steps)]
    shares = [1.0, *(step.share for step in curve.steps)]
    lowers = [1.0, *(step.lower for step in curve.steps)]
    uppers = [1.0, *(step.upper for step in curve.steps)]
    ax.fill_between(xs, lowers, uppers, step="post", color=colour, alpha=0.15, linewidth=0)
    ax.step(xs, shares, where="post", color=colour, linestyle=dashes, linewidth=1.8, label=curve.label)
    cut = [(step.time_s / 60.0, step.share) for step in curve.steps if step.cut]
    if cut:
        ax.plot(*zip(*cut, strict=True), linestyle="", marker="|", color=colour, markersize=9)


def _numbers(table: Any, figure: SurvivalFigure, ticks: list[int]) -> None:
    rows = len(figure.curves)
    table.set_ylim(rows, -1)
    table.set_frame_on(False)
    table.tick_params(bottom=False, labelbottom=False, left=False, pad=14)
    table.set_yticks(range(rows), [curve.label for curve in figure.curves], fontsize=8.5)
    table.annotate("still watched (at risk)", (0.0, -0.55), va="center", fontsize=8.5, annotation_clip=False)
    for row, curve in enumerate(figure.curves):
        for tick in ticks:
            table.text(tick, row, str(at_risk(curve, tick * 60.0)), ha="center", va="center", fontsize=8.5)
