"""Bays by car: confirmed, journaled, latched when they fail, and all off at the end, proven by the meters."""

import asyncio

import pytest

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.bays import Bays
from rig.bench.errors import BayLeftOut, FixtureFault, NotConfirmed
from rig.bench.twins.faults import FaultPlan, LineFault
from rig.compose import run_with_radio
from rig.errors import InputError

SKULL, GROUND, THERMO = 0x0880EADB, 0x0A41C37E, 0x1B52D09F


class Written:
    """A journal in a list."""

    def __init__(self):
        self.acts = []

    def intend(self, subject_kind, subject, act, detail=""):
        self.acts.append([subject_kind, subject, act, "intended"])
        return len(self.acts) - 1

    def done(self, number, error=None):
        self.acts[number][3] = error or "ok"


def with_bays(main, *, spoil=None, sees=False, world="sim:two-sets", bench=None, **options):
    async def on_station(station):
        if spoil is not None:
            spoil(station)
        for car in (GROUND, THERMO):  # the others are full
            station.world.cars[car]._inside._run_flat(0.0)
        sensor = AdvertSensor(station.radio) if sees else None
        async with Bays(station.bench, sees=sensor, **options) as bays:
            return await main(bays, station)

    return run_with_radio(world, on_station, seed=1, uses_bench=True, bench=bench)


def stick(*channels):
    def spoil(station):
        station.bench.lines["chargers"].device.bank.stuck = frozenset(channels)

    return spoil


def deafen(fixture, kind=LineFault.SILENT):
    def spoil(station):
        station.bench.lines[fixture]._faults = FaultPlan(share=1.0, kinds=(kind,)).faults()

    return spoil


def test_a_car_is_charged_confirmed_measured_and_journaled():
    acts = Written()

    async def main(bays, station):
        on = await bays.charge(GROUND, on=True)
        first = await bays.charge_mah(GROUND)
        await asyncio.sleep(60.0)  # six times the dead-man's patience
        current_ma = await bays.charging_ma(GROUND)
        gained = await bays.charge_mah(GROUND) - first
        off = await bays.charge(GROUND, on=False)
        await bays.press_power(GROUND)
        return on.by, off.by, current_ma, gained

    on, off, current_ma, gained = with_bays(main, acts=acts)
    assert (on, off) == ("meter", "meter")
    assert current_ma > 250
    assert gained == pytest.approx(current_ma / 60, abs=1.1)
    assert acts.acts == [
        ["bay", "A2", "charger on", "ok"],
        ["bay", "A2", "charger off", "ok"],
        ["bay", "A2", "press power", "ok"],
        ["bench", "eight bays for two sets", "all off", "ok"],
    ]


def test_at_the_end_and_on_a_cancellation_all_is_off():
    async def left_on(bays, station):
        cars = [station.world.cars[car] for car in (GROUND, THERMO)]
        for car in (GROUND, THERMO):
            await bays.charge(car, on=True)
        assert all(car.power.on_charger for car in cars)
        return cars

    assert not any(car.power.on_charger for car in with_bays(left_on))

    async def cancelled(bays, station):
        charging = asyncio.create_task(bays.charge(SKULL, on=True))  # full: it will look for three seconds
        await asyncio.sleep(1.0)
        assert station.world.cars[SKULL].power.on_charger
        charging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await charging
        return station.world.cars[SKULL].power.on_charger, bays.fault_of(SKULL)

    acts = Written()
    assert with_bays(cancelled, acts=acts) == (False, None)
    assert acts.acts[0] == ["bay", "A1", "charger on", "CancelledError"]


def test_who_is_stopped_twice_while_it_makes_the_bench_safe_still_makes_it_safe():
    async def main(station):
        async def soak():
            async with Bays(station.bench) as bays:
                for car in (GROUND, THERMO):
                    await bays.charge(car, on=True)
                await asyncio.sleep(3600.0)

        cars = [station.world.cars[car] for car in (GROUND, THERMO)]
        for car in cars:
            car._inside._run_flat(0.0)
        task = asyncio.create_task(soak())
        await asyncio.sleep(30.0)
        assert all(car.power.on_charger for car in cars)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.02)
        await asyncio.wait({task})
        return task.cancelled(), [car.power.on_charger for car in cars]

    found = run_with_radio("sim:two-sets", main, uses_bench=True, seed=1)
    assert found == (True, [False, False])


def test_a_full_cell_takes_nothing_so_the_car_is_asked():
    async def main(bays, station):
        return [(await bays.charge(SKULL, on=on)).by for on in (True, False)]

    assert with_bays(main, sees=True) == ["car", "car"]

    async def blind(bays, station):
        with pytest.raises(NotConfirmed, match=r"meter meter A1 1 saw \+0 mA in 3 s"):
            await bays.charge(SKULL, on=True)
        return station.world.cars[SKULL].power.on_charger

    assert with_bays(blind) is False


def test_off_without_a_current_before_or_after_is_off_but_unproven():
    async def main(bays, station):
        await station.bench.fixtures["chargers"].switch(1, on=True)
        off = await bays.charge(SKULL, on=False)
        return off.proven, bays.fault_of(SKULL)

    assert with_bays(main) == (False, None)


def test_a_bay_whose_relay_sticks_is_left_out_and_the_others_go_on():
    async def main(bays, station):
        with pytest.raises(NotConfirmed, match="bay A2, relay chargers 2"):
            await bays.charge(GROUND, on=True)
        assert not bays.can_charge(GROUND)
        assert not bays.can_press(GROUND)
        assert "bay A2, relay chargers 2" in bays.fault_of(GROUND)
        for attempt in (bays.charge(GROUND, on=True), bays.press_power(GROUND)):
            with pytest.raises(BayLeftOut, match="bay A2: left out since it failed"):
                await attempt
        await bays.charge(GROUND, on=False)
        return (await bays.charge(THERMO, on=True)).by, bays.fault_of(THERMO)

    assert with_bays(main, spoil=stick(2)) == ("meter", None)


