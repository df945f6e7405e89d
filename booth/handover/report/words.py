"""Figures as people read them."""

from __future__ import annotations

from booth.handover.report.model import LESS_IS_BETTER, Target

UNKNOWN = "?"
"""Nobody counted it, or there is nothing to divide by."""


def count(value: float | None) -> str:
    """12, 1,204, 3.5."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def share(value: float | None) -> str:
    """A share of 0 to 1 in percent."""
    return UNKNOWN if value is None else f"{value * 100:.1f} %"


def span(seconds: float | None) -> str:
    """8 s, 2 min 05 s, 3 h 20 min."""
    if seconds is None:
        return UNKNOWN
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" if whole % 60 == 0 else f"{whole // 60} min {whole % 60:02} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min"


def money(value: float | None, currency: str) -> str:
    """USD 1,250 or USD 12.50 below a hundred."""
    if value is None:
        return UNKNOWN
    sign = "-" if value < 0 else ""
    return (
        f"{sign}{currency} {abs(value):,.2f}" if abs(value) < 100 else f"{sign}{currency} {abs(value):,.0f}"
    )


def figure_of(target: Target, value: float | None, currency: str) -> str:
    """A figure in its objective's unit."""
    if target.objective.key in LESS_IS_BETTER:
        return money(value, currency)
    return share(value) if target.objective.key == "uptime_share" else count(value)


def verdict(target: Target) -> str:
    """Reached, missed, or why not said."""
    if target.is_met is None:
        return "not known"
    return "reached" if target.is_met else "missed"
