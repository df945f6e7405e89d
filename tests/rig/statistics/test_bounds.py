"""Bounds agree with published figures, with brute force, and keep their promise on random data."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from rig.statistics.quantiles import (
    Reading,
    Sample,
    interval,
    lower_bound,
    lower_rank,
    quantile,
    quantile_trials_needed,
    samples_needed,
    upper_bound,
    upper_rank,
)
from rig.statistics.rates import exact, rate_trials_needed, wilson


def measured(*values):
    return [Sample(censored=False, value_s=value) for value in values]


def timed_out(count, at_s=30.0):
    return [Sample(censored=True, value_s=at_s)] * count


@pytest.mark.parametrize(
    ("q", "one_sided", "two_sided"), [(0.9, 29, 36), (0.95, 59, 72), (0.99, 299, 368), (0.999, 2995, 3688)]
)
def test_the_fewest_samples_for_a_bound_are_the_known_ones(q, one_sided, two_sided):
    assert samples_needed(q, 0.95) == one_sided
    assert samples_needed(q, 0.95, two_sided=True) == two_sided
    assert upper_rank(one_sided - 1, q, 0.95) is None
    assert upper_rank(one_sided, q, 0.95) == one_sided


def test_the_median_of_a_hundred_lies_between_the_40th_and_the_61st():
    # Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2
    assert (lower_rank(100, 0.5, 0.975), upper_rank(100, 0.5, 0.975)) == (40, 61)


@pytest.mark.parametrize("q", [0.05, 0.5, 0.9, 0.95])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_ranks_are_those_found_by_trying_every_one(q, confidence):
    for n in range(1, 130, 3):
        uppers = [k for k in range(1, n + 1) if binom.cdf(k - 1, n, q) >= confidence - 1e-12]
        lowers = [k for k in range(1, n + 1) if binom.sf(k - 1, n, q) > confidence + 1e-12]
        assert upper_rank(n, q, confidence) == min(uppers, default=None), n
        assert lower_rank(n, q, confidence) == max(lowers, default=None), n


def test_bounds_hold_as_often_as_they_promise():
    rng = random.Random(4)
    true_p95 = -math.log(0.05)
    held = 0
    for _ in range(1500):
        bound = upper_bound(measured(*(rng.expovariate(1.0) for _ in range(100))), 0.95, 0.95)
        held += bound is not None and bound.value_s >= true_p95
    assert held / 1500 >= 0.94


def test_a_quantile_that_falls_among_timeouts_is_at_least_the_timeout():
    samples = measured(*(1.0 + i / 100 for i in range(90))) + timed_out(10)
    assert quantile(samples, 0.5) == Reading(1.49, at_least=False)
    assert quantile(samples, 0.95) == Reading(30.0, at_least=True)
    assert str(quantile(samples, 0.95)) == "≥ 30.00 s"
    assert upper_bound(samples, 0.9, 0.95) == Reading(30.0, at_least=True)


def test_a_timeout_outranks_a_slower_measurement():
    samples = [*measured(40.0), *timed_out(1, at_s=30.0)]
    assert quantile(samples, 0.99) == Reading(30.0, at_least=True)


def test_the_nearest_rank_is_not_thrown_off_by_binary_fractions():
    assert quantile(measured(*range(1, 61)), 0.95) == Reading(57)


def test_nothing_is_said_without_samples():
    assert quantile([], 0.5) is None
    assert upper_bound([], 0.5, 0.95) is None
    assert lower_bound([], 0.5, 0.95) is None
    assert interval([], 0.5, 0.95).upper is None


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3; and 20 of 20, whose doubt is 16.1 %
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_agrees_with_the_published_intervals(successes, trials, lower, upper):
    rate = wilson(successes, trials, 0.95)
    assert rate.lower == pytest.approx(lower, abs=5e-5)
    assert rate.upper == pytest.approx(upper, abs=5e-5)


@given(trials=st.integers(1, 500), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(trials, share, confidence):
    successes = round(share * trials)
    ours = wilson(successes, trials, confidence)
    theirs = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    assert ours.lower == pytest.approx(theirs.low, abs=1e-9)
    assert ours.upper == pytest.approx(theirs.high, abs=1e-9)
    assert ours.lower <= ours.value <= ours.upper


def test_without_trials_a_rate_may_be_anything():
    rate = wilson(0, 0, 0.95)
    assert (rate.lower, rate.upper) == (0.0, 1.0)
    assert math.isnan(rate.value)


def test_the_cycles_needed_are_the_fewest_when_everything_is_inside():
    assert quantile_trials_needed(20, 20, 0.95, 0.95) == 59
    assert quantile_trials_needed(0, 0, 0.95, 0.95) == 59


def test_the_cycles_needed_really_decide():
    needed = quantile_trials_needed(97, 100, 0.95, 0.95)
    inside = math.floor(0.97 * needed + 0.5)
    assert inside >= upper_rank(needed, 0.95, 0.95)
    needed = rate_trials_needed(17, 20, 0.8, 0.95)
    assert wilson(math.floor(0.85 * needed + 0.5), needed, 0.95, two_sided=False).lower >= 0.8


def test_no_number_of_cycles_decides_a_rate_that_sits_on_its_limit():
    assert quantile_trials_needed(95, 100, 0.95, 0.95) is None
    assert rate_trials_needed(80, 100, 0.8, 0.95) is None


@given(st.lists(st.floats(0.01, 29.9), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.95]))
def test_bounds_enclose_the_quantile(values, q):
    samples = measured(*values)
    bounds, middle = interval(samples, q, 0.95), quantile(samples, q)
    assert bounds.lower is None or bounds.lower.value_s <= middle.value_s
    assert bounds.upper is None or bounds.upper.value_s >= middle.value_s


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.1871, 0.8129), (0, 0, 0.0, 1.0)],
)
def test_the_exact_interval_is_that_of_clopper_and_pearson(successes, trials, lower, upper):
    rate = exact(successes, trials, 0.95)
    assert (rate.lower, rate.upper) == (pytest.approx(lower, abs=1e-4), pytest.approx(upper, abs=1e-4))
