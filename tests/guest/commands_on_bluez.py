"""The acceptance subset of the guest: the installed `pitboard`, its cars met through BlueZ.

Named to pytest by the suites (tests/guest/suites.py); not collected outside the guest. The laps take longest, so they
are driven beside the others: two processes, each with an adapter of its own on one bluetoothd.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from rig.compose import open_radio
from rig.radio.errors import TransmitRefused

PITBOARD = Path(sys.executable).parent / "pitboard"
LIMIT_S = 200


class Command:
    """One `pitboard` process."""

    def __init__(self, *arguments):
        self._arguments = arguments
        self._process = subprocess.Popen(
            [PITBOARD, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def said(self):
        """What it printed, once it has ended well."""
        out, err = self._process.communicate(timeout=LIMIT_S)
        shown = f"{self._arguments} exit {self._process.returncode}\n--- out\n{out}\n--- err\n{err}"
        assert "Traceback" not in err, shown
        assert self._process.returncode == 0, shown
        return out, err

    def events(self):
        """The JSON lines among it."""
        return [json.loads(line) for line in self.said()[0].splitlines() if line.startswith("{")]


@pytest.fixture(scope="module", autouse=True)
def laps():
    command = Command("lap", "0880eadb", "--radio", "vhci:one-car", "--laps", "1", "--speed", "900", "--json")
    yield command
    command._process.kill()
    command._process.communicate()


def test_scan_finds_the_whole_fleet():
    cars = Command("scan", "--radio", "vhci:two-sets", "--seconds", "4", "--json").events()
    assert len({car["identifier"] for car in cars}) == 8


def test_drive_ends_with_a_confirmed_stop():
    shown = Command(
        "drive", "2c63e1a4", "--radio", "vhci:two-sets", "--speed", "400", "--seconds", "3"
    ).said()
    assert "stopped, confirmed by the car" in "".join(shown)


def test_lap_maps_the_track_and_counts(laps):
    events = laps.events()
    assert events[0]["closed"]
    assert events[-1]["laps"] == 1


def test_a_forbidden_frame_never_goes_out():
    async def scenario():
        async with open_radio("vhci:one-car") as station:
            (identifier,) = station.world.cars
            link = await station.radio.connect(await station.radio.find(identifier))
            with pytest.raises(TransmitRefused):
                await link.write(b"\x01\x3a")
            await link.disconnect()

    asyncio.run(scenario())
