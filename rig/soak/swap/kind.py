"""The swap kind: two sets take turns again and again, and every step of it is timed, confirmed and interfered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.bays import Bays
from rig.errors import InputError
from rig.soak.abilities import Ability, Need, Needs
from rig.soak.kind import Leg, LegContext, Progress
from rig.soak.mending import BenchMender
from rig.soak.plan_file import PlanHead
from rig.soak.recorder import LegRecorder
from rig.soak.schedule import CarSet, SoakCar, derived_seed
from rig.soak.swap.cut import cut_swaps
from rig.soak.swap.interference import IN_WORLD
from rig.soak.swap.leg_runner import Finished, SwapRunner, books_for
from rig.soak.swap.plan import SwapPlan, parse_swap
from rig.soak.swap.row import row_of
from rig.store.swaps import SwapRow
from rig.toml_tables import Table

_SETS = 2


@dataclass(frozen=True, slots=True)
class SwapLeg(Leg):
    """Both sets in one world."""

    sets: tuple[CarSet, ...]


class SwapKind:
    """As `SoakKind` says."""

    name = "swap"
    unit = "swap"
    row = SwapRow

    def parse(self, root: Table, head: PlanHead) -> SwapPlan:
        """Reads `swaps`, `race_s`, `[steps]`, `[nemesis]`, `[[limit]]` and their like."""
        return parse_swap(root, head)

    def size(self, plan: SwapPlan) -> str:
        """E.g. `80 swaps`."""
        return f"{plan.swaps} swaps"

    def needs(self, plan: SwapPlan) -> Needs:
        """A bay with everything for each car; a simulated world for some of the nemesis's faults."""
        bench = [Need("swaps", ability) for ability in (Ability.CHARGER, Ability.METER, Ability.BUTTON)]
        world = [
            Need(f"the fault '{kind}'", Ability.SIMULATED_RADIO) for kind in IN_WORLD if plan.rates.get(kind)
        ]
        return Needs((*world, *bench), uses_bench=True, instead="leave it out of the plan")

    def legs(self, plan: SwapPlan, sets: Sequence[CarSet], seed: int) -> tuple[SwapLeg, ...]:
        """One, with both sets.

        Raises:
            InputError: there are not two.
        """
        if len(sets) != _SETS:
            raise InputError(
                f"plan '{plan.head.name}' swaps two sets of cars, and there"
                f" {'is' if len(sets) == 1 else 'are'} {len(sets)}; name two with --set"
            )
        names = [group.name for group in sets]
        cars = tuple(car for group in sets for car in group.cars)
        title = f"sets {names[0]} and {names[1]} take turns"
        return (
            SwapLeg(title, "+".join(names), cars, derived_seed(seed, "leg", *names), plan.swaps, tuple(sets)),
        )

    async def run_leg(self, plan: SwapPlan, leg: SwapLeg, on: LegContext) -> None:
        """Swap after swap; at the end no link, and every charger off, proven by the meters. A swap that was cut on a bench
        stays cut, and is not run again."""
        station, recorder = on.station, on.recorder
        if station.bench is None:
            raise InputError(f"plan '{plan.head.name}' needs a bench; name one with --bench")
        done = 0

        def finished(swap: Finished) -> None:
            nonlocal done
            done += 1
            row = row_of(swap.result, swap.strikes, leg=on.leg, run_s=recorder.run_s)
            recorder.finish(row, what=f"swap {row.swap}")
            on.on_progress(Progress(on.part, on.leg, done, leg.units, f"swap {row.swap}", row.ended_s))

        def left_alone(car: SoakCar, bay: bool, why: str) -> None:
            if bay:
                recorder.leave_alone(car, bench_error=why)
            else:
                recorder.leave_alone(car, given_up=why)

        numbers = _left_to_run(plan, leg, recorder)
        done = plan.swaps - len(numbers)
        books = books_for(plan, leg.sets, recorder)
        async with Bays(station.bench, acts=books, sees=AdvertSensor(station.radio)) as bays:
            runner = SwapRunner(
                plan,
                leg.sets,
                leg.seed,
                radio=station.radio,
                bays=bays,
                books=books,
                mender=BenchMender(
                    station.radio, recorder, remedies=station.remedies, policy=on.recovery, seed=leg.seed
                ),
                world=station.world,
                on_finished=finished,
                on_left_alone=left_alone,
                on_frame=on.on_frame,
            )
            try:
                await runner.run(numbers)
            finally:
                for car in runner.linked:
                    on.on_left(car)


def _left_to_run(plan: SwapPlan, leg: SwapLeg, recorder: LegRecorder) -> list[int]:
    """The numbers of the swaps that are to be run. On a bench those under way at a cut are kept as what they became."""
    numbers = range(1, plan.swaps + 1)
    if recorder.replays:
        return list(numbers)
    finished = {number for number in numbers if recorder.is_on_record((number,))}
    first, second = (group.name for group in leg.sets)
    for row in cut_swaps(recorder.acts_on_record, recorder.gaps, (first, second), finished):
        recorder.finish(row, what=f"swap {row.swap}")
        finished.add(row.swap)
    return [number for number in numbers if number not in finished]
