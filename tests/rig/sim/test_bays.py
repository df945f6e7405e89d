"""The bays of a simulated world: what a bench switches and presses happens to the cars."""

import asyncio

import pytest

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.confirm import switch_charger
from rig.builtin_data import find_data_file
from rig.compose import open_station, run_with_radio
from rig.errors import InputError
from rig.sim.car.power import PowerState
from rig.virtual_time import run_virtual

SKULL, GROUND = 0x0880EADB, 0x0A41C37E
BENCH = {"uses_bench": True, "seed": 1}


def in_bays(main, **options):
    return run_with_radio("sim:two-sets", main, **{**BENCH, **options})


def test_a_relay_that_closes_charges_the_car_and_its_meter_shows_it():
    async def main(station):
        car = station.world.cars[GROUND]
        bay = station.bench.wiring.bays[1]
        car._inside._run_flat(0.0)
        assert car.power.state is PowerState.OFF, "an empty cell"
        rise = await switch_charger(station.bench, bay, on=True)
        meter = station.bench.meter_of(bay.meter)
        before = await meter.measure(1)
        await asyncio.sleep(2.0)
        assert car.power.state is PowerState.ON, "a live charger wakes the car"
        assert car.status[1], "and the car feels it"
        for _ in range(20):  # the dead-man is 10 s, and nobody renews here but we
            await station.bench.switch_of(bay.charger).renew()
            await asyncio.sleep(3.0)
        after = await meter.measure(1)
        fed_mah = car.fed_mah(asyncio.get_running_loop().time())
        fall = await switch_charger(station.bench, bay, on=False)
        return rise, fall, after.charge_mah - before.charge_mah, fed_mah, car.status[1]

    rise, fall, counted_mah, fed_mah, feels = in_bays(main)
    assert rise.by == fall.by == "meter"
    assert rise.change_ma == pytest.approx(-fall.change_ma, abs=5)
    assert counted_mah == pytest.approx(fed_mah, abs=1.5)
    assert fed_mah > 10
    assert not feels


def test_a_live_charger_stops_the_motors():
    async def main(station):
        car = station.world.cars[SKULL]
        station.world.handle(SKULL, lambda car, now_s: car.driving.set_speed(now_s, 500.0, 1000.0))
        await asyncio.sleep(3.0)
        driving = car.driving.wheel_mm_s(asyncio.get_running_loop().time())
        await station.bench.switch_of(station.bench.wiring.bays[0].charger).switch(1, on=True)
        await asyncio.sleep(3.0)
        return driving, car.driving.wheel_mm_s(asyncio.get_running_loop().time())

    driving, standing = in_bays(main)
    assert driving == pytest.approx(500, abs=30)
    assert standing == 0


def test_a_dead_man_that_is_not_renewed_ends_the_charge_at_its_time_though_nobody_asks():
    async def main(station):
        await station.bench.switch_of(station.bench.wiring.bays[0].charger).switch(1, on=True)
        car, loop = station.world.cars[SKULL], asyncio.get_running_loop()
        start_s = loop.time()
        while car.power.on_charger:
            await asyncio.sleep(0.1)
        return loop.time() - start_s

    assert in_bays(main) == pytest.approx(10.0, abs=0.2)


def test_a_button_held_is_a_press_and_the_adverts_follow():
    async def main(station):
        adverts, bay = AdvertSensor(station.radio), station.bench.wiring.bays[0]
        seen = [await adverts.is_on_air(SKULL)]
        presser = station.bench.presser_of(bay.button.wire)
        await presser.press(bay.button.wire.channel, 0.2)
        seen.append(await adverts.becomes(SKULL, on_air=False))
        await presser.press(bay.button.wire.channel, 0.2)
        seen.append(await adverts.becomes(SKULL, on_air=True))
        station.plant.no_reach.add("A1")
        await presser.press(bay.button.wire.channel, 0.2)
        return [*seen, await adverts.becomes(SKULL, on_air=False)]

    assert in_bays(main) == [True, True, True, False]


