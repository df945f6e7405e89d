"""Races left: conservative, monotone, and never a race the set cannot finish."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from booth.floor.forecast import (
    DEFAULT_LIFE_S,
    DEFAULT_MARGIN,
    Drain,
    Life,
    forecast_of,
    why_not_start,
)

TWENTY_MIN = [Life(1150.0 + 10.0 * i, True) for i in range(12)]


def test_a_car_counts_on_its_own_lives_then_on_the_fleets_then_on_a_stated_default():
    lives = {1: TWENTY_MIN, 2: [Life(900.0, True)] * 2}
    forecast = forecast_of([1, 2, 3], lives)
    assert forecast.by_car[1].life_s == 1150.0
    assert forecast.by_car[1].basis == "12 watched lives of its own"
    assert forecast.by_car[2] == forecast.by_car[3]
    assert forecast.by_car[3].life_s == 900.0
    assert "fleet" in forecast.by_car[3].basis
    assert forecast_of([3], {}).by_car[3].life_s == DEFAULT_LIFE_S * DEFAULT_MARGIN
    assert "no life was watched" in forecast_of([3], {}).by_car[3].basis


def test_many_lives_allow_for_one_that_was_short_by_accident():
    lives = [Life(60.0, True), *(Life(1200.0 + i, True) for i in range(199))]
    assert forecast_of([1], {1: lives}).by_car[1].life_s >= 1200.0


def test_lives_that_were_cut_short_are_no_deaths():
    cut = [Life(300.0, False)] * 30
    assert forecast_of([1], {1: cut}).by_car[1].life_s == DEFAULT_LIFE_S * DEFAULT_MARGIN
    both = forecast_of([1], {1: [*cut, *TWENTY_MIN]})
    assert both.by_car[1].life_s >= 1100.0


def test_nothing_is_claimed_beyond_the_last_death():
    lives = [Life(1000.0 + i, True) for i in range(5)] + [Life(2000.0, False)] * 2000
    assert forecast_of([1], {1: lives}).by_car[1].life_s == 1004.0


def test_whole_races_and_the_weakest_car_decide():
    forecast = forecast_of([1, 2], {})
    drains = {1: Drain(0.0), 2: Drain(450.0)}
    assert forecast.races_left(1, drains[1], 120.0) == 7
    assert forecast.set_races_left(drains, 120.0) == 3
    assert forecast.weakest(drains) == 2
    assert forecast.set_races_left({}, 120.0) == 0


def test_the_cars_own_flag_overrides_every_curve():
    assert forecast_of([1], {1: TWENTY_MIN}).races_left(1, Drain(0.0, is_low=True), 60.0) == 0


def test_a_race_the_set_cannot_finish_is_refused_in_a_sentence():
    forecast, labels = forecast_of([1, 2], {}), {1: "Skull A1", 2: "Nuke A2"}
    assert why_not_start(forecast, {1: Drain(), 2: Drain(700.0)}, labels, "A", 120.0) is None
    assert why_not_start(forecast, {1: Drain(), 2: Drain(840.0)}, labels, "A", 120.0) == (
        "set A may not race: Nuke A2 has about 1 min of driving left and a race needs 2 min; swap the sets"
    )
    low = {1: Drain(is_low=True), 2: Drain(is_low=True)}
    assert why_not_start(forecast, low, labels, "A", 120.0) == (
        "set A may not race: Skull A1 and Nuke A2 are low on battery; swap the sets"
    )
    assert "none of its cars" in (why_not_start(forecast, {}, labels, "A", 60.0) or "")


def test_the_chance_is_told_where_enough_lives_lasted_so_long():
    forecast = forecast_of([1], {1: TWENTY_MIN})
    assert forecast.chance(1, 0.0, 1000.0) == 1.0
    assert forecast.chance(1, 1100.0, 100.0) == pytest.approx(0.5)
    assert forecast.chance(1, 1255.0, 10.0) is None


LIVES = st.lists(st.builds(Life, st.floats(1.0, 3000.0), st.booleans()), max_size=40)


@given(LIVES, st.floats(0.0, 3000.0), st.floats(0.0, 600.0), st.floats(20.0, 300.0))
def test_having_driven_more_never_leaves_more(lives, driven_s, more_s, race_s):
    forecast = forecast_of([1], {1: lives})
    before = forecast.races_left(1, Drain(driven_s), race_s)
    assert forecast.races_left(1, Drain(driven_s + more_s), race_s) <= before
    assert forecast.races_left(1, Drain(driven_s), race_s * 2.0) <= before
    assert forecast.races_left(1, Drain(driven_s, is_low=True), race_s) == 0


@given(st.lists(st.floats(300.0, 3000.0), min_size=5, max_size=58))
def test_with_few_deaths_no_car_counts_on_more_than_the_shortest_life(deaths_s):
    forecast = forecast_of([1], {1: [Life(time_s, True) for time_s in deaths_s]})
    assert forecast.by_car[1].life_s <= min(deaths_s)
