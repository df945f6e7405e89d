"""Two runs whose difference is known, and two that do not differ."""

from __future__ import annotations

import io
import json
import random
from dataclasses import replace

import pytest
from rich.console import Console

from rig.history.comparison import RunFigures, compare, sign_flip_p
from rig.history.comparison_words import (
    comparison_document,
    comparison_renderables,
    headline,
    render_comparison_json,
)
from rig.report.metric import Metric
from rig.soak.outcome import Outcome
from rig.statistics.survival import Ended, Observation

CARS = [f"car {letter}" for letter in "ABCDEFGH"]


def run(run_id, *, seed, slower=1.0, failing=0.0, short_lived=(), cars=CARS, attempts=40):
    rng = random.Random(seed)
    samples, lives, metrics = {}, {}, []
    for place, car in enumerate(cars):
        samples[car] = [(2.5 + place / 10) * slower * rng.lognormvariate(0.0, 0.2) for _ in range(attempts)]
        median = sorted(samples[car])[attempts // 2]
        metrics.append(Metric("reconnect.p50_s", "car", car, median, "s", attempts, "low"))
        good = sum(rng.random() >= failing for _ in range(attempts))
        metrics.append(Metric("reconnect.success", "car", car, good / attempts, "share", attempts, "high"))
        share = 0.6 if car in short_lived else 1.0
        lives[car] = [Observation(share * (180 + rng.gauss(0, 2)), Ended.EVENT) for _ in range(6)]
    metrics.append(Metric("reconnect.p50_s", "set", "A", 2.7, "s", 4 * attempts, "low"))
    bench = {"bleak": "3.1.0", "kernel": "6.1"}
    verdicts = dict.fromkeys(cars, Outcome.PASS)
    return RunFigures(run_id, Outcome.PASS, tuple(metrics), bench, verdicts, {"reconnect": samples}, lives)


def test_two_runs_of_the_same_truth_do_not_differ():
    for seed in range(5):
        comparison = compare(run("a", seed=seed), run("b", seed=1000 + seed))
        assert not any(each.stands_out for each in comparison.differences)
        assert comparison.cars == ()
        assert headline(comparison) == "No difference stands out."


def test_a_slower_night_is_told_with_its_size_and_its_bounds():
    later = replace(run("b", seed=2, slower=1.3), bench={"bleak": "3.2.0", "kernel": "6.1", "relay 1": "v4"})
    comparison = compare(run("a", seed=1), later)
    slower, success = comparison.differences
    assert (slower.metric, slower.stands_out, slower.is_worse) == ("reconnect.p50_s", True, True)
    assert slower.change == pytest.approx(0.3, abs=0.08)
    assert slower.shift.lower < slower.shift.value < slower.shift.upper
    assert slower.shift.lower > 0.0
    assert 0.4 < slower.delta <= 1.0
    assert not success.stands_out
    assert {car.car for car in comparison.cars} <= set(CARS)
    assert [str(change) for change in comparison.changed] == [
        "bleak 3.1.0 → 3.2.0",
        "relay 1 v4, which was not there before",
    ]
    assert headline(comparison) == "The later run is worse in reconnect.p50_s."
    assert headline(compare(later, run("a", seed=1))) == "The later run is better in reconnect.p50_s."


def test_a_battery_that_lasts_shorter_is_found_among_its_own_lives():
    comparison = compare(run("a", seed=1), run("b", seed=2, short_lived={"car C"}))
    assert [(car.car, car.what, car.test) for car in comparison.cars] == [
        ("car C", "battery life", "log-rank")
    ]
    assert comparison.lives_p is not None
    assert headline(comparison) == "Not the fleet, but single cars moved: car C."


def test_a_success_rate_that_fell_is_told_in_points():
    comparison = compare(run("a", seed=1), run("b", seed=2, failing=0.3))
    success = next(each for each in comparison.differences if each.is_share)
    assert success.stands_out
    assert success.is_worse
    assert success.change == pytest.approx(-0.3, abs=0.06)
    assert {car.what for car in comparison.cars} == {"reconnect.success"}


def test_too_few_cars_have_no_p_value_but_their_own_samples():
    few = CARS[:2]
    comparison = compare(run("a", seed=1, cars=few), run("b", seed=2, slower=1.5, cars=few))
    assert all(each.p is None and not each.stands_out for each in comparison.differences)
    assert {car.car for car in comparison.cars} == set(few)


def test_cars_that_are_new_or_gone_or_judged_otherwise_are_named():
    later = run("b", seed=2, cars=CARS[1:])
    later = replace(later, verdicts={**later.verdicts, "car B": Outcome.FAIL, "new": Outcome.PASS})
    comparison = compare(run("a", seed=1), later)
    assert [(c.car, c.before, c.after) for c in comparison.verdicts] == [
        ("car A", Outcome.PASS, None),
        ("car B", Outcome.PASS, Outcome.FAIL),
        ("new", None, Outcome.PASS),
    ]
    assert comparison.differences[0].subjects == tuple(CARS[1:])


def test_text_and_json_tell_the_same():
    comparison = compare(run("a", seed=1), run("b", seed=2, slower=1.3, short_lived={"car C"}))
    console = Console(width=140, record=True, file=io.StringIO())
    for part in comparison_renderables(comparison):
        console.print(part)
    text = console.export_text()
    document = json.loads(render_comparison_json(comparison))
    assert document == json.loads(json.dumps(comparison_document(comparison)))
    assert document["headline"] in text
    for each in document["differences"]:
        assert each["metric"] in text
    assert "nothing on record" in text


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([1, 1, 1, 1], None),
        ([1, 1, 1, 1, 1], 2 / 32),
        ([0.3] * 8, 2 / 256),
        ([0.0] * 6, 1.0),
        ([1, -1, 1, -1, 1, -1], 1.0),
        ([3, 2, 1, -1, 4, 5], 6 / 64),
    ],
)
def test_swapping_nights_gives_the_exact_p(differences, p):
    assert sign_flip_p(differences) == (p if p is None else pytest.approx(p))
