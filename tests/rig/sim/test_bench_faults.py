"""What goes wrong with the bench of a simulated world: each fault does what its row says, and ends by itself."""

import asyncio

import pytest

from rig.bench.bays import Bays
from rig.bench.errors import FixtureFault, NoReply, NotConfirmed, PortGone
from rig.builtin_data import find_data_file
from rig.compose import run_with_radio
from rig.errors import InputError
from rig.sim.bench_fault_names import BENCH_FAULTS

GROUND = 0x0A41C37E


def at_the_bench(main, world="two-sets"):
    async def on_station(station):
        station.world.cars[GROUND]._inside._run_flat(0.0)
        bench = station.bench
        return await main(station, bench.switch_of(bench.wiring.bays[1].charger))

    return run_with_radio(f"sim:{world}", on_station, uses_bench=True, seed=1)


async def is_charging(station):
    await asyncio.sleep(0.01)
    return station.world.cars[GROUND].power.on_charger


def test_a_dirty_contact_comes_and_goes():
    async def main(station, relays):
        station.bench_faults.inject("dirty_contact", "A2", lasts_s=5.0)
        await relays.switch(2, on=True)
        seen = [await is_charging(station)]
        await asyncio.sleep(5.0)
        return [*seen, await is_charging(station)]

    assert at_the_bench(main) == [False, True]


def test_a_stuck_contact_stays_whatever_the_board_says():
    async def main(station, relays):
        await relays.switch(2, on=True)
        station.bench_faults.inject("stuck_contact", "A2", lasts_s=5.0)
        await relays.switch(2, on=False)
        seen = [await relays.is_on(2), await is_charging(station)]
        await asyncio.sleep(5.0)
        await relays.switch(2, on=False)
        return [*seen, await is_charging(station)]

    assert at_the_bench(main) == [False, True, False]


def test_a_missed_button_is_a_press_without_effect():
    async def main(station, _relays):
        bay = station.bench.wiring.bays[0]
        car = station.world.cars[bay.car]
        seen = []
        station.bench_faults.inject("missed_button", "A1", lasts_s=5.0)
        for _ in range(2):
            await station.bench.presser_of(bay.button.wire).press(bay.button.wire.channel, 0.2)
            seen.append(car.power.on)
            await asyncio.sleep(5.0)
        return seen

    assert at_the_bench(main) == [True, False]


def test_a_dead_board_lets_go_by_its_own_timer():
    async def main(station, relays):
        await relays.switch(2, on=True)
        station.bench_faults.inject("dead_fixture", "chargers", lasts_s=20.0)
        with pytest.raises(NoReply):
            await relays.is_on(2)
        seen = [await is_charging(station)]
        await asyncio.sleep(20.0)
        return [*seen, await is_charging(station), await relays.is_on(2)]

    assert at_the_bench(main) == [True, False, False]


def test_an_unplugged_board_works_again_when_it_is_plugged_in():
    async def main(station, relays):
        station.bench_faults.inject("unplugged_fixture", "chargers", lasts_s=5.0)
        with pytest.raises(PortGone):
            await relays.is_on(2)
        await asyncio.sleep(5.0)
        return await relays.is_on(2)

    assert at_the_bench(main) is False


def test_a_brown_out_opens_the_contacts():
    async def main(station, relays):
        await relays.switch(2, on=True)
        station.bench_faults.inject("brown_out", "chargers")
        return await is_charging(station), await relays.is_on(2)

    assert at_the_bench(main) == (False, False)


def test_a_noisy_line_is_asked_again_and_says_the_truth():
    async def main(station, relays):
        station.bench_faults.inject("noisy_line", "chargers", 0.2)
        for number in range(60):
            on = number % 2 == 0
            try:
                await relays.switch(2, on=on)
            except FixtureFault:
                continue
            assert await is_charging(station) is on
        return relays.repeated

    assert at_the_bench(main) > 5


FAULTY = """
[[bench_fault]]
at_s = 30
kind = "dirty_contact"
bay = "A2"
"""


def world_with(text, folder):
    path = folder / "faulty.toml"
    path.write_text(find_data_file("worlds", "two-sets").read_text(encoding="utf-8") + text)
    return path


def test_a_world_file_makes_it_happen_and_the_bays_tell(tmp_path):
    async def main(station, _relays):
        async with Bays(station.bench) as bays:
            before = await bays.charge(GROUND, on=True)
            await bays.charge(GROUND, on=False)
            await asyncio.sleep(30.0)
            with pytest.raises(NotConfirmed, match="bay A2"):
                await bays.charge(GROUND, on=True)
            return before.by

    assert at_the_bench(main, world=world_with(FAULTY, tmp_path)) == "meter"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'bay = "A2"',
            'bay = "Z9"',
            "names bay 'Z9', which bench 'eight bays for two sets' has not; it has A1,",
        ),
        ('bay = "A2"', 'fixture = "chargers"', r"\[bench_fault 1\] 'bay' is missing"),
        ("dirty_contact", "dirty_contacts", "did you mean 'dirty_contact'"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence(old, new, words, tmp_path):
    async def main(_station, _relays):
        raise AssertionError

    with pytest.raises(InputError, match=words):
        at_the_bench(main, world=world_with(FAULTY.replace(old, new), tmp_path))


def test_a_name_that_is_unknown_is_refused():
    async def main(station, _relays):
        with pytest.raises(KeyError):
            station.bench_faults.inject("gremlins", "A2")
        with pytest.raises(KeyError):
            station.bench_faults.inject("brown_out", "no such board")

    at_the_bench(main)


def test_every_fault_says_what_it_is():
    assert all(fault.summary and fault.value_means for fault in BENCH_FAULTS.values())
