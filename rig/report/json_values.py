"""Values of reports as JSON writes them: rounded to the microsecond, readings that are only a bound marked so."""

from __future__ import annotations

from typing import Any

from rig.statistics.quantiles import Reading
from rig.statistics.rates import Rate


def seconds_value(value: float) -> float:
    """To six digits."""
    return round(value, 6)


def reading_value(reading: Reading | None) -> dict[str, Any] | None:
    """A latency, or "at least" that much."""
    return None if reading is None else {"s": seconds_value(reading.value_s), "at_least": reading.at_least}


def rate_value(rate: Rate) -> dict[str, Any]:
    """A rate with its bounds."""
    return {
        "successes": rate.successes,
        "trials": rate.trials,
        "lower": seconds_value(rate.lower),
        "upper": seconds_value(rate.upper),
    }


def bound_value(bound: Reading | float | None) -> Any:
    """A bound of a limit: a latency or a plain number."""
    return reading_value(bound) if bound is None or isinstance(bound, Reading) else seconds_value(bound)
