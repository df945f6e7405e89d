"""Swap plans: how many swaps, how long a race, what a step may take, what the nemesis does, what is good enough."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rig.soak.limits import Limit
from rig.soak.plan_file import PlanHead
from rig.soak.swap.nemesis import FaultKind
from rig.soak.swap.steps import Step, StepLimits
from rig.toml_tables import Table


class Figure(StrEnum):
    """What a limit may be put on.

    TOTAL: from the call that a set is dying until it charges, of complete swaps. SUCCESS: share of swaps that were
    complete. FAULTS_MET: share of the nemesis's faults that were answered rightly. Swaps the nemesis spoiled are left
    out of the first two, and so are those the bench failed.
    """

    TOTAL = "total"
    SUCCESS = "success"
    FAULTS_MET = "faults_met"


@dataclass(frozen=True, slots=True)
class SwapPlan:
    """A validated plan. Cars race for `race_s` seconds at `speed_mm_s` before each swap; a swap that takes longer
    than `budget_s` breaks an invariant; `give_up_after` swaps in a row in which a car was taken out without the
    nemesis's doing, it is left alone. `rates` are chances per swap."""

    head: PlanHead
    swaps: int
    race_s: float
    speed_mm_s: int
    budget_s: float
    give_up_after: int
    steps: StepLimits
    rates: dict[FaultKind, float]
    limits: tuple[Limit, ...]


def parse_swap(root: Table, head: PlanHead) -> SwapPlan:
    """Checks what a swap plan says beside its head; unknown keys are the caller's to refuse.

    Raises:
        InputError: a key is missing or out of range; the message names it.
    """
    plan = SwapPlan(
        head=head,
        swaps=root.integer("swaps", least=1, most=100_000),
        race_s=root.number("race_s", default=60.0, least=1.0, most=7200.0),
        speed_mm_s=root.integer("speed_mm_s", default=400, least=0, most=1200),
        budget_s=root.number("budget_s", default=300.0, least=10.0, most=7200.0),
        give_up_after=root.integer("give_up_after", default=3, least=1, most=1000),
        steps=_steps(root.table("steps")),
        rates=_rates(root.table("nemesis")),
        limits=tuple(_limit(table) for table in root.tables("limit")),
    )
    most_s = sum(plan.steps.of(step) for step in Step)
    if plan.budget_s < most_s:
        root.refuse(
            "budget_s", f"must be at least the steps' limits together ({most_s:g} s), not {plan.budget_s:g}"
        )
    for limit in plan.limits:
        if limit.at_most_s is not None and limit.at_most_s > plan.budget_s:
            root.refuse("limit", f"of {limit.at_most_s:g} s lies beyond budget_s ({plan.budget_s:g} s)")
        if limit.figure == Figure.FAULTS_MET and not any(plan.rates.values()):
            root.refuse("limit", f"is on {Figure.FAULTS_MET}, and [nemesis] makes no faults")
    return plan


def _steps(table: Table) -> StepLimits:
    usual = StepLimits()
    steps = StepLimits(
        ready_s=table.number("ready_s", usual.ready_s, least=5.0, most=3600.0),
        off_s=table.number("off_s", usual.off_s, least=5.0, most=3600.0),
        set_up_s=table.number("set_up_s", usual.set_up_s, least=5.0, most=3600.0),
        charge_s=table.number("charge_s", usual.charge_s, least=5.0, most=3600.0),
        presses=table.integer("presses", usual.presses, least=1, most=20),
        connects=table.integer("connects", usual.connects, least=1, most=20),
        charges=table.integer("charges", usual.charges, least=1, most=20),
        listen_s=table.number("listen_s", usual.listen_s, least=3.5, most=60.0),
    )
    table.finish()
    return steps


def _rates(table: Table) -> dict[FaultKind, float]:
    rates = {kind: table.number(kind.value, 0.0, least=0.0, most=1.0) for kind in FaultKind}
    table.finish()
    return rates


def _limit(table: Table) -> Limit:
    figure = Figure(table.choice("figure", list(Figure)))
    is_time = figure is Figure.TOTAL
    limit = Limit(
        figure.value,
        table.number("confidence", default=0.95, least=0.5, most=0.9999),
        quantile=table.number("quantile", least=0.01, most=0.9999) if is_time else None,
        at_most_s=table.number("at_most_s", least=0.001, most=7200.0) if is_time else None,
        at_least=None if is_time else table.number("at_least", least=0.0, most=1.0),
    )
    table.finish()
    return limit
