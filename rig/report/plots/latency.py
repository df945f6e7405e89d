"""The share of attempts that were through by a time, on a log axis, with confidence bounds and limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from rig.report.plots.canvas import draw_svg, series_style
from rig.report.plots.limit_lines import LimitLine, draw_limits

_SHORTEST_S = 0.001
_MOST_POINTS = 250
"""More steps than this are thinned: nobody sees a step a hundredth of an inch high."""


@dataclass(frozen=True, slots=True)
class Whisker:
    """The interval in which the quantile `q` lies; None on a side where the attempts are too few for a bound."""

    q: float
    lower_s: float | None
    upper_s: float | None


@dataclass(frozen=True, slots=True)
class LatencyCurve:
    """What was measured of one car, in seconds, and how many attempts timed out on top of that."""

    label: str
    times_s: tuple[float, ...]
    timeouts: int = 0
    whiskers: tuple[Whisker, ...] = ()


@dataclass(frozen=True, slots=True)
class LatencyFigure:
    """Curves to be compared, from `span_s[0]` to `span_s[1]` seconds; timeouts stand at `timeout_s`."""

    title: str
    curves: tuple[LatencyCurve, ...]
    limits: tuple[LimitLine, ...]
    timeout_s: float
    span_s: tuple[float, float]
    x_label: str = "seconds from link loss to fresh data"
    y_label: str = "share of cycles back"


def latency_plot(figure: LatencyFigure, salt: str) -> str:
    """The plot as SVG."""
    names = ", ".join(curve.label for curve in figure.curves)
    return draw_svg(
        partial(_draw, figure), height_in=4.6, salt=salt, says=f"Latency of {names}: {figure.title}"
    )


def span_of(curves: Sequence[LatencyCurve], timeout_s: float) -> tuple[float, float]:
    """An axis that shows all of these curves: give all plots of a page the same."""
    shortest_s = min((time_s for curve in curves for time_s in curve.times_s), default=timeout_s / 10)
    return max(0.01, 0.7 * shortest_s), timeout_s * 1.08


def _draw(figure: LatencyFigure, canvas: Canvas) -> None:
    ax = canvas.subplots()
    ax.set_xscale("log")
    ax.set_xlim(*figure.span_s)
    ax.set_ylim(0.0, 1.04)
    for index, curve in enumerate(figure.curves):
        _curve(ax, curve, index, figure)
    draw_limits(ax, figure.limits)
    ax.set_title(figure.title)
    ax.set_xlabel(figure.x_label)
    ax.set_ylabel(figure.y_label)
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.0f} %"))
    ax.grid(which="major")
    ax.set_axisbelow(True)
    if any(curve.times_s or curve.timeouts for curve in figure.curves):
        canvas.legend(loc="outside lower center", ncols=2, fontsize=9, handlelength=3.2)


def _curve(ax: Any, curve: LatencyCurve, index: int, figure: LatencyFigure) -> None:
    colour, dashes = series_style(index)
    through = sorted(max(time_s, _SHORTEST_S) for time_s in curve.times_s)
    total = len(through) + curve.timeouts
    if not total:
        return
    ends_s = figure.timeout_s if curve.timeouts or not through else figure.span_s[1]
    steps = _thinned([(time_s, (rank + 1) / total) for rank, time_s in enumerate(through)])
    xs = [steps[0][0] if steps else ends_s, *(x for x, _ in steps), ends_s]
    ys = [0.0, *(y for _, y in steps), len(through) / total]
    ax.step(xs, ys, where="post", color=colour, linestyle=dashes, linewidth=1.8, label=curve.label)
    if curve.timeouts:
        ax.plot(
            [figure.timeout_s],
            [len(through) / total],
            marker=">",
            color=colour,
            markersize=7,
            clip_on=False,
        )
    for whisker in curve.whiskers:
        _whisker(ax, whisker, colour, lift=0.013 * (index - (len(figure.curves) - 1) / 2))


def _whisker(ax: Any, whisker: Whisker, colour: str, lift: float) -> None:
    if whisker.lower_s is None:
        return
    height = whisker.q + lift
    upper_s = 1.5 * whisker.lower_s if whisker.upper_s is None else whisker.upper_s
    ax.plot([max(whisker.lower_s, _SHORTEST_S), upper_s], [height, height], color=colour, linewidth=1.0)
    ax.plot([max(whisker.lower_s, _SHORTEST_S)], [height], marker="|", color=colour, markersize=6)
    open_end = whisker.upper_s is None
    ax.plot([upper_s], [height], marker=">" if open_end else "|", color=colour, markersize=6)


def _thinned(steps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(steps) <= _MOST_POINTS:
        return steps
    stride = len(steps) / _MOST_POINTS
    kept = [steps[min(len(steps) - 1, int((index + 1) * stride) - 1)] for index in range(_MOST_POINTS)]
    # the tail is where limits are judged: its last twenty steps stay as they are
    return sorted({steps[0], *kept, *steps[-20:]})
