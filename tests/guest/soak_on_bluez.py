"""A shortened soak in the guest: the verdicts of the simulator and of BlueZ agree, and a cut run is resumed.

Named to pytest by the suites (tests/guest/suites.py); not collected outside the guest. Everything is done by the
installed `pitboard`, as a person would.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rig.radio.bluez import Bluez

ROOT = Path(__file__).parents[2]
PITBOARD = str(Path(sys.executable).parent / "pitboard")
SHORT = str(ROOT / "fixtures/plans/short.toml")
BROKEN_CAR = str(ROOT / "fixtures/worlds/broken-car.toml")
BLUEZ_STATE = Path("/var/lib/bluetooth")
LIMIT_S = 420


def soak(home, *arguments):
    """Exit code and report of a whole soak."""
    done = subprocess.run(
        [PITBOARD, "soak", *arguments, "--json", "--home", str(home), "--out", str(home / "reports")],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


def verdicts(report):
    return {car["label"]: car["outcome"] for car in report["cars"]}


async def adapters():
    async with Bluez.connect() as bluez:
        return await bluez.adapters()


def wait_for(condition, limit_s):
    """Asks an async condition ten times a second until it is true, at most `limit_s`."""

    async def ask():
        async with asyncio.timeout(limit_s):
            while not await condition():
                await asyncio.sleep(0.1)

    asyncio.run(ask())


async def no_adapter():
    return await adapters() == ()


def assert_machine_is_clean():
    assert asyncio.run(adapters()) == ()
    assert list(BLUEZ_STATE.iterdir()) == []


@pytest.mark.timeout(2 * LIMIT_S)
@pytest.mark.parametrize("world", ["two-sets", BROKEN_CAR], ids=["healthy", "broken-car"])
def test_a_soak_comes_to_the_verdicts_of_the_simulator(world, tmp_path):
    """Latencies differ, verdicts do not: BlueZ takes two seconds to disconnect, the simulator to miss a car."""
    simulated = soak(tmp_path / "sim", SHORT, "--radio", f"sim:{world}", "--set", "A")
    real = soak(tmp_path / "vhci", SHORT, "--radio", f"vhci:{world}", "--set", "A")
    broken = {"Thermo A3"} if world == BROKEN_CAR else set()
    expected = {
        label: "FAIL" if label in broken else "PASS"
        for label in ("Skull A1", "Ground Shock A2", "Thermo A3", "Nuke A4")
    }
    assert verdicts(simulated[1]) == expected
    assert verdicts(real[1]) == expected, [car["reasons"] for car in real[1]["cars"]]
    assert real[0] == simulated[0] == (1 if broken else 0)
    assert real[1]["virtual_time"] is False
    assert all(car["cycles"] == car["cycles_planned"] for car in real[1]["cars"])
    assert_machine_is_clean()


def begin(home, *arguments):
    """A soak under way, with two cycles behind it."""
    process = subprocess.Popen(
        [PITBOARD, "soak", *arguments, "--home", str(home)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )

    async def has_begun():
        return finished_cycles(home) >= 2 or process.poll() is not None

    try:
        wait_for(has_begun, 60)
        assert process.poll() is None, process.stderr.read()
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return process


def finished_cycles(home):
    """Cycles in the database, read as anybody else would, while the soak writes on."""
    database = home / "pitboard.db"
    if not database.exists():
        return 0
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        try:
            (count,) = db.execute("select count(*) from cycles where outcome is not null").fetchone()
        except sqlite3.OperationalError:  # its tables are being made
            return 0
        finally:
            db.rollback()
    return count


@pytest.mark.timeout(LIMIT_S)
def test_a_soak_that_is_killed_goes_on_where_it_was(tmp_path):
    process = begin(tmp_path, SHORT, "--radio", "vhci:one-car")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    before = finished_cycles(tmp_path)
    wait_for(no_adapter, 10)  # the kernel takes the adapter back
    code, report = soak(tmp_path, "--resume")
    assert code == 0, report["headline"]
    assert report["gaps"], "the time it was dead stands in the report"
    (car,) = report["cars"]
    assert car["cycles"] == car["cycles_planned"] == 8
    assert before < 8
    assert_machine_is_clean()


@pytest.mark.timeout(LIMIT_S)
def test_a_soak_that_is_stopped_leaves_the_machine_as_it_was(tmp_path):
    process = begin(tmp_path, SHORT, "--radio", "vhci:one-car")
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "every car is disconnected" in said
    assert_machine_is_clean()
