"""A schedule depends on the plan, the cars and the seed, and on nothing that happened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rig.soak.kinds import load_plan
from rig.soak.reconnect.plan import Loss, Order
from rig.soak.reconnect.rounds import legs_of
from rig.soak.schedule import CarSet, SoakCar, derived_seed

SETS = [
    CarSet(name, tuple(SoakCar(base + i, f"{name}{i}") for i in range(4)))
    for name, base in (("A", 1), ("B", 9))
]


@pytest.fixture
def plan():
    return replace(load_plan("reconnect"), cycles_per_car=10)


def slots(legs):
    return [slot for leg in legs for slots in leg.rounds for slot in slots]


def test_every_car_gets_every_cycle_once_and_sets_come_one_after_the_other(plan):
    legs = legs_of(plan, SETS, 1)
    assert [leg.set_name for leg in legs] == ["A", "B"]
    ran = [(slot.car.identifier, slot.cycle) for slot in slots(legs)]
    assert sorted(ran) == sorted(
        (car.identifier, n) for group in SETS for car in group.cars for n in range(1, 11)
    )


def test_cars_take_turns(plan):
    first = [slot.car.label for slot in slots(legs_of(plan, SETS, 1))[:8]]
    assert first == ["A0", "A1", "A2", "A3"] * 2


def test_both_kinds_of_loss_come_equally_often_in_turn(plan):
    losses = [slot.loss for slot in slots(legs_of(plan, SETS, 1)) if slot.car.label == "A0"]
    assert losses == [Loss.VANISH, Loss.DISCONNECT] * 5


def test_the_same_seed_gives_the_same_schedule_and_another_gives_another(plan):
    shuffled = replace(plan, order=Order.SHUFFLED)
    for each in (plan, shuffled):
        assert legs_of(each, SETS, 1) == legs_of(each, SETS, 1)
        assert legs_of(each, SETS, 1) != legs_of(each, SETS, 2)


def test_what_a_cycle_gets_does_not_depend_on_the_cycles_before(plan):
    few, many = legs_of(plan, SETS, 1), legs_of(replace(plan, cycles_per_car=20), SETS, 1)
    assert slots(few[:1]) == slots(many[:1])[:40]


def test_pauses_lie_between_the_plans_bounds(plan):
    pauses = {slot.settle_s for slot in slots(legs_of(plan, SETS, 1))}
    assert len(pauses) == 80
    assert min(pauses) >= plan.timing.settle_least_s
    assert max(pauses) <= plan.timing.settle_most_s


def test_cars_that_lose_their_links_together_share_a_round_and_an_instant(plan):
    rounds = legs_of(replace(plan, at_once=4), SETS, 1)[0].rounds
    assert all(len(together) == 4 and len({slot.settle_s for slot in together}) == 1 for together in rounds)


def test_each_leg_has_a_world_of_its_own(plan):
    seeds = {leg.seed for seed in (1, 2) for leg in legs_of(plan, SETS, seed)}
    assert len(seeds) == 4
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_derived_seeds_are_the_same_on_every_machine():
    assert derived_seed("x") == 2697552496229297191
    assert derived_seed(1, "leg", "A") != derived_seed(1, "leg", "B")


def test_with_a_pace_each_round_is_due_whatever_the_one_before_took(plan):
    paced = legs_of(replace(plan, at_once=4, pace_s=20.0), SETS, 1)
    assert [slots[0].due_s for slots in paced[0].rounds[:3]] == [20.0, 40.0, 60.0]
    assert all(len({slot.due_s for slot in slots}) == 1 for slots in paced[0].rounds)
    assert {slot.due_s for slot in slots(legs_of(plan, SETS, 1))} == {None}
