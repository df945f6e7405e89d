"""Which part of the bench is to blame, told from who failed where; and what is flaky."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.statistics.crossover import Finding, Part, Trials, diagnose
from rig.statistics.flakiness import Tries, flakiness
from rig.statistics.rates import jeffreys
from rig.statistics.stratified import Table, cochran_mantel_haenszel

approx = pytest.approx
TWO_NIGHTS = json.loads(
    (Path(__file__).parents[3] / "fixtures" / "statistics" / "two_nights.json").read_text()
)


@pytest.mark.parametrize("case", TWO_NIGHTS["tables"], ids=lambda case: case["source"])
def test_stratified_tables_agree_with_the_reference(case):
    strata = [
        Table(a, a + b, c, c + d)  # rows: with and without; columns: failed and not
        for (a, b), (c, d) in case["strata"]
    ]
    found = cochran_mantel_haenszel(strata)
    assert (found.odds_ratio, found.statistic, found.p) == approx(
        (case["odds_ratio"], case["statistic"], case["p"])
    )
    corrected = cochran_mantel_haenszel(strata, corrected=True)
    assert [corrected.statistic, corrected.p] == approx(case["corrected"])


def test_strata_that_decide_nothing():
    found = cochran_mantel_haenszel([Table(3, 5, 0, 0), Table(0, 0, 1, 5)])
    assert (found.comparable, found.p) == (False, 1.0)
    assert math.isnan(found.odds_ratio)
    one = cochran_mantel_haenszel([Table(5, 5, 0, 5)])
    assert (one.odds_ratio, one.comparable) == (math.inf, True)


def nights(count, *, rotated, fails, seed=1, adapters=("usb 1", "usb 2"), hosts=("rig",), trials=60):
    """`count` nights of eight cars in eight bays, cars moved on by one bay a night if `rotated`, four cars on each
    adapter; `fails` gives a trial's chance of failing from (car, bay, adapter, host)."""
    chance = random.Random(seed)
    for night in range(count):
        for car in range(8):
            bay = (car + night) % 8 if rotated else car
            host = hosts[night % len(hosts)]
            adapter = f"{host} {adapters[(car + night) % 8 // 4 if rotated else car // 4]}"
            names = (f"car {car + 1}", f"bay {bay + 1}", adapter, host)
            failed = sum(chance.random() < fails(*names) for _ in range(trials))
            yield Trials(*names, failed, trials)


def only(kind, name, rate=0.3, floor=0.02):
    def fails(car, bay, adapter, host):
        return rate if name == {"car": car, "bay": bay, "adapter": adapter, "host": host}[kind] else floor

    return fails


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("kind", "name"), [("car", "car 3"), ("bay", "bay 5"), ("adapter", "rig usb 2")])
def test_the_part_that_fails_is_named_when_cars_rotate(kind, name, seed):
    found = diagnose(nights(4, rotated=True, fails=only(kind, name), seed=seed))
    assert found.finding is Finding.CAUSE
    assert [(cause.part, cause.name) for cause in found.causes] == [(Part(kind), name)]
    cause = name if name.startswith(kind) else f"{kind} {name}"
    assert found.sentence.startswith(f"The cause is {cause}: {cause} fails ")


def test_the_host_that_fails_is_named():
    fails = only("host", "hall")
    found = diagnose(nights(4, rotated=True, fails=fails, hosts=("rig", "hall"), adapters=("usb 1", "usb 2")))
    assert [str(cause) for cause in found.causes] == ["host hall"]


def test_a_car_that_never_left_its_bay_is_confounded_with_it():
    found = diagnose(nights(4, rotated=False, fails=only("bay", "bay 5")))
    assert found.finding is Finding.CONFOUNDED
    assert [str(suspect) for suspect in found.confounded] == ["car 5", "bay 5"]
    assert "rotate the cars over the bays" in found.sentence


def test_an_adapter_that_carries_failing_cars_is_blamed_without_rotation():
    """Four cars fail alike on one adapter: no car among them stands out, and their bays do not either."""
    found = diagnose(nights(2, rotated=False, fails=only("adapter", "rig usb 1"), trials=200))
    assert [str(cause) for cause in found.causes] == ["adapter rig usb 1"]


