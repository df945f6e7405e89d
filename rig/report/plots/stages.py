"""Where the time goes: one stacked bar per car, a stage after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from rig.report.plots.canvas import PAPER, draw_svg

_COLOURS = ("#999999", "#d55e00", "#0072b2", "#56b4e9", "#009e73", "#f0e442", "#cc79a7")
_HATCHES = ("", "////", "", "xx", "", "\\\\", "")


@dataclass(frozen=True, slots=True)
class StagesFigure:
    """Bars of seconds per entry of `stages`; `longest_s` is the longest bar of all plots to be compared."""

    title: str
    stages: tuple[str, ...]
    bars: tuple[tuple[str, tuple[float, ...]], ...]
    longest_s: float


def stages_plot(figure: StagesFigure, salt: str) -> str:
    """The plot as SVG."""
    return draw_svg(
        partial(_draw, figure),
        height_in=2.2 + 0.32 * max(4, len(figure.bars)),
        salt=salt,
        says=f"Mean seconds per stage: {figure.title}",
    )


def _draw(figure: StagesFigure, canvas: Canvas) -> None:
    ax = canvas.subplots()
    rows = range(len(figure.bars))
    left = [0.0] * len(figure.bars)
    for index in range(len(figure.stages)):
        widths = [seconds[index] for _, seconds in figure.bars]
        ax.barh(
            rows,
            widths,
            left=left,
            height=0.66,
            color=_COLOURS[index % len(_COLOURS)],
            hatch=_HATCHES[index % len(_HATCHES)],
            edgecolor=PAPER,
            linewidth=0.6,
        )
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for row, total in enumerate(left):
        ax.annotate(f"{total:.1f} s", (total, row), xytext=(5, 0), textcoords="offset points", va="center")
    ax.set_yticks(rows, [label for label, _ in figure.bars])
    ax.set_xlim(0.0, 1.18 * max(figure.longest_s, 0.1))
    ax.invert_yaxis()
    ax.set_title(figure.title)
    ax.set_xlabel("mean seconds")
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    handles = [
        Patch(
            facecolor=_COLOURS[index % len(_COLOURS)],
            hatch=_HATCHES[index % len(_HATCHES)],
            edgecolor=PAPER,
            label=stage,
            linewidth=0.6,
        )
        for index, stage in enumerate(figure.stages)
    ]
    canvas.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9)
