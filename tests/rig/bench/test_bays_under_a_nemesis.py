"""Chance acts and chance faults: what the bays say is so, and in the end no charger is on, whatever went wrong."""

import asyncio
import random
from contextlib import suppress

import pytest

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.bays import Bays
from rig.bench.errors import FixtureFault
from rig.compose import run_with_radio
from rig.sim.bench_fault_names import BENCH_FAULTS

ACTS = 60
PATIENCE_S = 10.0
"""The dead-man of the bench 'two-sets'."""
TRANSIENT = [kind for kind in BENCH_FAULTS if kind != "stuck_contact"]


def live(station):
    return {identifier for identifier, car in station.world.cars.items() if car.power.on_charger}


class RoughNight:
    """One bench, acts and faults drawn from a seed."""

    def __init__(self, seed):
        self.seed = seed
        self.chance = random.Random(seed)
        self.struck = []
        self.done = self.refused = 0
        self.left_on = None

    def run(self):
        with suppress(FixtureFault):  # a fault that lasts until the end is news, and said
            run_with_radio("sim:two-sets", self.on_station, uses_bench=True, seed=self.seed)

    async def on_station(self, station):
        for car in station.world.cars.values():
            car._inside._run_flat(0.0)
        try:
            async with Bays(station.bench, sees=AdvertSensor(station.radio)) as bays:
                for _ in range(ACTS):
                    if self.chance.random() < 0.1:
                        self.strike(station)
                    await self.act(station, bays, self.chance.choice(list(station.world.cars)))
                    unasked = [car for car in live(station) if not bays.is_charging(car)]
                    assert all(bays.fault_of(car) for car in unasked), self.struck
        finally:
            await asyncio.sleep(PATIENCE_S + 1.0)
            self.left_on = live(station)

    def strike(self, station):
        kind = self.chance.choice(TRANSIENT)
        bays = [bay.name for bay in station.bench.wiring.bays]
        where = self.chance.choice(
            bays if BENCH_FAULTS[kind].scope == "bay" else list(station.bench.fixtures)
        )
        self.struck.append((kind, where))
        station.bench_faults.inject(kind, where, lasts_s=self.chance.uniform(1.0, 60.0))

    async def act(self, station, bays, car):
        act = self.chance.choice(["on", "on", "off", "press", "look", "wait"])
        try:
            if act in ("on", "off"):
                seen = await bays.charge(car, on=act == "on")
                if seen.proven:
                    assert (car in live(station)) is (act == "on"), self.struck
            elif act == "press":
                await bays.press_power(car)
            elif act == "look":
                current_ma = await bays.charging_ma(car)
                assert current_ma is None or current_ma >= 4.0
            else:
                await asyncio.sleep(self.chance.uniform(0.0, 30.0))
            self.done += 1
        except FixtureFault:
            self.refused += 1


@pytest.mark.parametrize("seed", range(8))
def test_no_charger_is_left_on_and_nothing_is_said_that_is_not_so(seed):
    night = RoughNight(seed)
    night.run()
    assert night.done > 5
    assert night.done + night.refused == ACTS
    assert night.left_on == set(), night.struck


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 300))
def test_many_rough_nights(seed):
    test_no_charger_is_left_on_and_nothing_is_said_that_is_not_so(seed)
