"""The battery kind: drive each car until its battery is dead, find out why it stopped, charge it back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.bays import Bays
from rig.soak.abilities import Ability, Need, Needs
from rig.soak.battery.leg_runner import LegRunner
from rig.soak.battery.plan import BatteryPlan, Recharge, parse_battery_plan
from rig.soak.battery.recorder import LifeRecorder
from rig.soak.kind import Leg, LegContext, Progress
from rig.soak.mending import BenchMender
from rig.soak.plan_file import PlanHead
from rig.soak.schedule import CarSet, derived_seed
from rig.store.lives import LifeRow
from rig.toml_tables import Table


class BatteryKind:
    """As `SoakKind` says."""

    name = "battery"
    unit = "life"
    row = LifeRow

    def parse(self, root: Table, head: PlanHead) -> BatteryPlan:
        """Reads `lives_per_car`, `recharge`, `[duty]`, `[[limit]]` and their like."""
        return parse_battery_plan(root, head)

    def size(self, plan: BatteryPlan) -> str:
        """E.g. `2 lives a car`."""
        return f"{plan.lives_per_car} {'life' if plan.lives_per_car == 1 else 'lives'} a car"

    def needs(self, plan: BatteryPlan) -> Needs:
        """A charger in each car's bay, unless the plan does without."""
        if plan.recharge is Recharge.NONE:
            return Needs()
        return Needs(
            (Need("its cars charged by the bench", Ability.CHARGER),),
            uses_bench=True,
            instead='write recharge = "none" and lives_per_car = 1',
        )

    def legs(self, plan: BatteryPlan, sets: Sequence[CarSet], seed: int) -> tuple[Leg, ...]:
        """Set after set."""
        return tuple(
            Leg(
                title=f"set {group.name}",
                set_name=group.name,
                cars=group.cars,
                seed=derived_seed(seed, "leg", group.name),
                units=plan.lives_per_car * len(group.cars),
            )
            for group in sets
        )

    async def run_leg(self, plan: BatteryPlan, leg: Leg, on: LegContext) -> None:
        """One set: its cars live side by side; at the end no car drives, no link is left, every charger is off."""
        radio = on.station.radio
        book = LifeRecorder(on.recorder)
        book.keep_cut_lives(leg.cars)
        async with _bays(plan, on) as bays:
            await LegRunner(
                plan,
                leg.cars,
                leg.seed,
                radio=radio,
                bays=bays,
                book=book,
                mender=BenchMender(
                    radio,
                    on.recorder,
                    remedies=on.station.remedies,
                    policy=on.recovery,
                    seed=leg.seed,
                    patience=plan.give_up_after,
                ),
                on_life=lambda car, done: on.on_progress(
                    Progress(on.part, on.leg, done, leg.units, car.label, on.recorder.now_s())
                ),
                on_left=on.on_left,
                on_frame=on.on_frame,
            ).run()


@asynccontextmanager
async def _bays(plan: BatteryPlan, on: LegContext) -> AsyncIterator[Bays | None]:
    bench = on.station.bench
    if bench is None or plan.recharge is Recharge.NONE:
        yield None
        return
    async with Bays(bench, acts=on.recorder, sees=AdvertSensor(on.station.radio)) as bays:
        yield bays
