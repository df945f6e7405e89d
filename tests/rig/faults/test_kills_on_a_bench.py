"""Nights on a bench of their own (fixtures on ptys, the world in another process), killed while a charger is on, or in the
middle of a swap: the dead-man lets go, as the bench itself tells, and the run goes on."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess

import pytest

from rig.store.database import open_database
from rig.store.journal_audit import chargers_on
from rig.store.queries import acts_of, units_of
from rig.store.swaps import SwapRow
from tests.rig.bench.served_bench import served
from tests.rig.bench.test_bench_on_ptys import HOLDS_S, world_in
from tests.rig.faults.nights import Night

PLAN = """
kind = "battery"
name = "charging"
lives_per_car = 1
limit_minutes = 0.2
recharge = "bench"
charge_limit_minutes = 20.0
[[limit]]
figure = "undisturbed"
at_least = 0.5
confidence = 0.75
"""
SWAPS = """
kind = "swap"
name = "swapping"
swaps = 2
race_s = 5.0
speed_mm_s = 300
[[limit]]
figure = "success"
at_least = 0.1
"""
ON, OFF = "bay A1: charger on", "bay A1: charger off"


def wait_for(world, wanted, within_s):
    """Until the world says so, whatever else it says before."""
    while (said := world.line(within_s)) != wanted:
        assert said is not None, f"never: {wanted}; only {world.said}"


@pytest.mark.nightly
@pytest.mark.timeout(400)
def test_a_night_killed_while_it_charges_leaves_no_charger_on_and_goes_on(tmp_path):
    plan, home = tmp_path / "charging.toml", tmp_path / "home"
    plan.write_text(PLAN)
    with served(world_in(tmp_path), tmp_path / "bench") as bench:
        words = (
            str(plan),
            "--radio",
            bench.radio,
            "--bench",
            bench.chart,
            "--cars",
            "0880eadb",
            "--no-selftest",
        )
        for number in (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
            night = Night(home, *words)
            try:
                wait_for(bench.world, ON, 60)
                night.process.send_signal(number)
                code, _, err = night.end()
            finally:
                night.process.kill()
            wait_for(bench.world, OFF, HOLDS_S + 5.0)
            words = ("--resume",)
        assert code == 130, err
        assert "stopped: every car is disconnected" in err
    db = open_database(home / "pitboard.db")
    assert chargers_on(acts_of(db, 1)) == ()
    assert db.conn.execute("SELECT count(*) FROM gaps").fetchone() == (2,)
    db.close()


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_a_swap_that_is_killed_stays_cut_and_the_next_one_is_run(tmp_path):
    plan, home = tmp_path / "swapping.toml", tmp_path / "home"
    plan.write_text(SWAPS)
    with served(world_in(tmp_path), tmp_path / "bench") as bench:
        where = ("--radio", bench.radio, "--bench", bench.chart, "--set", "A", "--set", "B", "--no-selftest")
        night = Night(home, str(plan), *where)
        try:
            while not presses_in_a_swap(home):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    night.process.wait(0.05)
                    raise AssertionError(f"it ended before: {night.end()}")
            night.process.send_signal(signal.SIGKILL)
            night.end()
        finally:
            night.process.kill()
        code, _, err = Night(home, "--resume").end(300)
    assert code in {0, 1, 4}, err
    db = open_database(home / "pitboard.db")
    cut, whole = units_of(db, 1, SwapRow)
    assert (cut.swap, cut.outcome) == (1, "cut")
    assert cut.error.startswith("cut by a kill, a power cut or the like after")
    assert (whole.swap, whole.outcome in {"ok", "flaky"}) == (2, True)
    assert chargers_on(acts_of(db, 1)) == ()
    db.close()


def presses_in_a_swap(home):
    """Whether a power button is being pressed in the first swap, and not on the way into its race."""
    swap = "SELECT max(number) FROM acts WHERE act = 'seen: swap'"
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db:
        return db.execute(f"SELECT 1 FROM acts WHERE act = 'press power' AND number > ({swap})").fetchall()
    return []