def test_a_car_that_was_lifted_out_is_neither_charged_nor_pressed():
    async def main(station):
        station.world.handle(GROUND, lambda car, now_s: car.lift(now_s))
        bay = station.bench.wiring.bays[1]
        await station.bench.switch_of(bay.charger).switch(bay.charger.channel, on=True)
        await station.bench.presser_of(bay.button.wire).press(bay.button.wire.channel, 0.2)
        seen = [(await station.bench.meter_of(bay.meter).measure(1)).current_ma]
        seen.append(station.world.cars[GROUND].power.state)
        station.world.handle(GROUND, lambda car, now_s: car.put_in_bay(now_s))
        seen.append(station.world.cars[GROUND].status[1])
        return seen

    assert in_bays(main) == [4.0, PowerState.ON, True]


def test_a_dirty_contact_is_a_charger_without_current():
    async def main(station):
        bay = station.bench.wiring.bays[1]
        station.world.cars[GROUND]._inside._run_flat(0.0)
        await station.bench.switch_of(bay.charger).switch(bay.charger.channel, on=True)
        station.plant.lose_contact("A2")
        lost = (await station.bench.meter_of(bay.meter).measure(1)).current_ma
        station.plant.lose_contact("A2", lost=False)
        return lost, (await station.bench.meter_of(bay.meter).measure(1)).current_ma

    lost, found = in_bays(main)
    assert lost == 4.0
    assert found > 100


@pytest.mark.parametrize(
    ("radio", "bench", "words"),
    [
        ("sim:{alone}", "twin", r"has car 0a41c37e in bay A2, and the simulated world has no such car"),
        (
            "sim:one-car",
            "twin",
            r"has car 0880eadb in bay A1, and in the simulated world it stands elsewhere",
        ),
        ("sim:two-sets", "{mine}", r"has boards on real ports, and the cars of 'sim:two-sets' are simulated"),
        ("sim:two-sets", "no-such", r"no bench named 'no-such'"),
    ],
)
def test_a_bench_that_does_not_fit_is_refused_in_one_sentence(radio, bench, words, tmp_path):
    mine = tmp_path / "mine.toml"
    text = find_data_file("benches", "twin").read_text(encoding="utf-8")
    mine.write_text(text.replace('port = "twin"', 'port = "usb:1a86:7523"'))
    alone = tmp_path / "alone.toml"
    alone.write_text(find_data_file("worlds", "one-car").read_text(encoding="utf-8") + 'start.on = "bay"\n')

    async def main(_station):
        raise AssertionError

    with pytest.raises(InputError, match=words):
        run_with_radio(radio.format(alone=alone), main, uses_bench=True, bench=bench.format(mine=mine))


def test_simulated_boards_beside_real_cars_are_refused():
    async def main():
        async with open_station(["ble"], bench="twin"):
            raise AssertionError

    with pytest.raises(
        InputError, match=r"fixture 'chargers' of bench .* is simulated, and the cars of 'ble'"
    ):
        run_virtual(main)


def test_without_being_asked_for_there_is_no_bench():
    async def main(station):
        return station.bench

    assert run_with_radio("sim:two-sets", main) is None
    assert run_with_radio("sim:one-car", main, uses_bench=True) is None


def test_a_world_file_names_a_bench_beside_it(tmp_path):
    for kind, name in (("worlds", "two-sets"), ("benches", "two-sets")):
        text = find_data_file(kind, name).read_text(encoding="utf-8")
        (tmp_path / f"{kind}.toml").write_text(
            text.replace('bench = "two-sets"', 'bench = "benches.toml"').replace("eight bays", "my bays")
        )

    async def main(station):
        return station.bench.wiring.name

    radio = f"sim:{tmp_path / 'worlds.toml'}"
    assert run_with_radio(radio, main, uses_bench=True) == "my bays for two sets"
