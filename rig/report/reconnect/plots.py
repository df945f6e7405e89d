"""The plots of a reconnect part, as inline SVG that takes its colours from the page.

The same rows give the same bytes: no date, hashed ids with a salt of ours. Cars are told apart by the
Okabe-Ito colours, by dashes and by a legend, so that neither colour vision nor a colour printer is needed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from rig.report.reconnect.model import STAGES, ReconnectCar, ReconnectPart, SetReport, StageTimes
from rig.soak.outcome import CycleOutcome
from rig.soak.reconnect.plan import Figure, Loss, ReconnectLimit
from rig.store.rows import GapRow

# Okabe & Ito, Color Universal Design (2008); black left out, for it would vanish on a dark page
CAR_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
CAR_DASHES: tuple[Any, ...] = (
    "-",
    (0, (6, 2)),
    (0, (2, 1.5)),
    (0, (7, 2, 1.5, 2)),
    (0, (1, 2)),
    (0, (10, 3)),
)
_STAGE_COLOURS = ("#999999", "#d55e00", "#0072b2", "#56b4e9", "#009e73", "#f0e442", "#cc79a7")
_STAGE_HATCHES = ("", "////", "", "....", "", "\\\\\\\\", "")

# stand-ins that become CSS variables once the SVG is written
_INK, _FAINT, _ALARM, _PAPER = "#010203", "#040506", "#070809", "#0a0b0c"
_VARIABLES = {_INK: "var(--ink)", _FAINT: "var(--faint)", _ALARM: "var(--alarm)", _PAPER: "var(--paper)"}

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a car may be called anything
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "grid.color": _FAINT,
    "grid.alpha": 0.35,
    "grid.linewidth": 0.6,
    "legend.facecolor": _PAPER,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.9,
    "hatch.linewidth": 0.6,
}


def latency_plots(part: ReconnectPart) -> list[str]:
    """One per set: the share of cycles that were back by a time, one curve per car, with the limit."""
    timeout_s = part.plan.timing.cycle_timeout_s
    first_s = min((sample.value_s for car in part.cars for sample in car.samples), default=timeout_s / 10)
    span_s = max(0.01, 0.7 * first_s), timeout_s * 1.08
    limits = _reconnect_limits(part.plan.limits)
    return [
        _svg(
            partial(_ecdf, group=group, limits=limits, timeout_s=timeout_s, span_s=span_s),
            4.6,
            f"latency-{part.row.part}-{number}",
        )
        for number, group in enumerate(part.sets)
    ]


def stages_plots(part: ReconnectPart) -> list[str]:
    """One per kind of loss: where the time goes, mean seconds per stage, one bar per car."""
    bars = [(car, times) for car in part.cars for times in car.stages if times.n]
    longest_s = max((sum(times.mean_s) for _, times in bars), default=1.0)
    height_in = 2.2 + 0.32 * max(4, len(part.cars))
    return [
        _svg(
            partial(
                _stages,
                loss=loss,
                bars=[(car, times) for car, times in bars if times.loss is loss],
                longest_s=longest_s,
            ),
            height_in,
            f"stages-{part.row.part}-{loss.name.lower()}",
        )
        for loss in Loss
        if any(times.loss is loss for _, times in bars)
    ]


def timeline_plots(part: ReconnectPart) -> list[str]:
    """One per set: every cycle where it happened, with what went wrong made visible, and the gaps."""
    return [
        _svg(
            partial(_timeline, group=group, gaps=part.gaps),
            2.0 + 0.3 * max(4, len(group.cars)),
            f"timeline-{part.row.part}-{number}",
        )
        for number, group in enumerate(part.sets)
        if any(car.rows for car in group.cars)
    ]


_LOSS_WORDS = {Loss.DISCONNECT: "after a disconnect", Loss.VANISH: "after a car that fell silent"}
_STAGE_WORDS = {"noticed": "until noticed", "retries": "failed attempts"}
_MARKS = {
    CycleOutcome.OK: ("|", "#009e73", 34, "back at once"),
    CycleOutcome.FLAKY: ("^", "#e69f00", 26, "back after a retry"),
    CycleOutcome.TIMEOUT: ("X", "#d55e00", 40, "timed out"),
    CycleOutcome.NOT_READY: ("s", "#cc79a7", 26, "not ready"),
    CycleOutcome.VOID: ("o", "#999999", 22, "bench failed"),
}


def _reconnect_limits(limits: Sequence[ReconnectLimit]) -> list[ReconnectLimit]:
    return [limit for limit in limits if limit.figure is Figure.RECONNECT and limit.loss is None]


def _stages(
    canvas: Canvas, loss: Loss, bars: Sequence[tuple[ReconnectCar, StageTimes]], longest_s: float
) -> None:
    ax = canvas.subplots()
    labels = [car.label for car, _ in bars]
    left = [0.0] * len(bars)
    for index in range(len(STAGES)):
        widths = [times.mean_s[index] for _, times in bars]
        ax.barh(
            labels,
            widths,
            left=left,
            height=0.66,
            color=_STAGE_COLOURS[index],
            hatch=_STAGE_HATCHES[index],
            edgecolor=_PAPER,
            linewidth=0.6,
        )
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for row, total in enumerate(left):
        ax.annotate(f"{total:.1f} s", (total, row), xytext=(5, 0), textcoords="offset points", va="center")
    ax.set_xlim(0.0, 1.18 * longest_s)
    ax.invert_yaxis()
    ax.set_title(_LOSS_WORDS.get(loss, loss.words))
    ax.set_xlabel("mean seconds")
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    handles = [
        Patch(
            facecolor=colour,
            hatch=hatch,
            edgecolor=_PAPER,
            label=_STAGE_WORDS.get(stage, stage),
            linewidth=0.6,
        )
        for stage, colour, hatch in zip(STAGES, _STAGE_COLOURS, _STAGE_HATCHES, strict=True)
    ]
    canvas.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9)


def _timeline(canvas: Canvas, group: SetReport, gaps: Sequence[GapRow]) -> None:
    ax = canvas.subplots()
    for row, car in enumerate(group.cars):
        for outcome, (marker, colour, size, _) in _MARKS.items():
            at = [(cycle.ended_s / 60.0) for cycle in car.rows if cycle.outcome == outcome]
            ax.scatter(at, [row] * len(at), marker=marker, s=size, color=colour, linewidths=1.1)
    began_s = min(cycle.began_s for car in group.cars for cycle in car.rows)
    ended_s = max(cycle.ended_s for car in group.cars for cycle in car.rows)
    inside = [gap for gap in gaps if gap.until_s >= began_s and gap.from_s <= ended_s]
    for gap in inside:
        ax.axvspan(gap.from_s / 60.0, gap.until_s / 60.0, color=_ALARM, alpha=0.15, linewidth=0)
        ax.axvline(gap.from_s / 60.0, color=_ALARM, linestyle=(0, (3, 2)), linewidth=1.2)
    ax.set_yticks(range(len(group.cars)), [car.label for car in group.cars])
    ax.set_ylim(len(group.cars) - 0.4, -0.6)
    ax.set_title(f"set {group.name}")
    ax.set_xlabel("minutes into the run")
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    handles: list[Any] = [
        Line2D([], [], marker=marker, color=colour, linestyle="", markersize=7, label=words)
        for outcome, (marker, colour, _, words) in _MARKS.items()
        if any(car.outcomes[outcome] for car in group.cars)
    ]
    if inside:
        handles.append(
            Line2D([], [], color=_ALARM, linestyle=(0, (3, 2)), label="gap: the run was cut and resumed")
        )
    canvas.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)


def _ecdf(
    canvas: Canvas,
    group: SetReport,
    limits: Sequence[ReconnectLimit],
    timeout_s: float,
    span_s: tuple[float, float],
) -> None:
    ax = canvas.subplots()
    for index, car in enumerate(group.cars):
        style = index % len(CAR_COLOURS)
        _curve(ax, car, CAR_COLOURS[style], CAR_DASHES[style], timeout_s)
    for limit in limits:
        assert limit.at_most_s is not None
        assert limit.quantile is not None
        ax.axvline(limit.at_most_s, color=_ALARM, linewidth=1.4)
        ax.plot([limit.at_most_s], [limit.quantile], marker="D", color=_ALARM, markersize=5)
        ax.annotate(
            f"limit {limit.at_most_s:g} s",
            (limit.at_most_s, 0.02),
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            color=_ALARM,
            fontsize=9,
        )
        ax.axhline(limit.quantile, color=_ALARM, linewidth=0.8, linestyle=(0, (2, 3)))
    ax.set_xscale("log")
    ax.set_xlim(*span_s)
    ax.set_ylim(0.0, 1.04)
    ax.set_title(f"set {group.name}")
    ax.set_xlabel("seconds from link loss to fresh data")
    ax.set_ylabel("share of cycles back")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.0f} %"))
    ax.grid(which="major")
    ax.set_axisbelow(True)
    if any(car.samples for car in group.cars):
        canvas.legend(loc="outside lower center", ncols=2, fontsize=9, handlelength=3.2)


def _curve(ax: Any, car: ReconnectCar, colour: str, dashes: Any, timeout_s: float) -> None:
    back = [max(sample.value_s, 0.001) for sample in car.samples if not sample.censored]
    total = len(car.samples)
    if not total:
        return
    xs = [back[0] if back else timeout_s, *back, timeout_s]
    ys = [0.0, *((i + 1) / total for i in range(len(back))), len(back) / total]
    ax.step(xs, ys, where="post", color=colour, linestyle=dashes, linewidth=1.8, label=car.label)
    if len(back) < total:
        ax.plot([timeout_s], [len(back) / total], marker=">", color=colour, markersize=7, clip_on=False)


_WIDTH_IN = 5.3
"""Two stand side by side on a desk, one fills a phone; either way the words stay readable."""


def _svg(draw: Callable[[Canvas], None], height_in: float, salt: str) -> str:
    with mpl.rc_context({**_STYLE, "svg.hashsalt": f"pitboard-{salt}"}):
        canvas = Canvas(figsize=(_WIDTH_IN, height_in), layout="constrained")
        draw(canvas)
        out = io.StringIO()
        canvas.savefig(
            out,
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    text = out.getvalue()
    text = text[text.index("<svg") :]
    # ids must differ between the plots of one page
    text = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{salt}-", text)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = text.replace("'DejaVu Sans'", "inherit").replace("DejaVu Sans", "inherit")
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, variable)
    return text
