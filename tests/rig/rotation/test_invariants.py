"""The invariants, each broken once and each kept once."""

from __future__ import annotations

import pytest

from rig.rotation.invariants import (
    CHARGED_AFTER_SET_UP,
    IN_TIME,
    INVARIANTS,
    NO_CHARGER_IN_RACE,
    NOT_BOTH_OFF,
    RESTING_NOT_DRIVEN,
    TimedFact,
    What,
    check_history,
)

SETS = {1: "A", 2: "A", 11: "B", 12: "B"}


def fact(at_s, what, subject="", on=True):
    return TimedFact(at_s, what, subject, on)


RACE_A = [fact(0.0, What.SET_UP, "A"), fact(1.0, What.RACING, "A")]
RACE_B = [fact(0.0, What.SET_UP, "B"), fact(1.0, What.RACING, "B")]


def broken(*history):
    return [breach.invariant for breach in check_history(SETS, 60.0, history).breaches]


def test_a_good_swap_breaks_nothing_and_is_checked_throughout():
    history = [
        *RACE_A,
        fact(1.0, What.RACE_DUE),
        fact(2.0, What.DRIVEN, 1),
        fact(100.0, What.SWAP),
        fact(101.0, What.RACING, "A", on=False),
        *(fact(105.0, What.POWER, car, on=False) for car in (1, 2)),
        fact(108.0, What.SET_UP, "B"),
        *(fact(109.0, What.CHARGER, car) for car in (1, 2)),
        fact(110.0, What.SWAP, on=False),
        fact(111.0, What.RACING, "B"),
    ]
    findings = check_history(SETS, 60.0, history)
    assert findings.breaches == ()
    assert all(findings.checked[name] for name in INVARIANTS)


@pytest.mark.parametrize("on", [True, None])
def test_a_charger_that_is_or_may_be_on_in_its_race(on):
    assert NO_CHARGER_IN_RACE in broken(*RACE_A, fact(5.0, What.CHARGER, 1, on=on))
    assert NO_CHARGER_IN_RACE in broken(fact(0.0, What.CHARGER, 1, on=on), *RACE_A)
    assert broken(*RACE_B, fact(5.0, What.CHARGER, 1, on=on)) == []


def test_both_sets_off_while_a_race_is_due():
    off = [fact(5.0, What.POWER, car, on=False) for car in SETS]
    assert broken(*off) == []
    assert broken(fact(0.0, What.RACE_DUE), *off) == [NOT_BOTH_OFF]
    assert broken(*off, fact(6.0, What.RACE_DUE)) == [NOT_BOTH_OFF]
    assert broken(fact(0.0, What.RACE_DUE), *off[:-1]) == []
    assert broken(fact(0.0, What.RACE_DUE), fact(1.0, What.OUT, 12), *off[:-1]) == [NOT_BOTH_OFF]


def test_a_resting_car_that_is_driven():
    assert broken(*RACE_A, fact(5.0, What.DRIVEN, 11)) == [RESTING_NOT_DRIVEN]
    assert broken(*RACE_A, fact(4.0, What.RACING, "A", on=False), fact(5.0, What.DRIVEN, 1)) == [
        RESTING_NOT_DRIVEN
    ]


def test_a_swap_beyond_its_budget_is_reported_once():
    late = [fact(0.0, What.SWAP), fact(70.0, What.POWER, 1), fact(80.0, What.SWAP, on=False)]
    assert broken(*late) == [IN_TIME]
    assert broken(*late, *[fact(t.at_s + 100.0, t.what, t.subject, t.on) for t in late]) == [IN_TIME, IN_TIME]
    assert broken(fact(0.0, What.SWAP), fact(59.0, What.SWAP, on=False)) == []


def test_a_charger_before_the_other_set_is_set_up():
    assert broken(fact(5.0, What.CHARGER, 1)) == [CHARGED_AFTER_SET_UP]
    assert broken(fact(4.0, What.SET_UP, "A"), fact(5.0, What.CHARGER, 1)) == [CHARGED_AFTER_SET_UP]
    given_up = fact(4.5, What.SET_UP, "B", on=False)
    assert broken(fact(4.0, What.SET_UP, "B"), given_up, fact(5.0, What.CHARGER, 1)) == [CHARGED_AFTER_SET_UP]


def test_what_was_known_before_a_gap_accuses_nobody_after_it():
    gap = fact(50.0, What.FORGOTTEN)
    assert broken(fact(0.0, What.SWAP), gap, fact(500.0, What.POWER, 1)) == []
    assert (
        broken(fact(0.0, What.CHARGER, 11, on=False), *RACE_A, gap, fact(60.0, What.CHARGER, 1, on=False))
        == []
    )
