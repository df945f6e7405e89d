"""A trend as JSON: the findings, every series, and the nights they come from, from which it can be made again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rig.history.bench_changes import BenchChange
from rig.history.findings import Finding, Trend, nights_to_confirm
from rig.history.nights import FORMAT, nights_document
from rig.history.shapes import Judgement, Step
from rig.history.trend_text import subjects_of
from rig.history.trend_words import finding_words, headline, pending_words


def render_trend_json(trend: Trend) -> str:
    """The document, indented, keys in a fixed order, ending in a newline."""
    return json.dumps(trend_document(trend), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def trend_document(trend: Trend) -> dict[str, Any]:
    """The document as plain values."""
    cars = subjects_of(trend)
    return {
        "format": FORMAT,
        "title": trend.title,
        "headline": headline(trend),
        "nights_needed": trend.nights_needed,
        "findings": [
            {**_finding(finding), "words": finding_words(finding, cars)} for finding in trend.findings
        ],
        "pending": [
            {
                **_finding(finding),
                "nights_to_confirm": nights_to_confirm(finding),
                "words": pending_words(finding, cars),
            }
            for finding in trend.pending
        ],
        "series": [_series(judgement) for judgement in trend.judgements],
        "changes": [{"night": night, "changed": _changes(changed)} for night, changed in trend.changes],
        "skipped": [asdict(skipped) for skipped in trend.skipped],
        "nights": nights_document(trend.nights),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "shape": finding.shape.value,
        "kind": finding.family,
        "subjects": list(finding.subjects),
        "metrics": list(finding.metrics),
        "effects": {metric: _rounded(effect) for metric, effect in finding.effects.items()},
        "effects_in": "points of a share" if finding.is_share else "relative",
        "night": finding.night,
        "changed": _changes(finding.changed),
    }


def _series(judgement: Judgement) -> dict[str, Any]:
    series, drift = judgement.series, judgement.drift
    return {
        "metric": series.metric,
        "subject_kind": series.subject_kind,
        "subject": series.subject,
        "unit": series.unit,
        "nights": len(series.nights),
        "shape": judgement.shape.value,
        "p_corrected": _rounded(judgement.p),
        "drift": None
        if drift is None
        else {
            "per_night": _rounded(drift.per_night),
            "lower": _rounded(drift.lower),
            "upper": _rounded(drift.upper),
            "total": _rounded(drift.total),
            "forecast": None if drift.forecast is None else asdict(drift.forecast),
        },
        "steps": [_step(step) for step in judgement.steps],
        "pending": None if judgement.pending is None else _step(judgement.pending),
        "nights_needed": judgement.nights_needed,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "night": step.night,
        "before": _rounded(step.before),
        "after": _rounded(step.after),
        "change": _rounded(step.change),
        "confirmed_by": step.confirmed_by,
    }


def _changes(changed: tuple[BenchChange, ...]) -> list[dict[str, Any]]:
    return [asdict(change) for change in changed]


def _rounded(value: float) -> float:
    return round(value, 9)
