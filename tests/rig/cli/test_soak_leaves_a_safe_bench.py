"""Stopped in the middle of a charge, a soak leaves a safe bench: watched from outside, proven by the meter."""

import asyncio
import contextlib
import signal
import sqlite3
import subprocess

import pytest

from rig.bench.station import open_bench
from rig.bench.wiring import load_wiring
from rig.builtin_data import find_data_file
from rig.clock import process_time_s
from tests.rig.bench.served_bench import PITBOARD, Running, served

SKULL = "0880eadb"
PLAN = """
kind = "battery"
name = "short"
lives_per_car = 1
limit_minutes = 5.0
charge_limit_minutes = 10.0
[[limit]]
figure = "life"
quantile = 0.5
at_least_minutes = 0.5
confidence = 0.75
"""
HOLDS_S = 3.0
LEAST_MA = 50.0


def worlds(folder):
    """Cars A1 and A2 have little left, so that the plan charges them first; a dead-man that a test can wait for."""
    bench = find_data_file("benches", "two-sets").read_text(encoding="utf-8")
    (folder / "mine.toml").write_text(bench.replace("holds_s = 10.0", f"holds_s = {HOLDS_S}"))
    world = find_data_file("worlds", "two-sets").read_text(encoding="utf-8")
    world = world.replace('bench = "two-sets"', 'bench = "mine.toml"')
    world = world.replace("battery.health = 1.00\n", "battery.health = 1.00\nbattery.charge = 0.3\n", 1)
    world = world.replace("battery.health = 0.97\n", "battery.health = 0.97\nbattery.charge = 0.3\n", 1)
    (folder / "world.toml").write_text(world)
    (folder / "plan.toml").write_text(PLAN)
    return folder / "world.toml"


def meters_of(chart):
    """What another program reads on every meter of the bench."""

    async def main():
        async with open_bench(load_wiring(chart), leave_safe=False) as bench:
            return {
                bay.name: (await bench.meter_of(bay.meter).measure(bay.meter.channel)).current_ma
                for bay in bench.wiring.bays
            }

    return asyncio.run(main())


def acts_of(home):
    """What was done to bays and bench, in order, each with how it ended."""
    found = list(home.rglob("*.db"))
    if not found:
        return []
    with (
        contextlib.closing(sqlite3.connect(found[0])) as database,
        contextlib.suppress(sqlite3.OperationalError),
    ):
        return database.execute(
            "SELECT act, state FROM acts WHERE subject_kind IN ('bay', 'bench') ORDER BY number"
        ).fetchall()
    return []


def chargers_after(said):
    """Bay -> on or off, as the world told it last."""
    state = {}
    for line in said:
        bay, _, what = line.partition(": charger ")
        if what:
            state[bay] = what
    return state


@pytest.mark.parametrize(
    "signals",
    [
        pytest.param((signal.SIGTERM,), id="sigterm"),
        pytest.param((signal.SIGINT, signal.SIGINT), id="ctrl-c twice", marks=pytest.mark.nightly),
        pytest.param((signal.SIGINT,), id="ctrl-c", marks=pytest.mark.nightly),
        pytest.param((signal.SIGHUP,), id="a closed terminal", marks=pytest.mark.nightly),
        pytest.param((signal.SIGKILL,), id="kill -9", marks=pytest.mark.nightly),
    ],
)
def test_a_soak_stopped_while_it_charges_leaves_every_charger_off(tmp_path, signals):
    with served(worlds(tmp_path), tmp_path / "bench") as bench:
        soak = bench.start(
            *PITBOARD, "soak", tmp_path / "plan.toml", "--radio", bench.radio, "--bench", bench.chart,
            "--cars", f"{SKULL},0a41c37e", "--no-selftest", "--home", tmp_path / "home", "--out", tmp_path / "out",
        )  # fmt: skip
        while sorted(chargers_after(bench.world.said).items()) != [("bay A1", "on"), ("bay A2", "on")]:
            assert bench.world.line(40), (bench.world.said, soak.process.poll())
        for number in signals:
            soak.process.send_signal(number)
        soak.process.wait(40)
        while "on" in chargers_after(bench.world.said).values():
            assert bench.world.line(2 * HOLDS_S), bench.world.said
        assert max(meters_of(bench.chart).values()) < LEAST_MA
    states = acts_of(tmp_path / "home")
    assert any(act == "charger on" for act, _ in states)
    assert (("all off", "ok") in states) is (signals != (signal.SIGKILL,))


@pytest.mark.nightly
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_soak_stopped_in_virtual_time_journals_that_all_is_off(tmp_path, number):
    """There the world ends with the program: the journal is what tells."""
    soak = Running(*PITBOARD, "soak", "swap", "--home", tmp_path, errors=subprocess.DEVNULL)
    try:
        deadline_s = process_time_s() + 60
        while sum(act == "charger on" for act, _ in acts_of(tmp_path)) < 6 and process_time_s() < deadline_s:
            soak.line(0.1)
        assert soak.end(number) == 130
    finally:
        soak.process.kill()
        soak.process.stdout.close()
    states = acts_of(tmp_path)
    assert states[-1] == ("all off", "ok")
    assert all(state != "intended" for _, state in states)


@pytest.mark.nightly
def test_a_soak_stopped_in_its_self_test_leaves_every_charger_off_and_can_be_gone_on_with(tmp_path):
    with served(worlds(tmp_path), tmp_path / "bench") as bench:
        soak = bench.start(
            *PITBOARD, "soak", tmp_path / "plan.toml", "--radio", bench.radio, "--bench", bench.chart,
            "--cars", f"{SKULL},0a41c37e", "--home", tmp_path / "home", "--out", tmp_path / "out",
        )  # fmt: skip
        while "on" not in chargers_after(bench.world.said).values():
            assert bench.world.line(40), (bench.world.said, soak.process.poll())
        assert soak.end(signal.SIGINT) == 130
        while "on" in chargers_after(bench.world.said).values():
            assert bench.world.line(2 * HOLDS_S), bench.world.said
        soak = bench.start(
            *PITBOARD, "soak", "--resume", "--home", tmp_path / "home", "--out", tmp_path / "out"
        )
        while sorted(chargers_after(bench.world.said).items()) != [("bay A1", "on"), ("bay A2", "on")]:
            assert bench.world.line(60), (bench.world.said, soak.process.poll())
        assert soak.end(signal.SIGINT) == 130
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "pitboard.db")) as database:
        tests = database.execute("SELECT state FROM acts WHERE act = 'self-test' ORDER BY number").fetchall()
        left_out = database.execute("SELECT count(*) FROM acts WHERE act = 'left out'").fetchone()
    assert (tests, left_out) == ([("unknown",), ("ok",)], (0,))
