"""Battery plans: what they may say, and what is refused with which words."""

from __future__ import annotations

import pytest

from rig.errors import InputError
from rig.soak.battery.limits import Figure, Scope
from rig.soak.battery.plan import Recharge
from rig.soak.kinds import load_plan, parse_plan

HEAD = 'kind = "battery"\nname = "x"\n'
LIMIT = '[[limit]]\nfigure = "life"\nquantile = 0.5\nat_least_minutes = 15\n'


def parse(text):
    return parse_plan(HEAD + text, source="x.toml")


def test_the_builtin_plan_asks_for_what_its_lives_can_show():
    plan = load_plan("battery")
    assert (plan.lives_per_car, plan.recharge) == (2, Recharge.BENCH)
    assert {limit.figure for limit in plan.limits} == set(Figure)
    for limit in plan.limits:
        lives = plan.lives_per_car * (4 if limit.scope is Scope.SET else 1)
        share = (
            limit.bound
            if limit.quantile is None
            else 1.0 - limit.quantile
            if limit.at_least
            else limit.quantile
        )
        assert share**lives <= 1.0 - limit.confidence + 1e-9, f"{limit.name} cannot pass with {lives} lives"


def test_everything_has_a_default_but_the_limits():
    plan = parse(LIMIT)
    assert plan.limit_minutes == 45.0
    assert plan.limits[0].bound == 900.0
    assert plan.terms(7, 1, can_charge=True).can_charge


def test_a_plan_without_charging_never_asks_for_it():
    plan = parse('recharge = "none"\n' + LIMIT)
    assert not plan.terms(7, 1, can_charge=True).can_charge


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'limit' is missing: a plan without a limit can only be inconclusive"),
        ("lives_per_carr = 2\n" + LIMIT, "unknown key 'lives_per_carr'; did you mean 'lives_per_car'?"),
        ('recharge = "none"\nlives_per_car = 2\n' + LIMIT, "must be 1 where recharge is 'none'"),
        ("limit_minutes = 10\n" + LIMIT, "of 15 min lies beyond limit_minutes (10 min)"),
        (
            'charge_limit_minutes = 5\n[[limit]]\nfigure = "charge"\nquantile = 0.5\nat_most_minutes = 8\n',
            "of 8 min lies beyond charge_limit_minutes (5 min)",
        ),
        (
            'recharge = "none"\n[[limit]]\nfigure = "charge"\nquantile = 0.5\nat_most_minutes = 8\n',
            "is for the figure 'charge', and recharge is 'none'",
        ),
        (LIMIT + "[duty]\nleast_mm_s = 900\nmost_mm_s = 800\n", "must be at least least_mm_s (900 mm/s)"),
        (LIMIT + "[start]\nfull_flag = false\n", "may be false only beside a least_mv"),
        (LIMIT + "[duty]\nrace = 5\n", "unknown key 'race'"),
        (LIMIT.replace("life", "lives"), "must be one of life, charge, speed_held, undisturbed"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text, says):
    with pytest.raises(InputError) as refused:
        parse(text)
    assert says in str(refused.value)
