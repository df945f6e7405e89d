"""What the JSON report says of a battery part: lives, charges, curves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rig.report.battery.model import BatteryCar, BatteryPart, SetReport, Trace
from rig.report.json_values import seconds_value
from rig.statistics.survival import Incidence, Observation, Step


def part_document(part: BatteryPart) -> dict[str, Any]:
    """Survival, set by set."""
    return {"sets": [_set(group) for group in part.sets]}


def car_document(car: BatteryCar) -> dict[str, Any]:
    """Lives, charges and curves of one car."""
    lives = car.lives
    return {
        "bay": car.bay,
        "lives_done": car.done,
        "lives_planned": car.planned,
        "ends": {end.value: times for end, times in lives.ends.items()},
        "life_s": _value(lives.life_s),
        "charge_s": _value(lives.charge_s),
        "charge_mah": _value(lives.charge_mah),
        "speed_held": _value(lives.speed_held),
        "diagnosis": car.diagnosis,
        "troubles": car.troubles,
        "survival": [_observation(each) for each in car.observations],
        "lives": [_row(row) for row in lives.lives],
        "charges": [_row(row) for row in lives.charges],
        "voltage_mv": [_trace(trace) for trace in car.voltages],
        "charge_ma": [_trace(trace) for trace in car.charging],
    }


def _set(group: SetReport) -> dict[str, Any]:
    return {
        "name": group.name,
        "cars": [car.label for car in group.cars],
        "survival": [_step(step) for step in group.curve.steps],
        "incidence": {
            cause: [_incidence(each) for each in steps] for cause, steps in group.incidence.items()
        },
    }


def _row(row: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name not in {"identifier", "set_name"}}


def _observation(each: Observation) -> dict[str, Any]:
    return {
        "time_s": seconds_value(each.time_s),
        "ended": each.ended.value,
        "cause": each.cause,
        "entered_s": seconds_value(each.entered_s),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "time_s": seconds_value(step.time_s),
        "survival": seconds_value(step.survival),
        "lower": seconds_value(step.lower),
        "upper": seconds_value(step.upper),
        "at_risk": step.at_risk,
        "events": step.events,
        "censored": step.censored,
    }


def _incidence(each: Incidence) -> dict[str, Any]:
    return {
        "time_s": seconds_value(each.time_s),
        "share": seconds_value(each.share),
        "lower": seconds_value(each.lower),
        "upper": seconds_value(each.upper),
    }


def _trace(trace: Trace) -> dict[str, Any]:
    return {"life": trace.life, "points": [[seconds_value(age), value] for age, value in trace.points]}


def _value(value: float | None) -> float | None:
    return None if value is None else seconds_value(value)
