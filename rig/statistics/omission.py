"""Latencies that were never measured because an earlier one took so long (coordinated omission).

Who breaks a link only when the last one is back measures one long outage once, however many would have fallen into
it. As HdrHistogram's `recordValueWithExpectedInterval` does (Tene, "How NOT to measure latency", 2013), a sample
longer than the interval at which samples were expected is joined by those that would have come meanwhile: one
interval shorter each, as long as they are no shorter than the interval.
"""

from __future__ import annotations

from collections.abc import Iterable

from rig.statistics.quantiles import Sample


def corrected(samples: Iterable[Sample], expected_interval_s: float) -> list[Sample]:
    """The samples and those that were left out, in order. What is only known to be "at least" so long leaves out
    samples known the same way. Raises ValueError unless the interval is more than 0 s."""
    if not expected_interval_s > 0.0:
        raise ValueError(f"samples cannot be expected every {expected_interval_s} s")
    found = []
    for sample in samples:
        found.append(sample)
        missing = 1
        while (value_s := sample.value_s - missing * expected_interval_s) >= expected_interval_s:
            found.append(Sample(sample.censored, value_s))
            missing += 1
    return sorted(found)
