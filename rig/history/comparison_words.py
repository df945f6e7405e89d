"""A comparison as text and as JSON, from the same value."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rig.history.comparison import CarDifference, Comparison, Difference, RunFigures
from rig.history.trend_words import signed
from rig.soak.outcome import Outcome
from rig.statistics.comparison import Shift

FORMAT = 1


def comparison_renderables(comparison: Comparison) -> list[RenderableType]:
    """The comparison for a terminal, part by part."""
    before, after = comparison.before, comparison.after
    parts: list[RenderableType] = [
        Text(
            f"{before.run_id} ({before.outcome.value}) against {after.run_id} ({after.outcome.value})", "bold"
        ),
        Text(headline(comparison)),
        Padding(_table(comparison), (1, 0, 0, 0)),
    ]
    lines = [car_words(car) for car in comparison.cars]
    lines += [
        f"{change.car} was {_outcome(change.before)} and is {_outcome(change.after)}"
        for change in comparison.verdicts
    ]
    if comparison.lives_p is not None:
        lines.append(f"all battery lives: log-rank p {_p(comparison.lives_p)}")
    if lines:
        parts.append(Padding(Group(*map(Text, lines)), (1, 0, 0, 0)))
    changed = [str(change) for change in comparison.changed] or ["nothing on record"]
    parts.append(Padding(Group("What changed on the bench:", *map(Text, changed)), (1, 0, 0, 0)))
    return parts


def headline(comparison: Comparison) -> str:
    """The whole in one sentence."""
    worse = [each.metric for each in comparison.differences if each.stands_out and each.is_worse]
    better = [each.metric for each in comparison.differences if each.stands_out and not each.is_worse]
    alone = dict.fromkeys(car.car for car in comparison.cars)
    said = []
    if worse:
        said.append(f"The later run is worse in {', '.join(worse)}.")
    if better:
        said.append(f"The later run is better in {', '.join(better)}.")
    if alone and not said:
        said.append(f"Not the fleet, but single cars moved: {', '.join(alone)}.")
    return " ".join(said) or "No difference stands out."


def car_words(car: CarDifference) -> str:
    """One car that differs."""
    return (
        f"{car.car}: {car.what} {_value(car.before, car.unit)} → {_value(car.after, car.unit)}"
        f" ({car.test}, p {_p(car.p)})"
    )


def render_comparison_json(comparison: Comparison) -> str:
    """The document, indented, keys in a fixed order, ending in a newline."""
    return json.dumps(comparison_document(comparison), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """The document as plain values."""
    return {
        "format": FORMAT,
        "headline": headline(comparison),
        "before": _run(comparison.before),
        "after": _run(comparison.after),
        "differences": [
            {
                "metric": each.metric,
                "unit": each.unit,
                "better": each.better,
                "subjects": list(each.subjects),
                "before": _rounded(each.before),
                "after": _rounded(each.after),
                "change": _rounded(each.change),
                "shift": _shift(each.shift),
                "cliffs_delta": _rounded(each.delta),
                "p_corrected": None if each.p is None else _rounded(each.p),
                "is_sure": each.is_sure,
                "stands_out": each.stands_out,
                "worse": each.is_worse,
            }
            for each in comparison.differences
        ],
        "battery_lives_log_rank_p": comparison.lives_p,
        "cars": [asdict(car) for car in comparison.cars],
        "verdicts": [
            {"car": change.car, "before": _outcome(change.before), "after": _outcome(change.after)}
            for change in comparison.verdicts
        ],
        "changed": [asdict(change) for change in comparison.changed],
    }


def _table(comparison: Comparison) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for heading in ("", "before", "after", "change", "shift (95 %)", "delta", "p", " "):
        table.add_column(heading, justify="right" if heading.strip() else "left", overflow="fold")
    for each in comparison.differences:
        table.add_row(
            each.metric,
            _value(each.before, each.unit),
            _value(each.after, each.unit),
            signed(each.change, each.is_share),
            f"{each.shift.value:+.2g}{_bounds(each.shift)}",
            f"{each.delta:+.2f}",
            "few cars" if each.p is None else _p(each.p),
            _judged(each),
            style="bold" if each.stands_out else None,
        )
    return table


def _judged(each: Difference) -> str:
    if not each.stands_out:
        return ""
    return "worse" if each.is_worse else "better"


def _run(run: RunFigures) -> dict[str, Any]:
    return {"run": run.run_id, "outcome": run.outcome.value, "bench": dict(run.bench)}


def _shift(shift: Shift) -> dict[str, float | None]:
    return {
        "value": _rounded(shift.value),
        "lower": None if shift.lower is None else _rounded(shift.lower),
        "upper": None if shift.upper is None else _rounded(shift.upper),
    }


def _bounds(shift: Shift) -> str:
    if shift.lower is None or shift.upper is None:
        return ""
    return f" ({shift.lower:+.2g} … {shift.upper:+.2g})"


def _value(value: float, unit: str) -> str:
    return f"{value * 100:.1f} %" if unit == "share" else f"{value:.3g} {unit}"


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _outcome(outcome: Outcome | None) -> str:
    return "not in it" if outcome is None else outcome.value


def _rounded(value: float) -> float:
    return round(value, 9)
