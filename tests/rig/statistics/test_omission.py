"""Samples that a long one kept from being taken are put back, as HdrHistogram does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.statistics.omission import corrected
from rig.statistics.quantiles import Sample, quantile


def measured(*values):
    return [Sample(censored=False, value_s=float(value)) for value in values]


def test_the_example_of_the_talk():
    """100 s of 1 ms every 10 ms, then a stall of 100 s: the raw median is 1 ms, but half of the time nothing answered.
    HdrHistogram counts 10,000 + 10,000 samples, a median of 1 ms and a P75 of 50 s."""
    samples = measured(*[0.001] * 10_000, 100.0)
    found = corrected(samples, 0.01)
    assert quantile(samples, 0.99).value_s == 0.001
    assert len(found) == pytest.approx(20_000, abs=1)
    assert quantile(found, 0.75).value_s == pytest.approx(50.0, abs=0.02)


def test_an_outage_is_joined_by_those_that_fell_into_it():
    assert corrected(measured(1, 10, 3.5), 3.0) == measured(1, 3.5, 4, 7, 10)
    timeout = [Sample(censored=True, value_s=30.0)]
    assert corrected(timeout, 10.0) == [Sample(censored=True, value_s=value) for value in (10.0, 20.0, 30.0)]
    with pytest.raises(ValueError, match="cannot be expected"):
        corrected(timeout, 0.0)


@given(st.lists(st.integers(0, 300).map(float), max_size=20), st.integers(1, 40).map(float))
def test_nothing_measured_is_lost_and_figures_only_grow(values, interval_s):
    samples = measured(*values)
    found = corrected(samples, interval_s)
    rest = list(found)
    for sample in samples:
        rest.remove(sample)
    assert all(sample.value_s >= interval_s for sample in rest)
    if samples:
        assert max(found) == max(samples)
