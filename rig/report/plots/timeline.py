"""What happened when: a lane per part, set or car, with bars, marks, and the gaps in which nobody watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rig.report.plots.canvas import ALARM, FULL_IN, GAP_DASHES, HALF_IN, PAPER, draw_svg

_LEAST_GAP = 0.018
"""Of the axis: a cut in virtual time takes no run second, and is still to be seen."""
_ALL_GAPS = 0.3
"""Of the axis, at most, when there are many."""
_TICK_STEPS_S = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_MOST_TICKS = 9
_PIXELS = 400
"""Marks of one kind that would fall on the same spot are drawn once."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane, in run seconds; `style` is an index into the figure's bar styles."""

    from_s: float
    until_s: float
    style: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """Instants of one kind, in run seconds; `kind` is an index into the figure's mark kinds."""

    kind: int
    at_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One row."""

    label: str
    bars: tuple[Bar, ...] = ()
    marks: tuple[Marks, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkKind:
    """How instants of a kind look, and what the legend calls them. `line`: a bare tick, for the common case."""

    label: str
    marker: str
    colour: str
    size: float = 6.0
    line: bool = False


@dataclass(frozen=True, slots=True)
class BarStyle:
    """How stretches look, and what the legend calls them."""

    label: str
    colour: str
    hatch: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody watched from `from_s` to `until_s` (run seconds; the same instant in virtual time). `label` says how
    long that was for people."""

    from_s: float
    until_s: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class TimelineFigure:
    """Lanes on one axis of run time. `is_wide`: it needs a whole row of the page."""

    title: str
    lanes: tuple[Lane, ...]
    mark_kinds: tuple[MarkKind, ...] = ()
    bar_styles: tuple[BarStyle, ...] = ()
    gaps: tuple[Gap, ...] = ()
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class BrokenAxis:
    """Run seconds to places on an axis on which every gap is wide enough to be seen."""

    from_s: float
    until_s: float
    gaps: tuple[Gap, ...]
    widths: tuple[float, ...]

    def place(self, at_s: float, *, after: bool = True) -> float:
        """Where an instant stands; one at a gap of no length stands behind it, or before it."""
        passed = (
            width - (gap.until_s - gap.from_s)
            for gap, width in zip(self.gaps, self.widths, strict=True)
            if at_s > gap.from_s or (after and at_s >= gap.until_s)
        )
        return at_s + sum(passed)

    def stretches(self) -> list[tuple[float, float]]:
        """The places of the gaps."""
        return [
            (self.place(gap.from_s, after=False), self.place(gap.from_s, after=False) + width)
            for gap, width in zip(self.gaps, self.widths, strict=True)
        ]


def broken_axis(from_s: float, until_s: float, gaps: Sequence[Gap]) -> BrokenAxis:
    """An axis from here to there, broken at the gaps between."""
    inside = tuple(
        sorted((g for g in gaps if from_s <= g.from_s and g.until_s <= until_s), key=lambda g: g.from_s)
    )
    span = max(until_s - from_s, 1.0)
    least = min(_LEAST_GAP, _ALL_GAPS / max(1, len(inside))) * span
    return BrokenAxis(from_s, until_s, inside, tuple(max(least, gap.until_s - gap.from_s) for gap in inside))


def timeline_plot(figure: TimelineFigure, salt: str) -> str:
    """The plot as SVG."""
    lanes = ", ".join(lane.label for lane in figure.lanes)
    return draw_svg(
        partial(_draw, figure),
        height_in=1.9 + 0.3 * max(2, len(figure.lanes)),
        salt=salt,
        width_in=FULL_IN if figure.is_wide else HALF_IN,
        says=f"{figure.title}, over time: {lanes}",
    )


