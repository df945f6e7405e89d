"""Which radio carries a car: the cases by hand, then what must hold for any."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.radio.assignment import (
    FORGIVE_AFTER_S,
    RELEARN_AFTER_S,
    Candidate,
    Failures,
    LearnedSlots,
    choose_radio,
)

NEAR, FAR = -50, -80


def radio(number, **facts):
    return Candidate(number, **({"rssi_dbm": NEAR} | facts))


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ({}, {}, 0),
        ({"in_use": 1}, {}, 1),
        ({"in_use": 1}, {"rssi_dbm": FAR}, 1),
        ({"rssi_dbm": FAR}, {}, 1),
        ({}, {"rssi_dbm": FAR, "carried": True}, 1),
        ({}, {"in_use": 1, "carried": True}, 0),
        ({"failures": 1}, {"in_use": 3}, 1),
        ({"failures": 1, "carried": True}, {"failures": 1}, 0),
        ({"failures": 2}, {"failures": 1, "in_use": 1}, 1),
        ({"in_use": 3, "slots": 3}, {"in_use": 3, "slots": 4}, 1),
        ({"in_use": 3, "slots": 3}, {"in_use": 4}, 1),
        ({"slots": 0}, {"failures": 7}, 1),
        ({"in_use": 3, "slots": 3}, {"in_use": 3, "slots": 3}, None),
        ({"lost": True}, {"in_use": 2, "failures": 3}, 1),
        ({"lost": True}, {"lost": True}, None),
        ({"deaf": True, "rssi_dbm": None}, {"in_use": 2}, 1),
        ({"rssi_dbm": None}, {"in_use": 1}, 0),
        ({"rssi_dbm": None}, {}, 1),
        ({"deaf": True}, {"lost": True}, None),
    ],
)
def test_the_table(first, second, chosen):
    found = choose_radio([radio(0, **first), radio(1, **second)])
    assert (None if found is None else found.number) == chosen


candidates = st.lists(
    st.builds(
        Candidate,
        number=st.just(0),
        in_use=st.integers(0, 5),
        slots=st.none() | st.integers(0, 5),
        rssi_dbm=st.none() | st.integers(-127, 20),
        failures=st.integers(0, 3),
        carried=st.booleans(),
        lost=st.booleans(),
        deaf=st.booleans(),
    ),
    max_size=5,
).map(lambda found: [replace(one, number=number) for number, one in enumerate(found)])


@given(candidates)
def test_it_chooses_one_that_can_and_none_that_is_worse(found):
    able = [one for one in found if not (one.lost or one.deaf or one.is_full)]
    chosen = choose_radio(found)
    assert (chosen is None) == (not able)
    if chosen is not None:
        assert chosen in able
        assert all((chosen.failures, chosen.in_use) <= (one.failures, one.in_use) for one in able)


@given(candidates, st.randoms())
def test_the_order_they_stand_in_does_not_matter(found, random):
    mixed = list(found)
    random.shuffle(mixed)
    assert choose_radio(mixed) == choose_radio(found)


@given(st.integers(2, 4), st.integers(1, 12), st.lists(st.integers(-90, -40), min_size=4, max_size=4))
def test_cars_spread_evenly_however_well_each_radio_hears(radios, cars, levels):
    in_use = [0] * radios
    for _ in range(cars):
        chosen = choose_radio(
            [Candidate(n, in_use=in_use[n], rssi_dbm=levels[n], slots=12) for n in range(radios)]
        )
        in_use[chosen.number] += 1
    assert max(in_use) - min(in_use) <= 1


@given(st.integers(2, 4), st.sets(st.integers(0, 3)), st.integers(0, 3))
def test_a_car_that_fails_on_some_radios_reaches_one_that_works_within_as_many_attempts(radios, bad, carried):
    """Sticky but not stubborn: whichever carried it, no radio is tried twice before all were tried once."""
    failed = dict.fromkeys(range(radios), Failures())
    tried = []
    for attempt in range(radios):
        chosen = choose_radio(
            [radio(n, failures=failed[n].standing(attempt), carried=n == carried) for n in range(radios)]
        ).number
        assert chosen not in tried
        tried.append(chosen)
        if chosen not in bad:
            return
        failed[chosen] = failed[chosen].one_more(attempt)
    assert set(tried) <= bad


def test_failures_are_counted_in_a_row_and_forgiven():
    twice = Failures().one_more(10.0).one_more(20.0)
    assert twice.standing(20.0) == twice.standing(19.9 + FORGIVE_AFTER_S) == 2
    assert twice.standing(20.0 + FORGIVE_AFTER_S) == 0
    assert twice.one_more(20.0 + FORGIVE_AFTER_S).count == 1


def test_a_learned_limit_is_tried_again_after_a_while():
    learned = LearnedSlots(3, 100.0)
    assert learned.standing(99.9 + RELEARN_AFTER_S) == 3
    assert learned.standing(100.0 + RELEARN_AFTER_S) is None