def test_a_contact_that_welds_is_found_by_the_meter_at_the_end():
    async def main(bays, station):
        await bays.charge(GROUND, on=True)
        stick(2)(station)

    with pytest.raises(
        NotConfirmed, match=r"bay A2: not confirmed \(told off, but meter meter A2 1 still sees"
    ):
        with_bays(main)


def test_a_silent_meter_is_no_zero_and_costs_its_bay_in_the_end():
    async def main(bays, station):
        await bays.charge(GROUND, on=True)
        deafen("meter A2")(station)
        seen = [await bays.charging_ma(GROUND) for _ in range(3)]
        station.bench.lines["meter A2"]._faults = FaultPlan().faults()
        return seen, bays.fault_of(GROUND)

    seen, fault = with_bays(main)
    assert seen == [None] * 3
    assert "meter A2 (twin): no reply" in fault


def test_a_relay_board_that_falls_silent_lets_go_and_its_bays_are_left_out():
    async def main(bays, station):
        await bays.charge(GROUND, on=True)
        deafen("chargers")(station)
        line = station.bench.lines["chargers"]
        real, line.receive = line.receive, lambda *_: None  # nothing arrives there any more
        await asyncio.sleep(60.0)
        line.receive = real
        line._faults = FaultPlan().faults()
        return station.world.cars[GROUND].power.on_charger, bays.can_charge(GROUND), bays.fault_of(THERMO)

    on, can, other = with_bays(main)
    assert (on, can) == (False, False)
    assert "chargers (twin): no reply" in other


def test_bays_that_share_a_meter_are_switched_one_at_a_time_and_not_told_apart():
    async def main(bays, station):
        both = await asyncio.gather(*(bays.charge(car, on=True) for car in (GROUND, THERMO)))
        apart = await bays.charging_ma(GROUND)
        await bays.charge(THERMO, on=False)
        return [one.by for one in both], apart, await bays.charging_ma(GROUND)

    by, apart, alone = with_bays(main, bench="twin")
    assert by == ["meter", "meter"]
    assert apart is None
    assert alone > 250


def test_another_charger_going_off_does_not_end_the_renewals_of_one_being_confirmed():
    """Car A1 is full, so that its confirmation takes three seconds and the car's word."""

    async def main(bays, station):
        await bays.charge(GROUND, on=True)
        slow = asyncio.create_task(bays.charge(SKULL, on=True))
        await asyncio.sleep(1.0)
        await bays.charge(GROUND, on=False)
        await slow
        await asyncio.sleep(60.0)
        return station.world.cars[SKULL].power.on_charger

    assert with_bays(main, sees=True) is True


def test_a_board_that_is_known_to_be_dead_does_not_end_the_night_again():
    async def main(bays, station):
        station.bench.lines["chargers"].unplugged = True
        with pytest.raises(FixtureFault):
            await bays.charge(GROUND, on=True)
        return bays

    bays = with_bays(main)
    assert all(words.startswith("chargers (twin): its port went away") for words in bays.unsafe)
    assert bays.fault_of(THERMO) is None


def test_a_welded_contact_that_is_known_is_reported_and_the_rest_goes_on():
    async def main(bays, station):
        await bays.charge(GROUND, on=True)
        stick(2)(station)
        with pytest.raises(NotConfirmed, match="told off"):
            await bays.charge(GROUND, on=False)
        return bays, (await bays.charge(THERMO, on=True)).by

    bays, other = with_bays(main)
    assert other == "meter"
    assert len(bays.unsafe) == 1
    assert "bay A2: not confirmed (told off, but meter meter A2 1 still sees" in bays.unsafe[0]


def test_what_is_not_wired_is_said():
    async def main(bays, station):
        assert bays.bay_of(1) is None
        assert (bays.can_charge(1), bays.can_press(1), bays.can_measure(1)) == (False, False, False)
        assert bays.bay_of(GROUND) == "A2"
        with pytest.raises(InputError, match="car 00000001 has no bay in bench 'eight bays for two sets'"):
            await bays.charge(1, on=True)

    with_bays(main)


def test_a_bay_can_be_left_out_from_the_start():
    def spoil(station):
        station.bench.left_out["A2"] = "the wiggle test said so"

    async def main(bays, station):
        bays.leave_out(THERMO, "its rollers squeak")
        return bays.fault_of(GROUND), bays.can_charge(GROUND), bays.fault_of(THERMO)

    found = with_bays(main, spoil=spoil)
    assert found == ("the wiggle test said so", False, "its rollers squeak")


def test_an_idle_bench_does_nothing():
    async def main(bays, station):
        before = {name: len(line.received) for name, line in station.bench.lines.items()}
        await asyncio.sleep(3600.0)
        return before, {name: len(line.received) for name, line in station.bench.lines.items()}

    before, after = with_bays(main)
    assert before == after == dict.fromkeys(before, 0)


def test_a_bench_that_cannot_be_made_safe_says_so_beside_the_first_error():
    async def main(bays, station):
        station.bench.lines["chargers"].unplugged = True
        raise ValueError("something else")

    with pytest.raises(ValueError, match="something else") as caught:
        with_bays(main)
    assert all("could not be made safe: chargers (twin)" in note for note in caught.value.__notes__)
    assert issubclass(BayLeftOut, FixtureFault)
