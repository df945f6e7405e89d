"""Reconnect latency as somebody would meet it whose link may break at any time, outages included. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rig.statistics.omission import corrected
from rig.statistics.quantiles import Reading, Sample, quantile
from rig.store.rows import CycleRow


@dataclass(frozen=True, slots=True)
class CorrectedLatency:
    """Quantiles with the samples put back that long ones left out; without bounds, for what was put back was not
    measured. `expected_interval_s` is how often a car's link was broken."""

    expected_interval_s: float
    n: int
    quantiles: tuple[tuple[float, Reading | None], ...]


def corrected_latency(
    rows: Sequence[CycleRow], samples: Sequence[Sample], at: Sequence[float]
) -> CorrectedLatency | None:
    """The latencies of one car at the quantiles `at`. Links are taken to have been meant to break as often as they
    usually did: the median time between two losses. None with fewer than three losses."""
    losses = [(row.leg, row.loss_s) for row in rows if row.loss_s is not None]
    between = [
        after - before
        for (leg, before), (next_leg, after) in itertools.pairwise(losses)
        if leg == next_leg and after > before
    ]
    if len(between) < 2:
        return None
    interval_s = median(between)
    filled = corrected(samples, interval_s)
    return CorrectedLatency(interval_s, len(filled), tuple((q, quantile(filled, q)) for q in at))
