"""What the machine's clock did under a run, in words. Pure."""

from __future__ import annotations

from rig.store.rows import ClockRow


def clock_words(row: ClockRow) -> str:
    """One line, without the point at its end."""
    span = _span(abs(row.by_s))
    if row.kind == "asleep":
        return f"the machine was asleep for {span} before {row.noticed_at}: nobody watched then"
    way = "ahead" if row.by_s > 0 else "back"
    return (
        f"the machine's clock was set {way} by {span}, to {row.noticed_at}: durations are not touched by that"
    )


def _span(seconds: float) -> str:
    days, rest = divmod(round(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {left:02d} s"