def test_one_bad_car_does_not_make_its_adapter_bad():
    found = diagnose(nights(2, rotated=False, fails=only("car", "car 2", rate=0.6), trials=200))
    assert found.finding is Finding.CONFOUNDED  # with its bay, but not with the adapter
    assert {suspect.part for suspect in found.confounded} == {Part.CAR, Part.BAY}
    without_bays = [
        Trials(t.car, "", t.adapter, t.host, t.failed, t.trials)
        for t in nights(2, rotated=False, fails=only("car", "car 2", rate=0.6), trials=200)
    ]
    assert [str(cause) for cause in diagnose(without_bays).causes] == ["car 2"]


def test_two_bad_parts_are_both_named():
    def fails(car, bay, adapter, host):
        return 0.4 if car == "car 1" or bay == "bay 6" else 0.01

    found = diagnose(nights(8, rotated=True, fails=fails))
    assert {str(cause) for cause in found.causes} == {"car 1", "bay 6"}


def test_no_blame_without_a_difference():
    assert diagnose([]).finding is Finding.NOTHING
    assert "None of 480" in diagnose(nights(1, rotated=True, fails=lambda *_: 0.0)).sentence
    even = diagnose(nights(3, rotated=True, fails=lambda *_: 0.3))
    assert even.finding is Finding.NOTHING
    assert "No car or bay or adapter fails clearly more" in even.sentence
    alone = diagnose([Trials("car 1", "bay 1", "usb 1", "rig", 5, 10)])
    assert "nothing to compare" in alone.sentence


def test_blame_is_rarely_laid_by_chance():
    blamed = sum(
        diagnose(nights(4, rotated=True, fails=lambda *_: 0.1, seed=seed)).finding is not Finding.NOTHING
        for seed in range(100)
    )
    assert blamed <= 1


@given(st.permutations(list(nights(2, rotated=True, fails=only("car", "car 3")))))
def test_the_order_of_trials_does_not_matter(shuffled):
    assert diagnose(shuffled) == diagnose(nights(2, rotated=True, fails=only("car", "car 3")))


def tries(rates, runs=10, tried=20, retried=0.5):
    return [
        Tries(key, f"run {run}", tried, round(rate * tried), round(rate * tried * retried))
        for key, rate in rates.items()
        for run in range(runs)
    ]


def test_the_lower_bound_decides_what_is_flaky():
    found = flakiness(tries({"car 1": 0.2, "car 2": 0.05, "car 3": 0.0}), budget=0.05)
    assert [(f.key, f.is_flagged) for f in found] == [("car 1", True), ("car 2", False), ("car 3", False)]
    assert (found[0].rate, found[0].retry_rate, found[0].tried) == (0.2, 0.5, 200)
    assert found[2].lower == found[2].rate == found[2].retry_rate == 0.0
    assert not flakiness([Tries("car 1", "run", 1, 1, 1)], budget=0.05)[0].is_flagged
    assert flakiness([Tries("car 1", "run", 2, 2, 0)], budget=0.05)[0].is_flagged


def test_mass_failures_are_kept_apart():
    """One night the adapter was gone: every car failed all its tries."""
    rows = tries({f"car {n}": 0.02 for n in range(4)}, tried=50)
    rows += [Tries(f"car {n}", "bad night", 50, 50, 0) for n in range(4)]
    found = flakiness(rows, budget=0.05)
    assert not any(f.is_flagged for f in found)
    assert {f.mass_runs for f in found} == {("bad night",)}
    assert {(f.runs, f.tried) for f in found} == {(10, 500)}
    # one car that fails all its tries is a bad car, not a bad night
    one_car = [Tries("car 0", "bad night", 300, 300, 0), Tries("car 1", "bad night", 20, 0, 0)]
    assert flakiness(one_car, budget=0.05)[0].is_flagged


@given(st.integers(1, 200), st.data())
def test_a_rate_lies_between_its_bounds(tried, data):
    failed = data.draw(st.integers(0, tried))
    lower, upper = jeffreys(failed, tried, 0.95)
    assert 0.0 <= lower <= failed / tried <= upper <= 1.0


def test_published_bounds_of_a_rate():
    """Brown, Cai & DasGupta (2001), table 5: n = 7, x = 1 and n = 30, x = 6."""
    assert jeffreys(1, 7, 0.95) == approx((0.016, 0.501), abs=0.0006)
    assert jeffreys(6, 30, 0.95) == approx((0.087, 0.367), abs=0.002)
