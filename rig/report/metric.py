"""One figure of a run by name, the same for everybody who reads figures: trend, compare, Prometheus. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """`name` is `<kind>.<figure>_<unit>`, e.g. `reconnect.p95_s`; `value` is in `unit`, a rate is a `share` from
    0 to 1; `n` how many units it rests on; `better` which way is the good one."""

    name: str
    subject_kind: Literal["car", "set", "run"]
    subject: str
    value: float
    unit: str
    n: int
    better: Literal["low", "high"]


def pooled(metrics: Iterable[Metric]) -> tuple[Metric, ...]:
    """Each figure of a subject once: what several parts of a run measured of it, as the mean weighted by units."""
    together: dict[tuple[str, str, str], list[Metric]] = {}
    for metric in metrics:
        together.setdefault((metric.name, metric.subject_kind, metric.subject), []).append(metric)
    return tuple(each[0] if len(each) == 1 else _mean(each) for each in together.values())


def _mean(metrics: list[Metric]) -> Metric:
    n = sum(metric.n for metric in metrics)
    weights = [metric.n if n else 1 for metric in metrics]
    value = sum(metric.value * weight for metric, weight in zip(metrics, weights, strict=True)) / sum(weights)
    return replace(metrics[0], value=value, n=n)
