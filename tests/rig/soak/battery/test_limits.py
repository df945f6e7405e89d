"""Limits on battery lives: exact without censoring, honest with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.soak.battery.limits import Figure, Limit, Scope, judge, lives_needed, quantile
from rig.soak.battery.survival_bounds import Span, share_beyond
from rig.soak.outcome import Outcome
from rig.statistics.rates import exact

MEDIAN = Limit(Figure.LIFE, Scope.CAR, 0.75, 15.0, at_least=True, quantile=0.5)
P10 = Limit(Figure.LIFE, Scope.CAR, 0.95, 15.0, at_least=True, quantile=0.1)
CHARGE = Limit(Figure.CHARGE, Scope.CAR, 0.75, 12.0, at_least=False, quantile=0.5)


def deaths(*minutes):
    return [Span(m, ended=True) for m in minutes]


@given(st.lists(st.floats(1.0, 30.0), min_size=1, max_size=30))
def test_without_censoring_the_bounds_are_clopper_and_pearsons(minutes):
    found = share_beyond(deaths(*minutes), 15.0, 0.95, at_bound=True)
    alive = sum(m >= 15.0 for m in minutes)
    known = exact(alive, len(minutes), 0.9)
    assert found.value == pytest.approx(alive / len(minutes))
    assert found.lower == pytest.approx(known.lower, abs=2e-3)
    assert found.upper == pytest.approx(known.upper, abs=2e-3)


@given(
    st.lists(st.tuples(st.floats(1.0, 30.0), st.booleans()), min_size=1, max_size=20),
    st.floats(1.0, 30.0),
)
def test_bounds_enclose_the_estimate_and_censoring_never_narrows_them(lives, bound):
    spans = [Span(value, ended) for value, ended in lives]
    found = share_beyond(spans, bound, 0.9, at_bound=True)
    assert 0.0 <= found.lower <= found.value + 1e-9
    assert found.value <= found.upper + 1e-9
    assert found.upper <= 1.0


def test_one_life_cut_short_says_nothing():
    found = share_beyond([Span(3.0, ended=False)], 15.0, 0.95, at_bound=True)
    assert (found.lower, found.upper) == (0.0, 1.0)


def test_two_long_lives_pass_a_median_at_75_percent_and_two_short_ones_fail_it():
    assert judge("Skull", deaths(20.0, 22.0), MEDIAN).outcome is Outcome.PASS
    assert judge("Skull", [Span(20.0, True), Span(40.0, False)], MEDIAN).outcome is Outcome.PASS
    assert judge("Skull", deaths(9.0, 11.0), MEDIAN).outcome is Outcome.FAIL
    assert judge("Skull", deaths(9.0, 20.0), MEDIAN).outcome is Outcome.INCONCLUSIVE


def test_p10_at_95_percent_needs_29_lives():
    verdict = judge("Skull", deaths(20.0, 22.0), P10)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.needed == 29
    assert verdict.reason.startswith("Skull: P10 life ≥ 15 min not shown: 100 % of 2 lives reached it")
    assert "29 lives would decide it" in verdict.reason
    assert judge("Skull", deaths(*[20.0] * 29), P10).outcome is Outcome.PASS
    assert judge("Skull", deaths(*[20.0] * 28), P10).outcome is Outcome.INCONCLUSIVE


def test_a_charge_that_was_given_up_on_counts_as_too_long():
    assert judge("Skull", deaths(8.0, 9.0), CHARGE).outcome is Outcome.PASS
    assert judge("Skull", [Span(15.0, False), Span(15.0, False)], CHARGE).outcome is Outcome.FAIL


def test_lives_that_end_otherwise_do_not_fail_the_battery_but_leave_it_open():
    verdict = judge("Skull", [Span(3.0, ended=False), Span(4.0, ended=False)], MEDIAN)
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_a_late_entry_counts_only_from_where_it_came_in():
    late = [Span(18.0, ended=True, entered=16.0), *deaths(10.0, 20.0)]
    assert share_beyond(late, 15.0, 0.75, at_bound=True) == share_beyond(
        deaths(10.0, 20.0), 15.0, 0.75, at_bound=True
    )


def test_no_life_at_all_is_inconclusive():
    verdict = judge("Skull", [], MEDIAN)
    assert (verdict.outcome, verdict.needed) == (Outcome.INCONCLUSIVE, 2)


def test_on_the_limit_no_number_decides():
    limit = Limit(Figure.UNDISTURBED, Scope.CAR, 0.95, 0.5, at_least=True)
    assert lives_needed(0.5, limit) is None


def test_the_quantile_is_the_product_limit_one():
    spans = [Span(10.0, True), Span(12.0, False), Span(14.0, True), Span(20.0, True)]
    assert quantile(spans, 0.25) == 10.0
    assert quantile(spans, 0.5) == 14.0
    assert quantile([Span(10.0, False)], 0.5) is None


def test_names_are_plain():
    assert P10.name == "P10 life ≥ 15 min"
    assert Limit(Figure.SPEED_HELD, Scope.SET, 0.9, 0.9, True, 0.5).name == "P50 speed held of the set ≥ 90 %"
    assert Limit(Figure.UNDISTURBED, Scope.CAR, 0.75, 0.5, True).name == "undisturbed lives ≥ 50 %"
