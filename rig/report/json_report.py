"""A run as JSON. The same seed gives the same document, but for what stands under `wall_clock`."""

from __future__ import annotations

import json
from typing import Any

from rig.report.diagnosis.json import blame_documents
from rig.report.json_values import bound_value, seconds_value
from rig.report.kinds import kind_named
from rig.report.metric import Metric
from rig.report.model import CarReport, PartReport, RunReport
from rig.soak.limits import LimitVerdict
from rig.soak.verdict import Verdict
from rig.statistics.rates import Rate

FORMAT = 2


def render_json(report: RunReport) -> str:
    """The document, indented, keys in a fixed order, ending in a newline."""
    return json.dumps(as_document(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_document(report: RunReport) -> dict[str, Any]:
    """The document as plain values. Cars and exclusions stand in one list each, with the part they belong to."""
    run = report.run
    return {
        "format": FORMAT,
        "outcome": report.outcome.value,
        "headline": report.headline,
        "plan": {"name": run.plan_name, "sha256": run.plan_digest, "toml": run.plan_text},
        "radio": run.radio,
        "world_sha256": run.world_digest,
        "seed": run.seed,
        "virtual_time": run.virtual,
        "run_seconds": seconds_value(report.ended_s),
        "versions": report.versions,
        "parts": [_part(part) for part in report.parts],
        "cars": [_car(part, car) for part in report.parts for car in part.cars],
        "diagnosis": blame_documents(report.diagnosis.this_run if report.diagnosis else ()),
        "bench_faults": [
            {
                "subject": fault.subject,
                "bay": fault.bay,
                "reason": fault.reason,
                "at_s": seconds_value(fault.at_s),
            }
            for fault in report.bench_faults
        ],
        "gaps": [
            {
                "from_s": seconds_value(gap.from_s),
                "until_s": seconds_value(gap.until_s),
                "unknown_acts": gap.unknown_acts,
            }
            for gap in report.gaps
        ],
        "exclusions": [
            {"part": part.row.part, "car": item.label, part.unit: item.unit, "reason": item.reason}
            for part in report.parts
            for item in part.exclusions
        ],
        "wall_clock": {
            "diagnosis_lately": blame_documents(report.diagnosis.lately if report.diagnosis else ()),
            "run_id": run.run_id,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "gaps": [{"from_at": gap.from_at, "until_at": gap.until_at} for gap in report.gaps],
            "clock": [
                {
                    "at_s": seconds_value(row.at_s),
                    "kind": row.kind,
                    "by_s": seconds_value(row.by_s),
                    "noticed_at": row.noticed_at,
                }
                for row in report.clock
            ],
        },
    }


def _part(part: PartReport) -> dict[str, Any]:
    row = part.row
    return {
        "part": row.part,
        "kind": row.kind,
        "title": row.title,
        "plan": {"name": row.plan_name, "sha256": row.plan_digest, "toml": row.plan_text},
        "outcome": part.outcome.value,
        "headline": part.headline,
        "run_seconds": seconds_value(part.ended_s),
        "metrics": [_metric(metric) for metric in part.metrics],
        "other_verdicts": [_verdict(verdict) for verdict in part.others],
        **kind_named(row.kind).document(part),
    }


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        metric.subject_kind: metric.subject,
        "value": seconds_value(metric.value),
        "unit": metric.unit,
        "n": metric.n,
        "better": metric.better,
    }


def _car(part: PartReport, car: CarReport) -> dict[str, Any]:
    return {
        "part": part.row.part,
        "set": car.set_name,
        "identifier": f"{car.identifier:08x}",
        "model": car.model,
        "firmware": None if car.firmware is None else f"0x{car.firmware:04x}",
        **_verdict(car.verdict),
        "given_up": car.given_up,
        "bench_error": car.bench_error,
        **kind_named(part.row.kind).car_document(car),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "label": verdict.label,
        "outcome": verdict.outcome.value,
        "reasons": list(verdict.reasons),
        "limits": [_limit(limit) for limit in verdict.limits],
    }


def _limit(verdict: LimitVerdict) -> dict[str, Any]:
    value = verdict.value
    return {
        "limit": verdict.limit.name,
        "confidence": verdict.limit.confidence,
        "outcome": verdict.outcome.value,
        "n": verdict.n,
        "value": bound_value(value.value if isinstance(value, Rate) else value),
        "lower_bound": bound_value(verdict.lower),
        "upper_bound": bound_value(verdict.upper),
        "needed": verdict.needed,
        "reason": verdict.reason,
    }
