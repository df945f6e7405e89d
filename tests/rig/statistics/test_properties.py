"""What must hold for any data: of curves, shifts, steps and slopes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from rig.statistics.change_points import change_points
from rig.statistics.comparison import cliffs_delta, cluster_bootstrap, hodges_lehmann, holm, mann_whitney
from rig.statistics.drift import mann_kendall, theil_sen
from rig.statistics.life_limits import life_bounds, lives_needed
from rig.statistics.survival import (
    Ended,
    Observation,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    rmst,
)

approx = pytest.approx
TIMES = st.integers(1, 40).map(float)


@st.composite
def observations(draw, ends=tuple(Ended), late=True):
    time_s = draw(TIMES)
    entered = draw(st.integers(0, int(time_s) - 1)) if late else 0
    ended = draw(st.sampled_from(ends))
    cause = draw(st.sampled_from(("stall", "radio"))) if ended is Ended.COMPETING else ""
    return Observation(time_s, ended, cause, float(entered))


ANY = st.lists(observations(), min_size=1, max_size=30)
WATCHED = st.lists(observations(late=False), min_size=1, max_size=30)


@given(st.lists(observations(ends=(Ended.EVENT,), late=False), min_size=1, max_size=30), TIMES)
def test_a_curve_without_censoring_is_the_share_still_alive(lives, time_s):
    alive = sum(1 for life in lives if life.time_s > time_s)
    assert kaplan_meier(lives).at(time_s).survival == approx(alive / len(lives))


@given(ANY, st.sampled_from((0.5, 0.9, 0.95, 0.99)))
def test_a_curve_falls_between_its_bounds(lives, confidence):
    before = 1.0
    for step in kaplan_meier(lives, confidence).steps:
        assert 0.0 <= step.lower <= step.survival <= before
        assert step.survival <= step.upper <= 1.0
        before = step.survival


@given(ANY, st.randoms(use_true_random=False))
def test_the_order_of_lives_does_not_matter(lives, chance):
    shuffled = chance.sample(lives, len(lives))
    assert kaplan_meier(shuffled) == kaplan_meier(lives)
    assert cumulative_incidence(shuffled, "stall") == cumulative_incidence(lives, "stall")


@given(ANY, st.floats(0.01, 0.99))
def test_a_quantile_lies_between_its_bounds(lives, q):
    value, lower, upper = kaplan_meier(lives).quantile(q)
    assert value is None or (lower is not None and lower <= value)
    assert upper is None or (value is not None and value <= upper)


@given(WATCHED)
def test_the_incidences_and_those_left_are_everybody(lives):
    shares = [cumulative_incidence(lives, cause) for cause in ("", "stall", "radio")]
    ends = [
        Observation(o.time_s, Ended.CENSORED if o.ended is Ended.CENSORED else Ended.EVENT) for o in lives
    ]
    for steps in zip(*shares, kaplan_meier(ends).steps, strict=True):
        *incidences, step = steps
        assert sum(i.share for i in incidences) + step.survival == approx(1.0)
        assert all(0.0 <= i.lower <= i.share + 1e-12 and i.share <= i.upper + 1e-12 for i in incidences)


@given(WATCHED, WATCHED)
@example(
    [Observation(1.0, Ended.EVENT)],
    [
        Observation(1.0, Ended.CENSORED),
        *[Observation(t, Ended.EVENT) for t in (2.0, 2.0, 3.0, 4.0)],
        Observation(4.0, Ended.CENSORED),
    ],
)
def test_the_log_rank_test_does_not_care_who_is_first(a, b):
    one, other = log_rank({1: a, 2: b}), log_rank({1: b, 2: a})
    assert one.statistic == approx(other.statistic, abs=1e-9)
    assert 0.0 <= one.p <= 1.0


def test_two_like_groups_do_not_differ():
    group = [Observation(float(t), Ended.EVENT) for t in range(1, 9)]
    assert log_rank({"a": group, "b": group}).p == approx(1.0)
    cut = [Observation(9.0, Ended.CENSORED)]
    assert log_rank({"a": cut, "b": cut}).p == 1.0
    with pytest.raises(ValueError, match="two groups"):
        log_rank({"a": group, "b": []})


def test_numbers_at_risk_count_who_is_watched():
    lives = [
        Observation(10.0, Ended.EVENT),
        Observation(20.0, Ended.CENSORED),
        Observation(30.0, Ended.EVENT, entered_s=15.0),
    ]
    curve = kaplan_meier(lives)
    assert [curve.at(t).at_risk for t in (0.0, 10.0, 11.0, 16.0, 25.0, 31.0)] == [2, 2, 1, 2, 1, 0]
    assert curve.events == 2


def test_a_mean_ends_with_what_was_watched():
    lives = [Observation(10.0, Ended.EVENT), Observation(20.0, Ended.CENSORED)]
    found = rmst(kaplan_meier(lives), 1200.0)
    assert (found.value_s, found.until_s) == (15.0, 20.0)
    assert found.interval() == (approx(max(0.0, 15.0 - 1.959964 * 5.0 / math.sqrt(2))), 20.0)
    assert rmst(kaplan_meier([Observation(10.0, Ended.EVENT)]), 30.0).value_s == 10.0


@pytest.mark.parametrize(("time_s", "entered_s"), [(-1.0, 0.0), (5.0, 6.0), (5.0, 5.0), (math.inf, 0.0)])
def test_a_life_that_was_never_watched_is_refused(time_s, entered_s):
    with pytest.raises(ValueError, match="watched"):
        Observation(time_s, Ended.EVENT, entered_s=entered_s)


@given(st.integers(1, 60), st.data())
def test_bounds_without_censoring_are_clopper_and_pearsons(n, data):
    dead = data.draw(st.integers(0, n))
    lives = [Observation(float(i + 1), Ended.EVENT) for i in range(dead)]
    lives += [Observation(500.0 + i, Ended.EVENT) for i in range(n - dead)]
    found = life_bounds(lives, 500.0, 0.95)
    exact = binomtest(n - dead, n).proportion_ci(0.9, method="exact")
    assert (found.lower, found.upper) == (approx(exact.low, abs=1e-9), approx(exact.high, abs=1e-9))


def test_bounds_of_life_keep_their_promise_where_greenwoods_do_not():
    """2000 nights of eight lives, a fifth of them cut short: the true share is below the lower bound, or above
    the upper one, in at most 5 % of nights (and sampling noise)."""
    chance = np.random.default_rng(1)
    at_s, truth = 0.4, math.exp(-0.4)
    missed = np.zeros(2)
    for _ in range(2000):
        lives = []
        for life, cut in zip(chance.exponential(size=8), chance.exponential(4.0, size=8), strict=True):
            lives.append(Observation(min(life, cut), Ended.EVENT if life < cut else Ended.CENSORED))
        found = life_bounds(lives, at_s, 0.95)
        missed += (found.lower > truth, found.upper < truth)
    assert (missed / 2000 < 0.06).all()


@pytest.mark.parametrize(("q", "n"), [(0.1, 29), (0.05, 59), (0.01, 299)])
def test_so_many_lives_are_needed_when_nobody_dies(q, n):
    assert lives_needed(1.0, q, 0.95) == n
    cut = [Observation(1200.0, Ended.CENSORED)] * n
    assert life_bounds(cut, 1200.0, 0.95).lower >= 1.0 - q
    assert life_bounds(cut[1:], 1200.0, 0.95).lower < 1.0 - q


def test_a_limit_on_life():
    dead = [Observation(600.0 + i, Ended.EVENT) for i in range(20)]
    assert life_bounds(dead, 900.0, 0.95).upper < 0.9
    # cut before the limit, they say nothing of it
    cut = [Observation(600.0, Ended.CENSORED)] * 100
    assert (life_bounds(cut, 900.0, 0.95).lower, life_bounds(cut, 900.0, 0.95).upper) == (0.0, 1.0)
    # a share that sits on the limit is never decided
    assert lives_needed(0.9, 0.1, 0.95) is None


SAMPLES = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=12)


@given(SAMPLES, SAMPLES)
def test_a_shift_turns_with_its_sides(a, b):
    there, back = hodges_lehmann(a, b), hodges_lehmann(b, a)
    assert there.value == approx(-back.value)
    assert (there.lower is None) == (there.upper is None)
    if there.lower is not None and back.upper is not None:
        assert there.lower == approx(-back.upper)
        assert there.lower <= there.value <= there.upper
    assert cliffs_delta(a, b) == approx(-cliffs_delta(b, a))
    assert -1.0 <= cliffs_delta(a, b) <= 1.0


@given(SAMPLES, st.floats(-5, 5))
def test_a_shift_by_a_constant_is_found(a, by):
    assert hodges_lehmann(a, [value + by for value in a]).value == approx(by, abs=1e-9)


def test_four_cars_against_three_allow_no_bound():
    """The surest order of 3 and 3 cars has chance 2/20, of 4 and 4 chance 2/70."""
    assert hodges_lehmann([1, 2, 3], [4, 5, 6]).lower is None
    assert mann_whitney([1, 2, 3], [4, 5, 6]) == approx(0.1)
    found = hodges_lehmann([1, 2, 3, 4], [5, 6, 7, 8])
    assert (found.value, found.lower, found.upper) == (4.0, 1.0, 7.0)
    assert found.excludes_zero
    assert mann_whitney([1, 2, 3, 4], [5, 6, 7, 8]) == approx(2 / 70)


def test_many_samples_use_the_normal_rank():
    chance = np.random.default_rng(3)
    a, b = chance.normal(0.0, 1.0, 80), chance.normal(0.5, 1.0, 80)
    found = hodges_lehmann(a.tolist(), b.tolist())
    assert found.lower < 0.5 < found.upper
    assert found.excludes_zero == (mann_whitney(a.tolist(), b.tolist()) < 0.05)


def test_cars_not_attempts_say_how_sure_a_difference_is():
    chance = np.random.default_rng(4)
    nights = [{}, {}]
    for night in nights:
        for car in "abcdefgh":
            night[car] = (1.0 + chance.normal(0.0, 0.3) + chance.normal(0.0, 0.01, 200)).tolist()

    def mean(values):
        return float(values.mean())

    found = cluster_bootstrap(*nights, mean, seed=1, resamples=400)
    assert found == cluster_bootstrap(*nights, mean, seed=1, resamples=400)
    assert found != cluster_bootstrap(*nights, mean, seed=2, resamples=400)
    attempts = 1.96 * 0.3 * math.sqrt(2 / 1600)
    assert found.upper - found.lower > 5 * attempts
    assert not found.excludes_zero
    others = {f"other {car}": values for car, values in nights[1].items()}
    assert cluster_bootstrap(nights[0], others, mean, seed=1, resamples=100).lower is not None
    few = {car: nights[0][car] for car in "ab"}
    assert cluster_bootstrap(few, few, mean, seed=1).lower is None
    with pytest.raises(ValueError, match="a car on either side"):
        cluster_bootstrap({}, few, mean, seed=1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_adjusted_p_values_keep_their_order_and_only_grow(ps):
    adjusted = holm(ps)
    assert all(a >= p for a, p in zip(adjusted, ps, strict=True))
    assert sorted(range(len(ps)), key=lambda i: (ps[i], adjusted[i])) == sorted(
        range(len(ps)), key=lambda i: (adjusted[i], ps[i])
    )


def nights_of(chance, level=1.0, noise=0.05, nights=30):
    return (level * (1.0 + noise * chance.standard_normal(nights))).tolist()


@pytest.mark.parametrize("at", [3, 8, 15, 22, 27])
@pytest.mark.parametrize("factor", [0.7, 1.3])
def test_a_step_of_30_percent_is_found_in_5_percent_noise(at, factor):
    """At most one night beside it, in every one of 20 series."""
    chance = np.random.default_rng([at, int(10 * factor)])
    for _ in range(20):
        found = change_points(nights_of(chance, np.where(np.arange(30) < at, 2.0, 2.0 * factor)))
        assert len(found) == 1
        assert abs(found[0].index - at) <= 1
        assert found[0].relative == approx(factor - 1.0, abs=0.15)


def false_alarms(series, least_relative):
    chance = np.random.default_rng(5)
    return sum(bool(change_points(nights_of(chance), least_relative=least_relative)) for _ in range(series))


def test_noise_holds_no_step():
    assert false_alarms(150, 0.0) <= 2
    assert false_alarms(150, 0.1) == 0


@pytest.mark.nightly
def test_false_alarms_keep_to_their_rate():
    """Promised: 0.2 % at the default alpha, whatever size of step matters, and less if small ones do not."""
    assert false_alarms(1000, 0.0) <= 5
    assert false_alarms(1000, 0.1) <= 1


def test_a_step_needs_nights_to_be_confirmed():
    chance = np.random.default_rng(6)
    series = nights_of(chance, np.where(np.arange(24) < 20, 2.0, 2.6), nights=24)
    assert not change_points(series[:21])
    assert not change_points(series[:22])
    assert [point.index for point in change_points(series[:23])] == [20]


def test_two_steps_and_one_too_small_to_matter():
    chance = np.random.default_rng(7)
    level = np.select([np.arange(36) < 12, np.arange(36) < 24], [1.0, 1.4], 1.1)
    series = nights_of(chance, level, noise=0.01, nights=36)
    assert [point.index for point in change_points(series)] == [12, 24]
    assert [point.index for point in change_points(series, least_relative=0.24)] == [12]


def test_a_battery_that_fades_is_no_staircase():
    chance = np.random.default_rng(8)
    for _ in range(20):
        fading = [900.0 * 0.985**night * (1.0 + 0.03 * chance.standard_normal()) for night in range(30)]
        assert change_points(fading) == ()
        slope = theil_sen(range(30), fading)
        assert slope.excludes_zero
        assert slope.relative == approx(-0.0125, abs=0.004)  # 36 % in 29 nights, on a straight line
        rate = theil_sen(range(30), [math.log(value) for value in fading])
        assert rate.lower < math.log(0.985) + 0.001
        assert rate.value == approx(math.log(0.985), abs=0.003)
        assert mann_kendall(fading) < 1e-6


def test_little_or_nothing_is_no_trend():
    assert change_points([]) == change_points([1.0] * 12) == change_points([1.0, 2.0]) == ()
    assert [p.index for p in change_points([0.0] * 8 + [1.0] * 8)] == [8]
    assert mann_kendall([1.0, 2.0]) == mann_kendall([3.0] * 9) == 1.0
    assert theil_sen([0, 1, 2, 3], [0.0, 1.0, 2.0, 3.0]).lower is None
    assert theil_sen([0, 1, 2, 3, 4], [0.0, 1.0, 2.0, 3.0, 4.0]).lower == 1.0
    assert math.isnan(theil_sen([0, 1], [0.0, 1.0]).relative)
    with pytest.raises(ValueError, match="left out"):
        change_points([1.0, math.nan])
    with pytest.raises(ValueError, match="stand apart"):
        theil_sen([1, 1], [1, 2])
    with pytest.raises(ValueError, match="heights"):
        theil_sen([1, 2], [1, 2, 3])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1.0, 2.0), min_size=6, max_size=14))
def test_the_same_series_gives_the_same_steps(series):
    assert change_points(series) == change_points(series)
