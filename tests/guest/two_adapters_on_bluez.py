"""Two adapters of one world on one bluetoothd: the cars spread, and a soak comes to its verdicts.

Named to pytest by the suites (tests/guest/suites.py); not collected outside the guest.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from rig.compose import run_with_radio

PITBOARD = Path(sys.executable).parent / "pitboard"
RADIO = "vhci:two-sets@2"
PLAN = """
kind = "reconnect"
name = "two-adapters"
description = "A few losses on two adapters."
cycles_per_car = 3
losses = ["disconnect", "vanish"]
order = "in turn"
at_once = 4
seed = 1
[timing]
settle_least_s = 0.5
settle_most_s = 1.0
arm_timeout_s = 60.0
cycle_timeout_s = 60.0
attempt_timeout_s = 20.0
retry_pause_s = 0.5
[[limit]]
figure = "success"
at_least = 0.25
"""


def test_four_cars_are_connected_two_on_each_side_by_side():
    async def main(station):
        cars = list(station.world.cars)[:4]
        heard = {}
        async with asyncio.timeout(20), station.radio.scan() as scan:
            async for car in scan:
                if len(car.hearings) == 2:
                    heard[car.identifier] = car
                if heard.keys() >= set(cars):
                    break
        links = await asyncio.gather(*(station.radio.connect(heard[car], timeout_s=20) for car in cars))
        await station.radio.close()
        return [(link.adapter, link.milestones.asked_s, link.milestones.first_data_s) for link in links]

    busy = {}
    for adapter, asked_s, data_s in run_with_radio(RADIO, main):
        busy.setdefault(adapter, []).append((asked_s, data_s))
    assert [len(times) for times in busy.values()] == [2, 2]
    for times in busy.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(times)))
    first, second = (min(times) for times in busy.values())
    assert max(first[0], second[0]) < min(first[1], second[1]), "the adapters waited for each other"


def test_a_soak_over_both_comes_to_its_verdicts(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    done = subprocess.run(
        [PITBOARD, "soak", plan, "--radio", RADIO, "--set", "A", "--home", tmp_path, "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "PASS"
    with closing(sqlite3.connect(tmp_path / "pitboard.db")) as db:
        carriers = {row[0] for row in db.execute("SELECT detail FROM acts WHERE act = 'carried by'")}
    assert len(carriers) == 2
