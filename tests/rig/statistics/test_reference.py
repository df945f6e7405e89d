"""Figures agree with those that reference implementations and published tables give for the same data."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from rig.statistics.change_points import change_points
from rig.statistics.comparison import hodges_lehmann, holm, mann_whitney
from rig.statistics.drift import theil_sen
from rig.statistics.rates import exact, wilson
from rig.statistics.survival import (
    Ended,
    Observation,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    rmst,
)

approx = pytest.approx
FOLDER = Path(__file__).parents[3] / "fixtures" / "statistics"
TWO_NIGHTS = json.loads((FOLDER / "two_nights.json").read_text())
SETS = {
    path.stem: json.loads(path.read_text())
    for path in sorted(FOLDER.glob("*.json"))
    if path.stem != "two_nights"
}
CURVES = [(name, key) for name, data in SETS.items() for key in data["expected"].get("groups", ())]
EXACT = 1e-9
"""How far two implementations that round differently may be apart."""


def lives(data):
    groups = defaultdict(list)
    for entered, time, ended, cause, group in data["lives"]:
        groups[group].append(Observation(time, Ended(ended), cause, entered))
    return groups


def same(found, expected):
    for mine, theirs in zip(found, expected, strict=True):
        assert (mine is None) if theirs is None else mine == approx(theirs, rel=EXACT, abs=EXACT)


def test_there_are_data_sets_enough():
    assert len(SETS) >= 19
    assert all(data["source"] and data["made_with"]["lifelines"] for data in SETS.values())


@pytest.mark.parametrize(("name", "key"), CURVES)
def test_a_survival_curve(name, key):
    expected = SETS[name]["expected"]["groups"][key]
    curve = kaplan_meier(lives(SETS[name])[key])
    assert [step.time_s for step in curve.steps] == approx(expected["time"])
    assert [step.at_risk for step in curve.steps] == expected["at_risk"]
    assert [step.events for step in curve.steps] == expected["events"]
    same([step.survival for step in curve.steps], expected["survival"])
    same([step.lower for step in curve.steps], expected["lower"])
    for step, upper in zip(curve.steps, expected["upper"], strict=True):
        assert upper is None or step.upper == approx(upper, rel=EXACT)
    for q, found in expected["quantiles"].items():
        same(curve.quantile(float(q)), found)
    if "rmst" in expected:
        until, mean = expected["rmst"]
        assert rmst(curve, until).value_s == approx(mean, rel=EXACT)


@pytest.mark.parametrize("name", [name for name, data in SETS.items() if "log_rank" in data["expected"]])
def test_the_log_rank_test(name):
    statistic, dof, p = SETS[name]["expected"]["log_rank"]
    found = log_rank(lives(SETS[name]))
    assert found.statistic == approx(statistic, rel=1e-7)
    assert found.dof == dof
    assert found.p == approx(p, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "cause"),
    [(name, cause) for name, data in SETS.items() for cause in data["expected"].get("incidence", ())],
)
def test_the_incidence_of_one_end_among_others(name, cause):
    expected = SETS[name]["expected"]["incidence"][cause]
    found = {step.time_s: step for step in cumulative_incidence(lives(SETS[name])["all"], cause)}
    steps = [found[time] for time in expected["time"]]
    same([step.share for step in steps], expected["share"])
    if "error" in expected:
        for step, *theirs in zip(steps, *(expected[k] for k in ("error", "lower", "upper")), strict=True):
            # without bounds where nobody is left, or nobody yet ended so
            if None not in theirs:
                assert [step.error, step.lower, step.upper] == approx(theirs, rel=1e-7)


@pytest.mark.parametrize("name", [name for name, data in SETS.items() if data["published"]])
def test_published_tables(name):
    published, groups = SETS[name]["published"], lives(SETS[name])
    curves = {key: kaplan_meier(group) for key, group in groups.items()}
    for time, survival in published.get("survival", {}).items():
        assert curves[published["group"]].at(float(time)).survival == approx(survival, abs=0.0006)
    for key, (until, mean, error) in published.get("rmst", {}).items():
        found = rmst(curves[key], until)
        assert found.value_s == approx(mean, abs=0.06)
        assert found.variance_s2**0.5 == approx(error, abs=0.06)
    for key, median in published.get("median", {}).items():
        assert curves[key].quantile(0.5).value == median
    if "log_rank" in published:
        assert log_rank(groups).statistic == approx(published["log_rank"], abs=0.06)


@pytest.mark.parametrize("case", TWO_NIGHTS["shifts"], ids=lambda case: case["source"])
def test_a_shift_between_two_nights(case):
    found = hodges_lehmann(case["a"], case["b"])
    same((found.value, found.lower, found.upper), (case["value"], case["lower"], case["upper"]))
    assert mann_whitney(case["a"], case["b"]) == approx(case["p"])
    if published := case["published"]:
        assert mann_whitney(case["a"], case["b"]) == approx(published["p"], abs=0.0001)
        assert found.value == approx(published["value"])


@pytest.mark.parametrize("case", TWO_NIGHTS["slopes"], ids=lambda case: case["source"])
def test_a_slope(case):
    found = theil_sen(case["x"], case["y"])
    same((found.value, found.lower, found.upper), (case["value"], case["lower"], case["upper"]))


@pytest.mark.parametrize("case", TWO_NIGHTS["series"], ids=lambda case: case["source"])
def test_a_step_is_where_least_squares_find_it(case):
    assert [point.index for point in change_points(case["values"])] == case["changes"]


def test_adjusted_p_values():
    same(holm(TWO_NIGHTS["holm"]["p"]), TWO_NIGHTS["holm"]["adjusted"])


@pytest.mark.parametrize("case", TWO_NIGHTS["rates"], ids=str)
def test_bounds_of_a_rate(case):
    good, n, confidence, low, high, near, far = case
    scores, bounds = wilson(good, n, confidence), exact(good, n, confidence)
    assert (scores.lower, scores.upper) == (approx(low, abs=1e-10), approx(high, abs=1e-10))
    assert (bounds.lower, bounds.upper) == (approx(near, abs=1e-10), approx(far, abs=1e-10))
