"""Limits as plots show them: where the line stands, and the share that must be reached there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rig.report.plots.canvas import ALARM


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit at `at` (in the unit of the axis) that a curve must pass at the height `share` (0 to 1)."""

    label: str
    at: float
    share: float


def draw_limits(ax: Any, limits: Sequence[LimitLine], *, from_y: float = 0.03) -> None:
    """A line down each limit, a diamond where the curve is judged; labels stand one above the other."""
    for row, limit in enumerate(limits):
        ax.axvline(limit.at, color=ALARM, linewidth=1.2)
        ax.axhline(limit.share, color=ALARM, linewidth=0.7, linestyle=(0, (2, 3)))
        ax.plot([limit.at], [limit.share], marker="D", color=ALARM, markersize=5, clip_on=False, zorder=5)
        left, right = ax.get_xlim()
        if ax.get_xscale() == "log":
            beyond_middle = limit.at**2 > left * right
        else:
            beyond_middle = 2 * limit.at > left + right
        ax.annotate(
            limit.label,
            (limit.at, from_y + 0.075 * row),
            xytext=(-4 if beyond_middle else 4, 0),
            textcoords="offset points",
            ha="right" if beyond_middle else "left",
            color=ALARM,
            fontsize=8.5,
        )
