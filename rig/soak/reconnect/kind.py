"""The reconnect kind: break each car's link again and again, and see how soon it talks to us afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.bays import Bays
from rig.soak.abilities import Ability, Need, Needs
from rig.soak.kind import LegContext, Progress
from rig.soak.mending import BenchMender
from rig.soak.plan_file import DEFAULT_BENCH_PLAN, PlanHead
from rig.soak.reconnect.breaker import LinkBreaker
from rig.soak.reconnect.car_runner import BREAK_LINK
from rig.soak.reconnect.leg_runner import LegRunner
from rig.soak.reconnect.plan import Loss, ReconnectPlan, parse_reconnect
from rig.soak.reconnect.recorder import CycleRecorder
from rig.soak.reconnect.rounds import ReconnectLeg, legs_of
from rig.soak.reconnect.vendor_app import vendor_app
from rig.soak.schedule import CarSet
from rig.store.rows import ActRow, CycleRow
from rig.toml_tables import Table

_BENCH_LOSSES = {Loss.AFTER_CHARGE: Ability.CHARGER, Loss.AFTER_BUTTON: Ability.BUTTON}
_NEEDS: dict[Loss, Ability] = {
    **{loss: Ability.SIMULATED_RADIO for loss in Loss if loss is not Loss.DISCONNECT},
    **_BENCH_LOSSES,
}


class ReconnectKind:
    """As `SoakKind` says."""

    name = "reconnect"
    unit = "cycle"
    row = CycleRow

    def parse(self, root: Table, head: PlanHead) -> ReconnectPlan:
        """Reads `cycles_per_car`, `losses`, `[timing]`, `[[limit]]` and their like."""
        return parse_reconnect(root, head)

    def size(self, plan: ReconnectPlan) -> str:
        """E.g. `200 cycles a car`."""
        return f"{plan.cycles_per_car} cycles a car"

    def needs(self, plan: ReconnectPlan) -> Needs:
        """What its losses take."""
        return Needs(
            tuple(Need(f"the loss '{loss}'", _NEEDS[loss]) for loss in plan.losses if loss in _NEEDS),
            uses_bench=not _BENCH_LOSSES.keys().isdisjoint(plan.losses),
            instead=f"take out that loss, or use plan '{DEFAULT_BENCH_PLAN}'",
        )

    def legs(self, plan: ReconnectPlan, sets: Sequence[CarSet], seed: int) -> tuple[ReconnectLeg, ...]:
        """Set after set."""
        return legs_of(plan, sets, seed)

    async def run_leg(self, plan: ReconnectPlan, leg: ReconnectLeg, on: LegContext) -> None:
        """One set: its cars brought up together, their cycles in turn, a safe stop at the end of everything."""
        station = on.station
        async with AsyncExitStack() as stack:
            app = bays = None
            if Loss.AFTER_APP in plan.losses and station.world is not None:
                app = await stack.enter_async_context(vendor_app(station.world))
            adverts = AdvertSensor(station.radio)
            if station.bench is not None:
                bays = await stack.enter_async_context(Bays(station.bench, acts=on.recorder, sees=adverts))
            breaker = LinkBreaker(
                world=station.world, bays=bays, adverts=adverts, app=app, timing=plan.timing
            )
            for car in leg.cars if bays is not None and not on.recorder.replays else ():
                if _was_cut_off(on.recorder.acts_on_record_of(car)):
                    breaker.suspect_off(car.identifier)
            await LegRunner(
                plan,
                leg,
                radio=station.radio,
                breaker=breaker,
                recorder=CycleRecorder(on.recorder),
                on_done=lambda car, done, at_s: on.on_progress(
                    Progress(on.part, on.leg, done, leg.units, car.label, at_s)
                ),
                on_left=on.on_left,
                mender=BenchMender(
                    station.radio,
                    on.recorder,
                    remedies=station.remedies,
                    policy=on.recovery,
                    seed=leg.seed,
                    patience=plan.give_up_after,
                ),
                on_frame=on.on_frame,
            ).run()


def _was_cut_off(acts: Sequence[ActRow]) -> bool:
    """Whether the last loss that was made to a car is one by its power button, and not on record as carried through."""
    losses = [act for act in acts if act.act == BREAK_LINK]
    return bool(losses) and losses[-1].detail == Loss.AFTER_BUTTON and losses[-1].state != "ok"
