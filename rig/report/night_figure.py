"""The whole run on one axis: a lane per part and set, and the gaps. Pure."""

from __future__ import annotations

from datetime import datetime

from rig.report.model import RunReport
from rig.report.plots.canvas import BLUE, GREEN, PINK
from rig.report.plots.timeline import Bar, BarStyle, Gap, Lane, TimelineFigure, split_at_gaps
from rig.report.text_words import span_text

_STYLES = (
    BarStyle("reconnect", BLUE),
    BarStyle("battery", GREEN, "//"),
    BarStyle("swap", PINK, "xx"),
)
_OF_KIND = {style.label: index for index, style in enumerate(_STYLES)}


def night_figure(report: RunReport) -> TimelineFigure | None:
    """None before the first leg has begun."""
    gaps = tuple(
        Gap(gap.from_s, gap.until_s, f"cut, {_nobody_for(gap.from_at, gap.until_at)}") for gap in report.gaps
    )
    lanes: dict[str, list[Bar]] = {}
    for part in report.parts:
        for leg in part.legs:
            until_s = max(part.ended_s, leg.began_s) if leg.ended_s is None else leg.ended_s
            bar = Bar(leg.began_s, until_s, _OF_KIND[part.row.kind])
            lanes.setdefault(f"{part.row.title}, {leg.set_name}", []).extend(split_at_gaps(bar, gaps))
    if not lanes:
        return None
    rows = tuple(Lane(label, tuple(bars)) for label, bars in lanes.items())
    return TimelineFigure("", rows, bar_styles=_STYLES, gaps=gaps, is_wide=True)


def _nobody_for(from_at: str, until_at: str) -> str:
    return span_text((datetime.fromisoformat(until_at) - datetime.fromisoformat(from_at)).total_seconds())
