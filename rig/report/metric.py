"""One figure of a run by name, the same for everybody who reads figures: trend, compare, Prometheus. Pure."""

from __future__ import annotations

from dataclasses import dataclass
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
