"""Faults of one kind may overlap in any way: each ends by itself, and after the last all is as before."""

import asyncio
import dataclasses

import bleak
import pytest

from rig.errors import InputError
from rig.sim.car.faults import LASTING_FAULTS
from rig.sim.faults import ADAPTER_FAULTS, FAULTS
from rig.sim.world import SimWorld
from rig.sim.worlds import world_by_name
from rig.virtual_time import run_virtual
from tests.rig.sim.echo_car import EchoCar

ECHO = 0xAB000001
LASTING = sorted(name for name, fault in FAULTS.items() if fault.lasting) + sorted(LASTING_FAULTS)
OUTAGES = ["adapter_off", "adapter_reset"]
NESTED, STAGGERED, AT_ONCE, TOUCHING = ((0, 9), (2, 3)), ((0, 6), (3, 9)), ((0, 5), (0, 5)), ((0, 4), (4, 4))


def condition(world):
    """All that a lasting fault may change."""
    ((_, peripheral),) = world.peripherals.items()
    return (
        dataclasses.astuple(peripheral.controller.conditions),
        peripheral.ignored_writes,
        peripheral.readvertise_delay_s,
        world.stack.device.host.hci_sink.max_links,
        world.stack.is_powered,
        {name: level for name, level in peripheral.car.driving.faults.items() if level},
    )


def struck(name, spans, seconds=14, value=None):
    """The world's condition at every half second while the fault strikes from a to a + b for each (a, b)."""

    async def main():
        async with world_by_name("one-car") as world:
            before = condition(world)
            (identifier,) = world.cars
            car = None if name in FAULTS and FAULTS[name].scope == "adapter" else identifier
            for number, (at_s, lasts_s) in enumerate(spans):
                level = None if value is None else value[number]
                if name == "adapter_reset":
                    world.after(at_s, lambda lasts_s=lasts_s: world.inject(name, value=lasts_s))
                else:
                    world.after(
                        at_s,
                        lambda lasts_s=lasts_s, level=level: world.inject(name, car, level, lasts_s),
                    )
            seen = []
            await asyncio.sleep(0.5)
            for _ in range(seconds):
                seen.append(condition(world))
                await asyncio.sleep(1)
            return before, seen

    return run_virtual(main)


@pytest.mark.parametrize("spans", [NESTED, STAGGERED, AT_ONCE, TOUCHING])
@pytest.mark.parametrize("name", [*LASTING, "adapter_reset"])
def test_a_lasting_fault_that_strikes_twice_ends_with_the_last_and_leaves_nothing(name, spans):
    before, seen = struck(name, spans)
    ends_s = max(at_s + lasts_s for at_s, lasts_s in spans)
    assert [now != before for now in seen] == [second < ends_s for second in range(len(seen))]


def test_the_latest_of_two_levels_decides_and_the_earlier_comes_back():
    _, seen = struck("link_loss", STAGGERED, value=(0.25, 0.75))
    assert [now[0][3] for now in seen] == [0.25] * 3 + [0.75] * 9 + [0.0] * 2
    _, seen = struck("link_loss", NESTED, value=(0.25, 0.75))
    assert [now[0][3] for now in seen] == [0.25] * 2 + [0.75] * 3 + [0.25] * 4 + [0.0] * 5


def test_drops_in_level_add_up():
    before, seen = struck("rssi_drop", STAGGERED, value=(10, 20))
    level = before[0][1]
    assert [level - now[0][1] for now in seen] == [10] * 3 + [30] * 3 + [20] * 6 + [0] * 2


def test_a_fault_of_the_car_that_ends_leaves_what_the_world_file_gave_the_car(tmp_path):
    world_file = tmp_path / "w.toml"
    world_file.write_text(
        'name = "w"\n[[car]]\nidentifier = 0x11\n[car.faults]\nignored_commands = 0.25\n', encoding="utf-8"
    )

    async def main():
        async with world_by_name(str(world_file)) as world:
            world.inject("ignored_commands", 0x11, 1.0, lasts_s=2.0)
            levels = [world.cars[0x11].fault_level("ignored_commands")]
            await asyncio.sleep(3)
            return [*levels, world.cars[0x11].fault_level("ignored_commands")]

    assert run_virtual(main) == [1.0, 0.25]


@pytest.mark.parametrize("first", OUTAGES)
@pytest.mark.parametrize("second", OUTAGES)
def test_the_adapter_is_away_until_the_last_outage_is_over_and_then_works(in_world, find, first, second):
    async def scenario(world):
        world.inject(first, value=2.0, lasts_s=2.0)
        await asyncio.sleep(1)
        world.inject(second, value=4.0, lasts_s=4.0)
        powered = []
        for _ in range(6):
            await asyncio.sleep(0.9)
            powered.append(world.stack.is_powered)
        async with bleak.BleakClient(await find()) as client:
            return powered, client.is_connected

    assert in_world(scenario) == ([False] * 4 + [True] * 2, True)


@pytest.mark.parametrize("turns", range(8))
def test_an_adapter_cut_off_again_while_it_boots_comes_back_later(in_world, find, turns):
    async def scenario(world):
        world.inject("adapter_off", lasts_s=1.0)
        await asyncio.sleep(1.0)
        for _ in range(turns):
            await asyncio.sleep(0)
        world.inject("adapter_off", lasts_s=1.0)
        await asyncio.sleep(0.5)
        powered = world.stack.is_powered
        await asyncio.sleep(1.0)
        async with bleak.BleakClient(await find()) as client:
            return powered, client.is_connected

    assert in_world(scenario) == (False, True)


@pytest.mark.parametrize("name", sorted(ADAPTER_FAULTS))
def test_faults_of_an_adapter_are_refused_where_there_is_none(name, tmp_path):
    async def main():
        async with SimWorld([EchoCar(1)], adapter=False) as world:
            with pytest.raises(InputError, match=name):
                world.inject(name, ECHO)

    run_virtual(main)
    world_file = tmp_path / "w.toml"
    world_file.write_text(
        f'name = "w"\n[[car]]\nidentifier = 0x11\n[[fault]]\nat_s = 5\nkind = "{name}"\ncar = 0x11\n',
        encoding="utf-8",
    )
    world_by_name(str(world_file))
    with pytest.raises(InputError, match=f"'{name}' at 5 s"):
        world_by_name(str(world_file), adapter=False)
