"""A procedure step by step: each bar begins where the median of the steps before it ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rig.report.plots.canvas import ALARM, BLUE, INK, PAPER, draw_svg

_LIGHT = "#56b4e9"
_FAR = 3.0
"""A budget this many times as long as the whole would leave no room to see the steps."""


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """One step over many runs of the procedure, in seconds; None where the runs are too few for a P95."""

    name: str
    p50_s: float
    p95_s: float | None
    n: int


@dataclass(frozen=True, slots=True)
class WaterfallFigure:
    """Steps in order, the whole of them as `total`, and the budget for the whole in seconds, if there is one."""

    title: str
    steps: tuple[WaterfallStep, ...]
    total: WaterfallStep
    budget_s: float | None = None


def waterfall_plot(figure: WaterfallFigure, salt: str) -> str:
    """The plot as SVG."""
    return draw_svg(
        partial(_draw, figure),
        height_in=1.7 + 0.36 * (len(figure.steps) + 1),
        salt=salt,
        says=f"Seconds per step: {figure.title}",
    )


def _draw(figure: WaterfallFigure, canvas: Canvas) -> None:
    ax = canvas.subplots()
    at_s, furthest_s = 0.0, 0.0
    starts = []
    for step in figure.steps:
        starts.append(at_s)
        at_s += step.p50_s
    rows = [*zip(figure.steps, starts, strict=True), (figure.total, 0.0)]
    for row, (step, start_s) in enumerate(rows):
        is_total = row == len(figure.steps)
        ax.barh(row, step.p50_s, left=start_s, height=0.62, color=INK if is_total else BLUE, linewidth=0)
        end_s = start_s + step.p50_s
        if step.p95_s is not None:
            ax.barh(
                row,
                max(0.0, step.p95_s - step.p50_s),
                left=end_s,
                height=0.3,
                color=_LIGHT,
                hatch="////",
                edgecolor=PAPER,
                linewidth=0.4,
            )
            end_s = start_s + max(step.p50_s, step.p95_s)
        furthest_s = max(furthest_s, end_s)
        words = f"{step.p50_s:.1f} s" + ("" if step.p95_s is None else f", P95 {step.p95_s:.1f} s")
        ax.annotate(words, (end_s, row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5)
    is_near = figure.budget_s is not None and figure.budget_s <= _FAR * furthest_s
    if figure.budget_s is not None and not is_near:
        ax.annotate(
            f"budget {figure.budget_s:g} s, beyond the right edge →",
            (0.99, -0.62),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            color=ALARM,
            fontsize=8.5,
        )
    if figure.budget_s is not None and is_near:
        furthest_s = max(furthest_s, figure.budget_s)
        ax.axvline(figure.budget_s, color=ALARM, linewidth=1.4)
        ax.annotate(
            f"budget {figure.budget_s:g} s",
            (figure.budget_s, -0.62),
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color=ALARM,
            fontsize=8.5,
        )
    ax.axhline(len(figure.steps) - 0.5, color=INK, linewidth=0.6)
    ax.set_xlim(0.0, 1.34 * max(furthest_s, 0.1))
    ax.set_ylim(len(figure.steps) + 0.6, -1.0)
    ax.set_yticks(range(len(rows)), [step.name for step, _ in rows])
    ax.set_title(figure.title)
    ax.set_xlabel("seconds")
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    handles = [
        Patch(facecolor=BLUE, label="median"),
        Patch(facecolor=_LIGHT, hatch="////", edgecolor=PAPER, label="up to P95"),
    ]
    if is_near:
        handles.append(Line2D([], [], color=ALARM, label="budget for the whole"))  # type: ignore[arg-type]
    canvas.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)
