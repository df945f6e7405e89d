"""Battery plans: TOML in, a validated value out. Says what a life is and what would be good enough; never which cars
or which bench."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from rig.soak.battery.duty import Duty
from rig.soak.battery.limits import Figure, Limit, Scope
from rig.soak.battery.state import Start, Terms, Timing
from rig.soak.plan_file import PlanHead
from rig.toml_tables import Table

KIND = "battery"
_MOST_MINUTES = 24 * 60.0


class Recharge(StrEnum):
    """Who charges the cars back: the bays of the bench, or nobody, so that each has one life."""

    BENCH = "bench"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class BatteryPlan:
    """A validated plan. A life goes on until the battery is dead or it is `limit_minutes` old; `dying_mv` is the
    voltage from which on a silence is read as the end; `give_up_after` lives in a row that could not begin, a car is
    left alone for the rest of the part."""

    head: PlanHead
    lives_per_car: int
    limit_minutes: float
    recharge: Recharge
    charge_limit_minutes: float
    dying_mv: float
    give_up_after: int
    start: Start
    duty: Duty
    timing: Timing
    limits: tuple[Limit, ...]

    def terms(self, car: int, seed: int, *, can_charge: bool) -> Terms:
        """What holds for one car of a leg with this seed; `can_charge`: its bay has a charger."""
        return Terms(
            car=car,
            seed=seed,
            timing=self.timing,
            duty=self.duty,
            start=self.start,
            limit_s=self.limit_minutes * 60.0,
            charge_limit_s=self.charge_limit_minutes * 60.0,
            dying_mv=self.dying_mv,
            can_charge=can_charge and self.recharge is Recharge.BENCH,
        )


def parse_battery_plan(root: Table, head: PlanHead) -> BatteryPlan:
    """Reads what stands in a plan beside its head.

    Raises:
        InputError: a key is unknown, missing or out of range; the message names it, and the nearest known.
    """
    recharge = Recharge(root.choice("recharge", list(Recharge), default=Recharge.BENCH))
    plan = BatteryPlan(
        head=head,
        lives_per_car=root.integer("lives_per_car", default=1, least=1, most=1000),
        limit_minutes=root.number("limit_minutes", default=45.0, least=0.1, most=_MOST_MINUTES),
        recharge=recharge,
        charge_limit_minutes=root.number("charge_limit_minutes", default=20.0, least=0.1, most=_MOST_MINUTES),
        dying_mv=root.number("dying_mv", default=3500.0, least=2500.0, most=4200.0),
        give_up_after=root.integer("give_up_after", default=2, least=1, most=1000),
        start=_start(root.table("start")),
        duty=_duty(root.table("duty")),
        timing=_timing(root.table("timing")),
        limits=tuple(_limit(table) for table in root.tables("limit")),
    )
    if recharge is Recharge.NONE and plan.lives_per_car > 1:
        root.refuse("lives_per_car", "must be 1 where recharge is 'none': a dead car has no second life")
    for limit in plan.limits:
        _refuse_beyond(root, plan, limit)
    return plan


def _refuse_beyond(root: Table, plan: BatteryPlan, limit: Limit) -> None:
    """A bound that no life of the plan can get beyond could not be told from a cut."""
    if limit.figure is Figure.LIFE and limit.bound > plan.limit_minutes * 60.0:
        root.refuse("limit", f"of {limit.bound_text} lies beyond limit_minutes ({plan.limit_minutes:g} min)")
    if limit.figure is Figure.CHARGE:
        if plan.recharge is Recharge.NONE:
            root.refuse("limit", "is for the figure 'charge', and recharge is 'none'")
        if limit.bound > plan.charge_limit_minutes * 60.0:
            most = plan.charge_limit_minutes
            root.refuse("limit", f"of {limit.bound_text} lies beyond charge_limit_minutes ({most:g} min)")


def _start(table: Table) -> Start:
    start = Start(
        full_flag=table.boolean("full_flag", default=True),
        least_mv=table.integer("least_mv", least=2500, most=4300) if table.has("least_mv") else None,
    )
    if not start.full_flag and start.least_mv is None:
        table.refuse(
            "full_flag", "may be false only beside a least_mv: something must say that a cell is full"
        )
    table.finish()
    return start


def _duty(table: Table) -> Duty:
    usual = Duty()
    duty = Duty(
        race_s=table.number("race_s", usual.race_s, least=1.0, most=86_400.0),
        rest_s=table.number("rest_s", usual.rest_s, least=0.0, most=86_400.0),
        least_mm_s=table.integer("least_mm_s", usual.least_mm_s, least=100, most=1500),
        most_mm_s=table.integer("most_mm_s", usual.most_mm_s, least=100, most=1500),
        change_every_s=table.number("change_every_s", usual.change_every_s, least=1.0, most=86_400.0),
        accel_mm_s2=table.integer("accel_mm_s2", usual.accel_mm_s2, least=50, most=30_000),
    )
    if duty.most_mm_s < duty.least_mm_s:
        table.refuse("most_mm_s", f"must be at least least_mm_s ({duty.least_mm_s} mm/s)")
    table.finish()
    return duty


def _timing(table: Table) -> Timing:
    usual = Timing()
    timing = Timing(
        **{
            field.name: table.number(field.name, getattr(usual, field.name), least=0.5, most=3600.0)
            for field in fields(Timing)
        }
    )
    table.finish()
    return timing


def _limit(table: Table) -> Limit:
    figure = Figure(table.choice("figure", list(Figure)))
    scope = Scope(table.choice("scope", list(Scope), default=Scope.CAR))
    confidence = table.number("confidence", default=0.95, least=0.5, most=0.9999)
    quantile = table.number("quantile", least=0.01, most=0.99) if figure is not Figure.UNDISTURBED else None
    if figure is Figure.CHARGE:
        bound = 60.0 * table.number("at_most_minutes", least=0.01, most=_MOST_MINUTES)
    elif figure is Figure.LIFE:
        bound = 60.0 * table.number("at_least_minutes", least=0.01, most=_MOST_MINUTES)
    else:
        bound = table.number("at_least", least=0.0, most=1.0)
    table.finish()
    return Limit(figure, scope, confidence, bound, at_least=figure is not Figure.CHARGE, quantile=quantile)
