"""Swap plans: what they may say, and what is refused."""

from __future__ import annotations

import pytest

from rig.errors import InputError
from rig.soak.plan_file import parse_head
from rig.soak.swap.nemesis import FaultKind
from rig.soak.swap.plan import parse_swap
from rig.soak.swap.steps import Step, StepLimits
from rig.toml_tables import parse_toml

LEAST = """
kind = "swap"
name = "short"
swaps = 3
[[limit]]
figure = "success"
at_least = 0.5
"""


def parsed(text):
    root = parse_toml(text, source="short.toml")
    root.choice("kind", ["swap"])
    plan = parse_swap(root, parse_head(root, "swap", text))
    root.finish()
    return plan


def test_what_a_plan_does_not_say_has_a_usual_value_and_no_nemesis():
    plan = parsed(LEAST)
    assert (plan.swaps, plan.steps, plan.give_up_after) == (3, StepLimits(), 3)
    assert not any(plan.rates.values())
    assert set(plan.rates) == set(FaultKind)
    assert plan.budget_s >= sum(plan.steps.of(step) for step in Step)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("[nemesis]\nstuck_buton = 0.1", "did you mean 'stuck_button'"),
        ("[nemesis]\nflat = 1.5", "from 0 to 1"),
        ("[steps]\npresses = 0", "presses"),
        ('[[limit]]\nfigure = "total"\nquantile = 0.9\nat_most_s = 1000.0', "lies beyond budget_s"),
        ('[[limit]]\nfigure = "faults_met"\nat_least = 0.9', "[nemesis] makes no faults"),
        ("[steps]\nready_s = 400.0", "must be at least the steps' limits together (580 s)"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(more, words):
    with pytest.raises(InputError) as refused:
        parsed(LEAST + more)
    assert words in str(refused.value)
