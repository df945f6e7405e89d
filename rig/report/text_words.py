"""Words of the terminal report that all kinds share."""

from __future__ import annotations

from rich.text import Text

from rig.soak.outcome import Outcome

STYLES = {
    Outcome.PASS: "bold green",
    Outcome.FAIL: "bold red",
    Outcome.ERROR: "bold magenta",
    Outcome.INCONCLUSIVE: "bold yellow",
    Outcome.ABORTED: "bold magenta",
}


def outcome_text(outcome: Outcome) -> Text:
    """A verdict in its colour."""
    return Text(str(outcome), style=STYLES[outcome])


def span_text(seconds: float) -> str:
    """A length of time, e.g. `3 min 20 s`."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {left:02d} s"
