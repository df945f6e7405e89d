"""Bugs of the bench's fixtures. The checks are what a soak and the wiggle test do with any bench."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.bays import Bays
from rig.bench.capabilities import Reading
from rig.bench.drivers.riden import RidenSupply
from rig.bench.errors import FixtureFault
from rig.bench.selftest import Result, wiggle
from rig.bench.station import open_bench
from rig.bench.twins.faults import FaultPlan, LineFault
from rig.bench.twins.relay_bank import RelayBank
from rig.bench.twins.supplies import RidenTwin
from rig.bench.wiring import load_wiring
from rig.compose import run_with_radio
from rig.sim.bays import BayPlant
from rig.virtual_time import run_virtual
from tests.planted.bug import PlantedBug

SKULL, GROUND, THERMO = 0x0880EADB, 0x0A41C37E, 0x1B52D09F


def on_bench(main: Callable[[Bays, Any], Any], *, sees: bool = False, **options: Any) -> str | None:
    """What a bench says that is used as `main` does; None when it has nothing to say."""

    async def on_station(station: Any) -> str | None:
        for car in (GROUND, THERMO):  # the others are full and take no current
            station.world.cars[car]._inside._run_flat(0.0)
        sensor = AdvertSensor(station.radio) if sees else None
        async with Bays(station.bench, sees=sensor, **options) as bays:
            return await main(bays, station)

    try:
        return run_with_radio("sim:two-sets", on_station, seed=1, uses_bench=True)
    except FixtureFault as fault:
        return str(fault)


def charge_once() -> str | None:
    async def main(bays, station):
        await bays.charge(GROUND, on=True)
        await bays.charge(GROUND, on=False)

    return on_bench(main)


def charge_a_full_car() -> str | None:
    async def main(bays, station):
        await bays.charge(SKULL, on=True)
        await bays.charge(SKULL, on=False)

    return on_bench(main, sees=True)


def silent_meter() -> str | None:
    async def main(bays, station):
        station.bench.lines["meter A2"]._faults = FaultPlan(share=1.0, kinds=(LineFault.SILENT,)).faults()
        read_ma = await bays.charging_ma(GROUND)
        station.bench.lines["meter A2"]._faults = FaultPlan().faults()
        return None if read_ma is None else f"a meter that is silent was read as {read_ma:g} mA"

    return on_bench(main)


def press_once() -> str | None:
    async def main(bays, station):
        await bays.press_power(SKULL)
        silent = await AdvertSensor(station.radio).becomes(SKULL, on_air=False)
        return None if silent else "car 0880eadb is still heard after its power button was pressed"

    return on_bench(main)


def wiggled() -> str | None:
    async def main():
        async with open_bench(load_wiring("twin"), leave_safe=False) as bench:
            steps = (await wiggle(bench)).steps
        return next((f"{step.action}: {step.words}" for step in steps if step.result is Result.FAIL), None)

    return run_virtual(main)


def contact_stuck_open(patch):
    really = RelayBank.set

    def switch(self, channel, on, now_s, **more):
        self.stuck = frozenset({channel})
        really(self, channel, on, now_s, **more)

    patch.setattr(RelayBank, "set", switch)


def contact_welded(patch):
    really = RelayBank.set

    def switch(self, channel, on, now_s, **more):
        self.stuck = frozenset() if on else frozenset({channel})
        really(self, channel, on, now_s, **more)

    patch.setattr(RelayBank, "set", switch)


def meter_frozen(patch):
    really, first = RidenTwin._registers, {}

    def registers(self, now_s):
        return first.setdefault(self, really(self, now_s))

    patch.setattr(RidenTwin, "_registers", registers)


def meter_zero_on_timeout(patch):
    really = RidenSupply.measure

    async def measure(self, channel):
        try:
            return await really(self, channel)
        except FixtureFault:
            return Reading(0.0, 0.0)

    patch.setattr(RidenSupply, "measure", measure)


def dead_man_never_falls(patch):
    really = RelayBank.set

    def switch(self, channel, on, now_s, *, for_s=None):
        really(self, channel, on, now_s)

    patch.setattr(RelayBank, "set", switch)


def wires_crossed(patch):
    really = BayPlant.relay_moved

    def moved(self, fixture, channel, closed, now_s):
        really(self, fixture, {1: 2, 2: 1}.get(channel, channel), closed, now_s)

    patch.setattr(BayPlant, "relay_moved", moved)


def servo_misses(patch):
    patch.setattr(BayPlant, "_pressed", lambda *_: None)


CONFIRMED = "a charger is confirmed by its meter"
BUGS = (
    PlantedBug("contact-stuck-open", "fixture", "the relay says ok and its contact does not close", CONFIRMED,
               "told on, but meter meter A2 1 saw", contact_stuck_open, charge_once),
    PlantedBug("contact-welded", "fixture", "the relay says off and its contact stays closed", CONFIRMED,
               "told off, but meter meter A2 1 saw", contact_welded, charge_once),
    PlantedBug("meter-frozen", "fixture", "the meter repeats its first reading for ever", CONFIRMED,
               "told on, but meter meter A2 1 saw +0 mA", meter_frozen, charge_once),
    PlantedBug("wires-crossed", "fixture", "two chargers hang on each other's relay channels", CONFIRMED,
               "told on, but meter meter A2 1 saw", wires_crossed, charge_once),
    PlantedBug("meter-zero-on-timeout", "fixture", "the driver turns a meter's silence into 0 mA",
               "a silent meter reads as nothing, never as zero", "read as 0 mA", meter_zero_on_timeout, silent_meter),
    PlantedBug("dead-man-never-falls", "fixture", "the board's timer keeps the contact when nobody renews it",
               "the wiggle test lets every dead-man run off", "after the last renewal", dead_man_never_falls, wiggled),
    PlantedBug("servo-misses", "fixture", "the servo moves and does not reach the button",
               "a press is confirmed by the adverts", "still heard after its power button", servo_misses, press_once),
)  # fmt: skip
