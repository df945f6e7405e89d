"""Short lives: two cars in bays with cells of some milliampere-hours, and a book that only remembers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.bays import Bays
from rig.compose import run_with_radio
from rig.soak.battery.leg_runner import LegRunner
from rig.soak.battery.plan import parse_battery_plan
from rig.soak.plan_file import PlanHead
from rig.soak.schedule import SoakCar
from rig.toml_tables import parse_toml

SKULL, SHOCK = SoakCar(0x0880EADB, "Skull A1"), SoakCar(0x0A41C37E, "Ground Shock A2")
PLAN = """
lives_per_car = 2
limit_minutes = 5.0
charge_limit_minutes = 3.0
[duty]
race_s = 30.0
rest_s = 6.0
[timing]
reading_every_s = 4.0
charge_reading_every_s = 4.0
regain_s = 12.0
stall_after_s = 5.0
righting_s = 8.0
[[limit]]
figure = "life"
quantile = 0.5
at_least_minutes = 0.5
confidence = 0.75
[[limit]]
figure = "charge"
quantile = 0.5
at_most_minutes = 2.0
confidence = 0.75
"""


class Book:
    """Keeps in memory what a recorder writes."""

    def __init__(self):
        self.kept, self.charges, self.readings, self.notes, self.acts = [], [], [], [], []
        self.left_alone, self.on_record, self.odometers = {}, set(), []

    def wants(self, car, life):
        return (car.identifier, life) not in self.on_record

    def begin(self, car, life, bay):
        self.acts.append((car.label, "live", bay))

    def give_up(self, car, *, bench_error=None, given_up=None):
        self.left_alone[car.label] = bench_error or given_up

    def intend(self, car, life, act, detail=""):
        self.acts.append((car.label, act, detail))
        return len(self.acts)

    def done(self, act, error=None):
        pass

    def learn(self, car):
        pass

    def note(self, car, life, note):
        self.notes.append((car.label, note.what))

    def read(self, car, life, reading, speed_mm_s):
        self.readings.append((car.label, reading))

    def keep(self, car, result, odometer):
        self.kept.append((car.label, result))
        self.odometers.append(odometer)

    def keep_charge(self, car, result):
        self.charges.append((car.label, result))

    def ends(self, car=SKULL):
        return [result.end.value for label, result in self.kept if label == car.label]


def plan_of(text=PLAN):
    root = parse_toml(text, source="short.toml")
    plan = parse_battery_plan(root, PlanHead("battery", "short", "", 1, text))
    root.finish()
    return plan


WORLD = """
name = "two cars in bays"
seed = 1
track = "starter-oval"
bench = "{bench}"
"""
CAR = """
[[car]]
identifier = {identifier}
model = "Skull"
firmware = {firmware}
start.on = "bay"
"""
BENCH = """
name = "two bays"
[confirm]
within_s = 3.0
least_ma = 50
[[fixture]]
name = "chargers"
kind = "modbus-relay"
port = "twin"
channels = 8
holds_s = 10.0
"""
BAY = """
[[fixture]]
name = "meter {name}"
kind = "riden"
port = "twin"
[[bay]]
name = "{name}"
car = {identifier}
charger = {{ fixture = "chargers", channel = {channel} }}
meter = {{ fixture = "meter {name}", channel = 1 }}
"""


def world_files(folder, *, weak=None, **cells):
    """Two cars in bays, with cells of 4 mAh that charge in 36 s; `cells` overrides keys of `battery`, `weak` those of
    the first car alone. Returns the path of the world."""
    bench = BENCH
    world = WORLD.format(bench=folder / "two-bays.toml")
    for place, (car, firmware) in enumerate(((SKULL, 0x2774), (SHOCK, 0x2E5A)), start=1):
        bench += BAY.format(name=f"A{place}", identifier=car.identifier, channel=place)
        world += CAR.format(identifier=car.identifier, firmware=firmware)
        cell = {"capacity_mah": 4.0, "charge_minutes": 0.6, **cells, **((weak or {}) if place == 1 else {})}
        world += "".join(f"battery.{key} = {value}\n" for key, value in cell.items())
    (folder / "two-bays.toml").write_text(bench, encoding="utf-8")
    (folder / "short.toml").write_text(world, encoding="utf-8")
    return folder / "short.toml"


@pytest.fixture
def short_lives(tmp_path):
    """Runs a leg of short lives: `run(cars, faults=...)` gives the book; a fault is (second, what to do with the
    station)."""

    def run(cars=(SKULL,), *, plan=None, faults=(), cells=None, bench=True, book=None, **more):
        book = book or Book()
        path = world_files(tmp_path, **(cells or {}))

        async def main(station):
            for at_s, strike in faults:
                station.world.after(at_s, lambda strike=strike: strike(station))
            leg = {"radio": station.radio, "book": book, **more}
            chosen = plan or plan_of()
            if not bench:
                await LegRunner(chosen, cars, 1, bays=None, **leg).run()
                return
            async with Bays(station.bench, sees=AdvertSensor(station.radio)) as bays:
                await LegRunner(chosen, cars, 1, bays=bays, **leg).run()
            assert not any(car.power.bay_live for car in station.world.cars.values())
            assert not any(car.driving.target_mm_s for car in station.world.cars.values())

        run_with_radio(f"sim:{path}", main, seed=1, uses_bench=bench)
        return book

    return run


def one_life(plan=None):
    """The short plan with one life a car."""
    return replace(plan or plan_of(), lives_per_car=1)
