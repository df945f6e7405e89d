"""What the JSON report says of a swap part."""

from __future__ import annotations

from typing import Any

from rig.report.json_values import rate_value, reading_value, seconds_value
from rig.report.swap.model import SwapCar, SwapPart, TimeFigures
from rig.soak.swap.row import responses_of, strikes_of, taken_out_of
from rig.store.swaps import SwapRow


def part_document(part: SwapPart) -> dict[str, Any]:
    """Figures, the waterfall, faults, invariants, and every swap."""
    return {
        "swaps": part.done,
        "swaps_planned": part.planned,
        "swap_outcomes": {outcome.value: count for outcome, count in part.outcomes.items()},
        "total": _times(part.total),
        "success": rate_value(part.success),
        "faults_met": rate_value(part.faults_met),
        "sets": [
            {
                "name": group.name,
                "outcome": group.verdict.outcome.value,
                "total": _times(group.total),
                "success": rate_value(group.success),
            }
            for group in part.sets
        ],
        "steps": [{"step": step.step.value, **_times(step.times)} for step in part.steps],
        "faults": [
            {
                "kind": fault.kind.value,
                "right_answer": fault.answer,
                "drawn": fault.drawn,
                "struck": fault.struck,
                "met": fault.met,
                "not_met": fault.not_met,
                "moot": fault.moot,
            }
            for fault in part.faults
        ],
        "invariants": [
            {
                "name": figures.name,
                "checked": figures.checked,
                "broken": [
                    {
                        "at_s": seconds_value(breach.at_s),
                        "words": breach.words,
                        "cars": [f"{car:08x}" for car in breach.cars],
                    }
                    for breach in figures.breaches
                ],
            }
            for figures in part.invariants
        ],
        "samples": [_swap(row) for row in part.rows],
    }


def car_document(car: SwapCar) -> dict[str, Any]:
    """Fair swaps that went through with it, and why it was taken out of others."""
    return {
        "went_through": rate_value(car.went_through),
        "taken_out": [{"swap": swap, "why": why} for swap, why in car.reasons],
    }


def _times(times: TimeFigures) -> dict[str, Any]:
    return {
        "n": times.n,
        "quantiles": {
            f"p{q * 100:g}": {
                "value": reading_value(value),
                "lower": reading_value(bounds.lower),
                "upper": reading_value(bounds.upper),
            }
            for q, value, bounds in times.quantiles
        },
        "mean_s": None if times.mean_s is None else seconds_value(times.mean_s),
        "largest": reading_value(times.largest),
    }


def _swap(row: SwapRow) -> dict[str, Any]:
    return {
        "swap": row.swap,
        "from_set": row.from_set,
        "to_set": row.to_set,
        "outcome": row.outcome,
        "began_s": row.began_s,
        "ended_s": row.ended_s,
        "steps_s": {
            "ready": row.ready_s,
            "end": row.end_s,
            "off": row.off_s,
            "set up": row.set_up_s,
            "charge": row.charge_s,
        },
        "retries": row.retries,
        "error": row.error,
        "taken_out": [
            {"car": f"{taken.car:08x}", "blame": taken.blame.value, "why": taken.why}
            for taken in taken_out_of(row)
        ],
        "responses": [
            {
                "at_s": response.at_s,
                "kind": response.kind.value,
                "words": response.words,
                "cars": [f"{car:08x}" for car in response.cars],
            }
            for response in responses_of(row)
        ],
        "faults": [
            {
                "kind": strike.injection.kind.value,
                "step": strike.injection.step.value,
                "car": None if strike.injection.car is None else f"{strike.injection.car:08x}",
                "amount": strike.injection.amount,
                "at_s": strike.at_s,
                "met": strike.met,
            }
            for strike in strikes_of(row)
        ],
    }
