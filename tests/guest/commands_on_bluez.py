"""The acceptance subset of the guest: the installed `pitboard`, its cars met through BlueZ.

Named to pytest by the suites (tests/guest/suites.py); not collected outside the guest.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PITBOARD = Path(sys.executable).parent / "pitboard"


@pytest.fixture(scope="module", autouse=True)
def _fleet():
    """Until pitboard can put the fleet on BlueZ by itself: one process serves it to /dev/vhci."""
    with subprocess.Popen(
        [PITBOARD, "sim", "serve", "--transport", "vhci"], stdout=subprocess.PIPE, text=True
    ) as serving:
        assert "8 cars on the air" in serving.stdout.readline()
        subprocess.run(["bluetoothctl", "--timeout", "5", "power", "on"], check=True, timeout=20)
        yield
        serving.terminate()


def pitboard(*arguments):
    done = subprocess.run(
        [PITBOARD, *arguments, "--radio", "ble"], capture_output=True, text=True, timeout=100, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_scan_finds_the_whole_fleet():
    shown = pitboard("scan", "--seconds", "4", "--json")
    cars = [json.loads(line) for line in shown.splitlines() if line.startswith("{")]
    assert len({car["identifier"] for car in cars}) == 8


def test_drive_ends_with_a_confirmed_stop():
    assert "stopped, confirmed by the car" in pitboard("drive", "nuke", "--speed", "400", "--seconds", "4")


def test_lap_maps_the_track_and_counts():
    events = [
        json.loads(line)
        for line in pitboard("lap", "nuke", "--laps", "1", "--speed", "700", "--json").splitlines()
        if line.startswith("{")
    ]
    assert events[0]["closed"]
    assert events[-1]["laps"] == 1
