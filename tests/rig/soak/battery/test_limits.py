"""Limits on battery lives: exact without censoring, honest with it."""

from __future__ import annotations

import pytest

from rig.soak.battery.limits import Figure, Limit, Scope, judge, quantile_bounds
from rig.soak.outcome import Outcome
from rig.statistics.survival import Ended, Observation

MEDIAN = Limit(Figure.LIFE, Scope.CAR, 0.75, 900.0, at_least=True, quantile=0.5)
P10 = Limit(Figure.LIFE, Scope.CAR, 0.95, 900.0, at_least=True, quantile=0.1)
CHARGE = Limit(Figure.CHARGE, Scope.CAR, 0.75, 720.0, at_least=False, quantile=0.5)
UNDISTURBED = Limit(Figure.UNDISTURBED, Scope.CAR, 0.75, 0.5, at_least=True)


def deaths(*minutes):
    return [Observation(m * 60.0, Ended.EVENT) for m in minutes]


def cut(*minutes):
    return [Observation(m * 60.0, Ended.CENSORED) for m in minutes]


@pytest.mark.parametrize(
    ("lives", "outcome"),
    [
        (deaths(20, 22), Outcome.PASS),
        (deaths(20) + cut(40), Outcome.PASS),
        (deaths(15, 15), Outcome.PASS),
        (deaths(9, 11), Outcome.FAIL),
        (deaths(9, 20), Outcome.INCONCLUSIVE),
        (cut(3, 4), Outcome.INCONCLUSIVE),
        ([], Outcome.INCONCLUSIVE),
    ],
)
def test_a_median_at_75_percent_takes_two_lives(lives, outcome):
    assert judge("Skull", lives, MEDIAN).outcome is outcome


def test_p10_at_95_percent_needs_29_lives():
    verdict = judge("Skull", deaths(20, 22), P10)
    assert (verdict.outcome, verdict.needed) == (Outcome.INCONCLUSIVE, 29)
    assert verdict.reason.startswith("Skull: P10 life ≥ 15 min not shown: 100 % of 2 lives reached it")
    assert "29 lives would decide it" in verdict.reason
    assert judge("Skull", deaths(*[20] * 29), P10).outcome is Outcome.PASS
    assert judge("Skull", deaths(*[20] * 28), P10).outcome is Outcome.INCONCLUSIVE


def test_a_charge_that_was_given_up_on_counts_as_too_long():
    assert judge("Skull", deaths(8, 9), CHARGE).outcome is Outcome.PASS
    assert judge("Skull", deaths(12, 12), CHARGE).outcome is Outcome.PASS
    assert judge("Skull", cut(15, 15), CHARGE).outcome is Outcome.FAIL


def test_a_late_entry_counts_only_from_where_it_came_in():
    late = [Observation(18 * 60.0, Ended.EVENT, entered_s=16 * 60.0)]
    with_it = judge("Skull", late + deaths(10, 20), MEDIAN)
    without = judge("Skull", deaths(10, 20), MEDIAN)
    assert with_it.outcome is without.outcome is Outcome.INCONCLUSIVE


def test_undisturbed_lives_are_a_rate():
    good, bad = Observation(1.0, Ended.EVENT), Observation(0.0, Ended.EVENT)
    assert judge("Skull", [good, good], UNDISTURBED).outcome is Outcome.PASS
    assert judge("Skull", [bad, bad], UNDISTURBED).outcome is Outcome.FAIL
    assert judge("Skull", [good, bad], UNDISTURBED).outcome is Outcome.INCONCLUSIVE


def test_bounds_of_a_quantile_are_lives_that_were_seen():
    ten = deaths(*range(20, 30))
    lower, upper = quantile_bounds(ten, 0.5, 0.95)
    assert lower == 21 * 60.0
    assert upper == 28 * 60.0
    assert quantile_bounds(deaths(20), 0.5, 0.95) == (None, None)
    verdict = judge("Skull", ten, MEDIAN)
    assert verdict.value == 24 * 60.0
    assert verdict.lower <= verdict.value <= verdict.upper


def test_names_are_plain():
    assert P10.name == "P10 life ≥ 15 min"
    assert Limit(Figure.SPEED_HELD, Scope.SET, 0.9, 0.9, True, 0.5).name == "P50 speed held of the set ≥ 90 %"
    assert UNDISTURBED.name == "undisturbed lives ≥ 50 %"
