"""Swaps over the whole simulated stack: real GATT cars, drivers and twins of every fixture, no database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.bays import Bays
from rig.compose import run_with_radio
from rig.radio.errors import HostFault
from rig.soak.plan_file import PlanHead
from rig.soak.schedule import CarSet, SoakCar
from rig.soak.swap.history import check_journal
from rig.soak.swap.leg_runner import SwapRunner, books_for
from rig.soak.swap.plan import SwapPlan
from rig.soak.swap.steps import StepLimits

A1, A2, A3, A4 = 0x0880EADB, 0x0A41C37E, 0x1B52D09F, 0x2C63E1A4
B1, B2, B3, B4 = 0x3D74F2B5, 0x4E850AC6, 0x5F961BD7, 0x60A72CE8
SETS = (
    CarSet(
        "A",
        (SoakCar(A1, "Skull A1"), SoakCar(A2, "Shock A2"), SoakCar(A3, "Thermo A3"), SoakCar(A4, "Nuke A4")),
    ),
    CarSet(
        "B",
        (SoakCar(B1, "Guard B1"), SoakCar(B2, "Bang B2"), SoakCar(B3, "Shock B3"), SoakCar(B4, "Skull B4")),
    ),
)
OF_SET = {car.identifier: group.name for group in SETS for car in group.cars}


@dataclass
class Act:
    number: int
    subject_kind: str
    subject: str
    at_s: float
    act: str
    detail: str
    unit: int | None
    state: str = "intended"
    done_s: float | None = None


@dataclass
class Acts:
    rows: list[Act] = field(default_factory=list)

    def intend(self, subject_kind, subject, act, detail="", *, unit=None):
        at_s = asyncio.get_running_loop().time()
        self.rows.append(Act(len(self.rows), subject_kind, subject, at_s, act, detail, unit))
        return len(self.rows) - 1

    def done(self, number, error=None):
        self.rows[number].state = "ok" if error is None else "fail"
        self.rows[number].done_s = asyncio.get_running_loop().time()

    def observed(self, subject_kind, subject, act, detail="", *, unit=None):
        self.done(self.intend(subject_kind, subject, act, detail, unit=unit))


class Waits:
    """Mends by waiting until the adapter scans again."""

    def __init__(self, radio):
        self.radio = radio

    async def mend(self, car, unit, fault, *, ups):
        for _ in range(100):
            await asyncio.sleep(1.0)
            try:
                async with self.radio.scan():
                    return
            except HostFault:
                continue


@dataclass
class Leg:
    """What came of a leg: swaps, left-alone cars, what the live checks and the journal say, how the bench was left."""

    finished: list = field(default_factory=list)
    left: list = field(default_factory=list)
    acts: Acts = field(default_factory=Acts)
    live: object = None
    journal: object = None
    chargers_live: list = field(default_factory=list)
    still_linked: list = field(default_factory=list)

    @property
    def results(self):
        return [finished.result for finished in self.finished]

    @property
    def strikes(self):
        return [strike for finished in self.finished for strike in finished.strikes]


def a_plan(swaps, rates=None, **changes):
    values = {
        "race_s": 20.0,
        "speed_mm_s": 400,
        "budget_s": 300.0,
        "give_up_after": 3,
        "steps": StepLimits(),
        **changes,
    }
    head = PlanHead("swap", "test", "", 1, "")
    return SwapPlan(head=head, swaps=swaps, rates=rates or {}, limits=(), **values)


def run_swaps(plan, *, seed=1, spoil=None):
    leg = Leg()

    async def on_station(station):
        if spoil is not None:
            spoil(station)
        books = books_for(plan, SETS, leg.acts)
        async with Bays(station.bench, acts=books, sees=AdvertSensor(station.radio)) as bays:
            runner = SwapRunner(
                plan,
                SETS,
                seed,
                radio=station.radio,
                bays=bays,
                books=books,
                mender=Waits(station.radio),
                world=station.world,
                on_finished=leg.finished.append,
                on_left_alone=lambda *what: leg.left.append(what),
            )
            await runner.run(range(1, plan.swaps + 1))
            leg.live = runner.findings
            leg.still_linked = runner.linked
        leg.chargers_live = [car for car in OF_SET if station.world.cars[car].power.on_charger]

    run_with_radio("sim:two-sets", on_station, seed=seed, uses_bench=True)
    leg.journal = check_journal(leg.acts.rows, OF_SET, plan.budget_s)
    return leg