def _draw(figure: TimelineFigure, canvas: Canvas) -> None:
    ax = canvas.subplots()
    instants = [t for lane in figure.lanes for bar in lane.bars for t in (bar.from_s, bar.until_s)]
    instants += [t for lane in figure.lanes for marks in lane.marks for t in marks.at_s]
    axis = broken_axis(min(instants, default=0.0), max(instants, default=60.0), figure.gaps)
    left, right = axis.place(axis.from_s, after=False), axis.place(axis.until_s)
    margin = 0.012 * max(right - left, 1.0)
    ax.set_xlim(left - margin, right + margin)
    ax.set_ylim(len(figure.lanes) - 0.4, -0.6)
    for row, lane in enumerate(figure.lanes):
        for bar in lane.bars:
            _bar(ax, axis, row, bar, figure.bar_styles)
        for marks in lane.marks:
            _marks(ax, axis, row, marks, figure.mark_kinds)
    labelled = len(axis.gaps) <= 4
    for gap, (start, stop) in zip(axis.gaps, axis.stretches(), strict=True):
        ax.axvspan(start, stop, facecolor=PAPER, alpha=1.0, linewidth=0, zorder=3)
        ax.axvspan(
            start, stop, facecolor="none", edgecolor=ALARM, hatch="////", linewidth=0, alpha=0.5, zorder=3
        )
        for edge in (start, stop):
            ax.axvline(edge, color=ALARM, linestyle=GAP_DASHES, linewidth=1.1, zorder=4)
        if labelled and gap.label and figure.is_wide:
            ax.annotate(
                gap.label,
                ((start + stop) / 2, -0.6),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                color=ALARM,
                fontsize=8.5,
            )
    _time_ticks(ax, axis)
    ax.set_yticks(range(len(figure.lanes)), [lane.label for lane in figure.lanes])
    ax.set_title(figure.title, pad=16 if labelled and axis.gaps and figure.is_wide else 6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    handles = _handles(figure, broken=bool(axis.gaps))
    if handles:
        canvas.legend(
            handles=handles, loc="outside lower center", ncols=6 if figure.is_wide else 3, fontsize=9
        )


def _bar(ax: Any, axis: BrokenAxis, row: int, bar: Bar, styles: Sequence[BarStyle]) -> None:
    style = styles[bar.style]
    start, stop = axis.place(bar.from_s), axis.place(bar.until_s, after=False)
    ax.barh(
        row,
        max(stop - start, 0.0),
        left=start,
        height=0.62,
        color=style.colour,
        hatch=style.hatch,
        edgecolor=PAPER,
        linewidth=0.5,
    )
    if bar.label and stop - start > 0.09 * (axis.until_s - axis.from_s):
        ax.annotate(
            bar.label,
            ((start + stop) / 2, row),
            ha="center",
            va="center",
            fontsize=8.5,
            color="#ffffff",
            clip_on=True,
        )


def _marks(ax: Any, axis: BrokenAxis, row: int, marks: Marks, kinds: Sequence[MarkKind]) -> None:
    kind = kinds[marks.kind]
    step = max(axis.until_s - axis.from_s, 1.0) / _PIXELS
    places = sorted({round(axis.place(at_s) / step) * step for at_s in marks.at_s})
    if not places:
        return
    if kind.line:
        # one path with breaks, side by side marks in one stroke, not an element per mark: a night has thousands
        runs: list[list[float]] = []
        for place in places:
            if runs and place - runs[-1][1] < 1.5 * step:
                runs[-1][1] = place
            else:
                runs.append([place, place])
        xs = [value for start, stop in runs for value in (start - step / 2, stop + step / 2, float("nan"))]
        ax.plot(xs, [row] * len(xs), color=kind.colour, linewidth=11, solid_capstyle="butt")
    else:
        ax.plot(
            places,
            [row] * len(places),
            linestyle="",
            marker=kind.marker,
            color=kind.colour,
            markersize=kind.size,
            markeredgewidth=1.0,
            zorder=5,
        )


def _time_ticks(ax: Any, axis: BrokenAxis) -> None:
    span_s = max(axis.until_s - axis.from_s, 1.0)
    step_s = next((step for step in _TICK_STEPS_S if span_s / step <= _MOST_TICKS), _TICK_STEPS_S[-1])
    first = -(-int(axis.from_s) // step_s)
    ticks = [index * step_s for index in range(first, int(axis.until_s // step_s) + 1)]
    if step_s >= 1800:
        labels, unit = [f"{tick / 3600:g}" for tick in ticks], "hours"
    elif step_s >= 60:
        labels, unit = [f"{tick / 60:g}" for tick in ticks], "minutes"
    else:
        labels, unit = [f"{tick:g}" for tick in ticks], "seconds"
    ax.set_xticks([axis.place(tick) for tick in ticks], labels)
    ax.set_xlabel(f"{unit} into the run")


def _handles(figure: TimelineFigure, *, broken: bool) -> list[Any]:
    used_bars = {bar.style for lane in figure.lanes for bar in lane.bars}
    used_marks = {marks.kind for lane in figure.lanes for marks in lane.marks if marks.at_s}
    handles: list[Any] = [
        Patch(facecolor=style.colour, hatch=style.hatch, edgecolor=PAPER, label=style.label)
        for index, style in enumerate(figure.bar_styles)
        if index in used_bars and style.label
    ]
    handles += [
        Line2D([], [], marker=kind.marker, color=kind.colour, linestyle="", markersize=7, label=kind.label)
        for index, kind in enumerate(figure.mark_kinds)
        if index in used_marks
    ]
    if broken:
        handles.append(Patch(facecolor="none", hatch="////", edgecolor=ALARM, label="gap: nobody watched"))
    return handles


def split_at_gaps(bar: Bar, gaps: Sequence[Gap]) -> list[Bar]:
    """A stretch without the gaps in it: what nobody watched is not drawn as if somebody had."""
    edges = [bar.from_s]
    for gap in sorted(gaps, key=lambda g: g.from_s):
        if bar.from_s < gap.from_s and gap.until_s < bar.until_s:
            edges += [gap.from_s, gap.until_s]
    edges.append(bar.until_s)
    return [
        Bar(start, stop, bar.style, bar.label if index == 0 else "")
        for index, (start, stop) in enumerate(pairwise(edges))
        if index % 2 == 0
    ]
