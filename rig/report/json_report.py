"""A run as JSON. The same seed gives the same document, but for what stands under `wall_clock`."""

from __future__ import annotations

import json
from typing import Any

from rig.report.model import STAGES, CarReport, LatencyFigures, RunReport, SetReport
from rig.soak.statistics import Rate, Reading
from rig.soak.verdict import LimitVerdict

FORMAT = 1


def render_json(report: RunReport) -> str:
    """The document, indented, keys in a fixed order, ending in a newline."""
    return json.dumps(as_document(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_document(report: RunReport) -> dict[str, Any]:
    """The document as plain values."""
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
        "run_seconds": _s(report.ended_s),
        "versions": report.versions,
        "sets": [_set(group) for group in report.sets],
        "cars": [_car(car) for car in report.cars],
        "gaps": [
            {"from_s": _s(gap.from_s), "until_s": _s(gap.until_s), "unknown_acts": gap.unknown_acts}
            for gap in report.gaps
        ],
        "exclusions": [
            {"car": item.label, "cycle": item.cycle, "reason": item.reason} for item in report.exclusions
        ],
        "wall_clock": {
            "run_id": run.run_id,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "gaps": [{"from_at": gap.from_at, "until_at": gap.until_at} for gap in report.gaps],
            "clock": [
                {"at_s": _s(row.at_s), "kind": row.kind, "by_s": _s(row.by_s), "noticed_at": row.noticed_at}
                for row in report.clock
            ],
        },
    }


def _set(group: SetReport) -> dict[str, Any]:
    return {
        "name": group.name,
        "outcome": group.outcome.value,
        "pooled_reconnect": _latency(group.reconnect),
        "pooled_success": _rate(group.success),
        "cars": [car.label for car in group.cars],
    }


def _car(car: CarReport) -> dict[str, Any]:
    document: dict[str, Any] = {
        "label": car.label,
        "set": car.set_name,
        "identifier": f"{car.identifier:08x}",
        "model": car.model,
        "firmware": None if car.firmware is None else f"0x{car.firmware:04x}",
        "outcome": car.verdict.outcome.value,
        "reasons": list(car.verdict.reasons),
        "limits": [_limit(verdict) for verdict in car.verdict.limits],
        "cycles": car.cycles_done,
        "cycles_planned": car.cycles_planned,
        "cycle_outcomes": {outcome.value: count for outcome, count in car.outcomes.items()},
        "reconnect": _latency(car.reconnect),
        "recovery": _latency(car.recovery),
        "reconnect_from_intended": _latency(car.from_intended),
        "first_attempt": _rate(car.first_attempt),
        "success": _rate(car.success),
        "stages_mean_s": {
            times.loss.value: dict(zip(STAGES, map(_s, times.mean_s), strict=True)) for times in car.stages
        },
        "troubles": car.troubles,
        "unasked_losses": car.unasked_losses,
        "given_up": car.given_up,
        "bench_error": car.bench_error,
        "samples": [
            {
                "cycle": row.cycle,
                "loss": row.loss,
                "outcome": row.outcome,
                "intended_s": row.intended_s,
                "loss_s": row.loss_s,
                "noticed_s": row.noticed_s,
                "attempt_s": row.attempt_s,
                "seen_s": row.seen_s,
                "connected_s": row.connected_s,
                "services_s": row.services_s,
                "subscribed_s": row.subscribed_s,
                "first_data_s": row.first_data_s,
                "ended_s": row.ended_s,
                "attempts": row.attempts,
                "unasked_losses": row.unasked_losses,
                "stuck_at": row.stuck_at,
                "error": row.error,
            }
            for row in car.rows
        ],
    }
    if car.telemetry is not None:
        sums = car.telemetry
        document["telemetry"] = {
            "frames": sums.frames,
            "seconds_with_frames": sums.seconds,
            "speed_mean_mm_s": None if sums.speed_mean_mm_s is None else _s(sums.speed_mean_mm_s),
            "speed_max_mm_s": sums.speed_max_mm_s,
            "battery_min_mv": sums.battery_min_mv,
        }
    return document


def _limit(verdict: LimitVerdict) -> dict[str, Any]:
    value = verdict.value
    return {
        "limit": verdict.limit.name,
        "confidence": verdict.limit.confidence,
        "outcome": verdict.outcome.value,
        "n": verdict.n,
        "value": _s(value.value) if isinstance(value, Rate) else _reading(value),
        "lower_bound": _bound(verdict.lower),
        "upper_bound": _bound(verdict.upper),
        "cycles_needed": verdict.needed,
        "reason": verdict.reason,
    }


def _bound(bound: Reading | float | None) -> Any:
    return _reading(bound) if bound is None or isinstance(bound, Reading) else _s(bound)


def _latency(figures: LatencyFigures) -> dict[str, Any]:
    return {
        "n": figures.n,
        "timeouts": figures.censored,
        "quantiles": {
            f"p{figure.q * 100:g}": {
                "value": _reading(figure.value),
                "lower": _reading(figure.bounds.lower),
                "upper": _reading(figure.bounds.upper),
            }
            for figure in figures.quantiles
        },
        "largest": _reading(figures.largest),
    }


def _reading(reading: Reading | None) -> Any:
    return None if reading is None else {"s": _s(reading.value_s), "at_least": reading.at_least}


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "successes": rate.successes,
        "trials": rate.trials,
        "lower": _s(rate.lower),
        "upper": _s(rate.upper),
    }


def _s(value: float) -> float:
    return round(value, 6)
