"""A bench on pseudo-terminals beside a served world: what is done to it by other programs, which may be killed."""

import asyncio
import signal
import sys

import pytest

from rig.bench.station import open_bench
from rig.bench.twins.bench_on_ptys import bench_on_ptys
from rig.bench.twins.build import plant_of
from rig.bench.wiring import load_wiring, parse_wiring
from rig.bench.wiring_text import wiring_text
from rig.builtin_data import builtin_names, find_data_file
from rig.clock import process_time_s
from rig.errors import InputError
from tests.rig.bench.served_bench import served

HOLDS_S = 3.0

HOST = """
import asyncio, sys
from rig.bench.bays import Bays
from rig.compose import run_with_radio

async def main(station):
    async with Bays(station.bench) as bays:
        seen = await bays.charge(0x0880EADB, on=True)
        print("charging by", seen.by, flush=True)
        await asyncio.sleep(60)

run_with_radio(sys.argv[1], main, uses_bench=True, bench=sys.argv[2])
"""


def world_in(folder):
    """The builtin world with a short dead-man and one cell that is not full."""
    bench = find_data_file("benches", "two-sets").read_text(encoding="utf-8")
    (folder / "mine.toml").write_text(bench.replace("holds_s = 10.0", f"holds_s = {HOLDS_S}"))
    world = find_data_file("worlds", "two-sets").read_text(encoding="utf-8")
    world = world.replace('bench = "two-sets"', 'bench = "mine.toml"')
    path = folder / "world.toml"
    path.write_text(
        world.replace("battery.health = 1.00\n", "battery.health = 1.00\nbattery.charge = 0.5\n", 1)
    )
    return path


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.nightly)])
def test_a_host_that_dies_while_it_charges_leaves_no_charger_on(tmp_path, how):
    with served(world_in(tmp_path), tmp_path / "bench") as bench:
        host = bench.start(sys.executable, "-c", HOST, bench.radio, bench.chart)
        assert bench.world.line(30) == "bay A1: charger on"
        assert host.line(10) == "charging by meter"
        if how is signal.SIGKILL:
            assert bench.world.line(1.2 * HOLDS_S) is None, "it fell off although the host renews it"
        began_s = process_time_s()
        host.process.send_signal(how)
        assert bench.world.line(HOLDS_S + 5.0) == "bay A1: charger off"
        if how is signal.SIGKILL:
            assert process_time_s() - began_s <= HOLDS_S + 2.0


def test_each_fixture_has_a_name_that_stays_and_a_map_that_names_it(tmp_path):
    wiring = load_wiring("two-sets")
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "chargers").symlink_to("/dev/pts/no-such-terminal")

    async def main():
        plant = plant_of(wiring)
        with bench_on_ptys(wiring, plant, folder) as chart:
            mine = load_wiring(str(chart))
            assert {spec.port for spec in mine.fixtures.values()} == {
                str(folder / name.replace(" ", "-")) for name in wiring.fixtures
            }
            async with open_bench(mine, leave_safe=False) as bench:
                names = [await fixture.identify() for fixture in bench.fixtures.values()]
                await bench.fixtures["chargers"].switch(3, on=True)
                measured = await bench.fixtures["meter A3"].measure(1)
                await bench.fixtures["chargers"].switch(3, on=False)
        return names, measured.current_ma, plant.closed["chargers", 3]

    names, current_ma, left_on = asyncio.run(main())
    assert len(names) == len(wiring.fixtures)
    assert (current_ma, left_on) == (354.0, False)
    assert [path.name for path in folder.iterdir()] == ["bench.toml"]


def test_a_file_in_the_way_stays(tmp_path):
    (tmp_path / "buttons").write_text("mine")

    async def main():
        wiring = load_wiring("twin")
        with (
            pytest.raises(InputError, match="buttons: a file is there"),
            bench_on_ptys(wiring, plant_of(wiring), tmp_path),
        ):
            raise AssertionError

    asyncio.run(main())
    assert (tmp_path / "buttons").read_text() == "mine"


@pytest.mark.parametrize("name", builtin_names("benches"))
def test_a_map_is_written_as_it_is_read(name):
    wiring = load_wiring(name)
    assert parse_wiring(wiring_text(wiring), source="again") == wiring


def test_a_map_with_every_option_is_written_as_it_is_read():
    text = """
name = 'quotes " and \\ and é'
[[fixture]]
name = "lcus"
kind = "lcus"
port = "by-path:x"
dialect = "status-text"
[[fixture]]
name = "korad"
kind = "korad"
port = "usb:1a86:7523"
line_feed = true
[[bay]]
name = "1"
charger = { fixture = "lcus", channel = 1 }
meter = { fixture = "korad", channel = 1 }
[[bay]]
name = "2"
"""
    wiring = parse_wiring(text, source="w")
    assert parse_wiring(wiring_text(wiring), source="again") == wiring
    assert parse_wiring(wiring_text(wiring, {"lcus": "twin"}), source="again").fixtures["lcus"].port == "twin"
