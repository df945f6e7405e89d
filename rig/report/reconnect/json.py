"""What the JSON report says of a reconnect part: samples, figures, stages."""

from __future__ import annotations

from typing import Any

from rig.report.json_values import rate_value, reading_value, seconds_value
from rig.report.reconnect.model import (
    QUANTILES,
    STAGES,
    LatencyFigures,
    ReconnectCar,
    ReconnectPart,
    SetReport,
)
from rig.report.reconnect.omission import CorrectedLatency, corrected_latency


def part_document(part: ReconnectPart) -> dict[str, Any]:
    """Set by set."""
    return {"sets": [_set(group) for group in part.sets]}


def _set(group: SetReport) -> dict[str, Any]:
    return {
        "name": group.name,
        "outcome": group.outcome.value,
        "pooled_reconnect": _latency(group.reconnect),
        "pooled_success": rate_value(group.success),
        "cars": [car.label for car in group.cars],
    }


def car_document(car: ReconnectCar) -> dict[str, Any]:
    """Figures and samples of one car."""
    document: dict[str, Any] = {
        "cycles": car.done,
        "cycles_planned": car.planned,
        "cycle_outcomes": {outcome.value: count for outcome, count in car.outcomes.items()},
        "reconnect": _latency(car.reconnect),
        "recovery": _latency(car.recovery),
        "reconnect_from_intended": _latency(car.from_intended),
        "reconnect_corrected": _corrected(corrected_latency(car.rows, car.samples, QUANTILES)),
        "first_attempt": rate_value(car.first_attempt),
        "success": rate_value(car.success),
        "stages_mean_s": {
            times.loss.value: dict(zip(STAGES, map(seconds_value, times.mean_s), strict=True))
            for times in car.stages
        },
        "troubles": car.troubles,
        "unasked_losses": car.unasked_losses,
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
            "speed_mean_mm_s": None if sums.speed_mean_mm_s is None else seconds_value(sums.speed_mean_mm_s),
            "speed_max_mm_s": sums.speed_max_mm_s,
            "battery_min_mv": sums.battery_min_mv,
        }
    return document


def _latency(figures: LatencyFigures) -> dict[str, Any]:
    return {
        "n": figures.n,
        "timeouts": figures.censored,
        "quantiles": {
            f"p{figure.q * 100:g}": {
                "value": reading_value(figure.value),
                "lower": reading_value(figure.bounds.lower),
                "upper": reading_value(figure.bounds.upper),
            }
            for figure in figures.quantiles
        },
        "largest": reading_value(figures.largest),
    }


def _corrected(latency: CorrectedLatency | None) -> dict[str, Any] | None:
    if latency is None:
        return None
    return {
        "expected_interval_s": seconds_value(latency.expected_interval_s),
        "n": latency.n,
        "quantiles": {f"p{q * 100:g}": reading_value(value) for q, value in latency.quantiles},
    }
