"""Two adapters of one world in another process, over TCP and over ptys as two USB dongles would be. Real time."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import pairwise

import pytest

from rig.builtin_data import find_data_file
from rig.compose import open_radios
from rig.radio.errors import AdapterGone, SlotsExhausted
from rig.radio.moniker_list import parse_joined
from tests.rig.radios.served import (
    PITBOARD,
    SET_A,
    SET_B,
    SHOCK,
    SKULL,
    free_port,
    kill,
    serving,
    two_cables,
    two_controllers,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="cannot run here: no ptys")
nightly = pytest.mark.nightly
PLAN = """
kind = "reconnect"
name = "two-radios"
description = "A few disconnects on two radios."
cycles_per_car = {cycles}
losses = ["disconnect"]
order = "in turn"
at_once = {at_once}
seed = 1
[timing]
settle_least_s = 0.3
settle_most_s = 0.6
arm_timeout_s = 30.0
cycle_timeout_s = 30.0
attempt_timeout_s = 10.0
retry_pause_s = 0.5
[[limit]]
figure = "success"
at_least = 0.15
"""


async def heard_by_all(radio, identifiers):
    """The cars, once every radio has heard each."""
    found = {}
    async with asyncio.timeout(20), radio.scan() as scan:
        async for car in scan:
            if car.identifier in identifiers and len(car.hearings) == len(radio.adapters):
                found[car.identifier] = car
            if len(found) == len(identifiers):
                break
    return [found[identifier] for identifier in identifiers]


def spans(links):
    """When each adapter was busy connecting, from the links' milestones."""
    found = {}
    for link in links:
        marks = link.milestones
        found.setdefault(link.adapter, []).append((marks.asked_s, marks.first_data_s))
    return {adapter: sorted(times) for adapter, times in found.items()}


async def connect_all(monikers, identifiers):
    """Connects the cars all at once; returns the links, ended again, and the seconds until the last was up."""
    async with open_radios(monikers) as station:
        if len(monikers) > 1:
            cars = await heard_by_all(station.radio, identifiers)
        else:
            cars = [await station.radio.find(identifier) for identifier in identifiers]
        began_s = asyncio.get_running_loop().time()
        links = await asyncio.gather(*(station.radio.connect(car, timeout_s=10) for car in cars))
        took_s = asyncio.get_running_loop().time() - began_s
        await station.radio.close()
    return links, took_s


@pytest.mark.parametrize("kind", ["tcp", "pty"])
def test_four_cars_spread_over_two_adapters_and_are_up_in_less_time_than_on_one(kind, tmp_path):
    with two_controllers(kind, tmp_path) as (_, monikers):
        _, alone_s = asyncio.run(connect_all(monikers[:1], SET_A))
        links, took_s = asyncio.run(connect_all(monikers, SET_A))
    busy = spans(links)
    assert {adapter: len(times) for adapter, times in busy.items()} == dict.fromkeys(monikers, 2)
    for times in busy.values():
        assert all(before[1] <= after[0] for before, after in pairwise(times)), (
            "two connects at once on one adapter"
        )
    (first, *_), (second, *_) = busy.values()
    assert max(first[0], second[0]) < min(first[1], second[1]), "the adapters waited for each other"
    assert took_s < 0.8 * alone_s


def test_each_adapter_has_its_own_slots_and_only_all_of_them_full_is_an_error(tmp_path):
    world = tmp_path / "few-slots.toml"
    text = find_data_file("worlds", "two-sets").read_text(encoding="utf-8")
    world.write_text(f"{text}\n[air]\nmax_links = 3\n", encoding="utf-8")

    async def scenario(monikers):
        async with open_radios(monikers) as station:
            cars = await heard_by_all(station.radio, [*SET_A, *SET_B])
            ends = await asyncio.gather(
                *(station.radio.connect(car, timeout_s=10) for car in cars), return_exceptions=True
            )
            refused = [end for end in ends if isinstance(end, BaseException)]
            links = [end for end in ends if not isinstance(end, BaseException)]
            await links[0].disconnect()
            freed = links[0].adapter
            left = next(car for car, end in zip(cars, ends, strict=True) if end is refused[0])
            link = await station.radio.connect(left)
            return [one.adapter for one in links], refused, freed, link.adapter

    with two_controllers("tcp", tmp_path, world) as (_, monikers):
        carried, refused, freed, taken = asyncio.run(scenario(monikers))
    assert [carried.count(moniker) for moniker in monikers] == [3, 3]
    assert [type(error) for error in refused] == [SlotsExhausted, SlotsExhausted]
    assert all(f"{moniker}: 3 in use" in str(refused[0]) for moniker in monikers), refused
    assert taken == freed


@pytest.mark.parametrize("kind", [pytest.param("tcp", marks=nightly), "pty"])
def test_one_adapter_pulled_out_is_named_and_its_cars_move_to_the_other(kind, tmp_path):
    async def scenario(cables, monikers):
        async with open_radios(monikers) as station:
            radio = station.radio
            links = [await radio.connect(car) for car in await heard_by_all(radio, SET_A)]
            kill(cables[0])
            mine = [link for link in links if link.adapter == monikers[0]]
            began_s = asyncio.get_running_loop().time()
            async with asyncio.timeout(5):
                await asyncio.gather(*(link.lost.wait() for link in mine))
            noticed_s = asyncio.get_running_loop().time() - began_s
            with pytest.raises(AdapterGone) as gone:
                async with radio.radios[0].scan():
                    pass
            async with asyncio.timeout(20):
                for link in mine:
                    again = await radio.connect(await radio.find(link.identifier))
                    assert again.adapter == monikers[1]
            others = [link for link in links if link not in mine]
            assert len(others) == 2
            assert not any(link.lost.is_set() for link in others)
            return str(gone.value), noticed_s, len(radio.links)

    with two_cables(kind, tmp_path) as (cables, monikers):
        words, noticed_s, left = asyncio.run(scenario(cables, monikers))
    assert words.startswith(f"{monikers[0]}: the Bluetooth adapter went away")
    assert noticed_s < 1.0
    assert left == 4


@pytest.mark.parametrize("kind", ["tcp", pytest.param("pty", marks=nightly)])
def test_both_adapters_gone_is_said_at_once_whatever_is_under_way(kind, tmp_path):
    async def scenario(server, monikers):
        async with open_radios(monikers) as station:
            radio = station.radio
            cars = await heard_by_all(radio, SET_A)
            link = await radio.connect(cars[0])
            opening = [asyncio.ensure_future(radio.connect(car)) for car in cars[1:]]
            await asyncio.sleep(0.3)
            kill(server)
            async with asyncio.timeout(10):
                ends = await asyncio.gather(*opening, return_exceptions=True)
                await link.lost.wait()
                with pytest.raises(AdapterGone):
                    await radio.find(SKULL)
                with pytest.raises(AdapterGone):
                    await radio.connect(cars[0])
            assert radio.links == {}
            return ends

    with two_controllers(kind, tmp_path) as (server, monikers):
        ends = asyncio.run(scenario(server, monikers))
    assert all(isinstance(end, Exception) for end in ends)
    assert {type(end).__name__ for end in ends} <= {"AdapterGone", "LinkLost", "EstablishmentFailed"}


def soak(folder, monikers, cars, cycles, at_once, **settings):
    plan = folder / "plan.toml"
    plan.write_text(PLAN.format(cycles=cycles, at_once=at_once))
    radios = [word for moniker in monikers for word in ("--radio", moniker)]
    names = ",".join(f"{car:08x}" for car in cars)
    return subprocess.Popen(
        [*PITBOARD, "soak", str(plan), *radios, "--cars", names, "--home", str(folder), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings,
    )  # fmt: skip


def carriers(folder):
    """How often each radio carried each car, and the radios of the run as stored."""
    with closing(sqlite3.connect(folder / "pitboard.db")) as db:
        acts = db.execute("SELECT subject, detail FROM acts WHERE act = 'carried by'").fetchall()
        (radio,) = db.execute("SELECT radio FROM runs").fetchone()
    return acts, radio


def carried_by(folder):
    """As `carriers`, also before there is anything."""
    try:
        return carriers(folder)[0]
    except (sqlite3.Error, TypeError):
        return []


def connects(folder):
    """How many connects are on record as done."""
    try:
        with closing(sqlite3.connect(folder / "pitboard.db")) as db:
            (count,) = db.execute(
                "SELECT count(*) FROM acts WHERE act = 'connect' AND state = 'ok'"
            ).fetchone()
    except sqlite3.Error:
        return 0
    return count


def wait_until(condition, limit_s=60):
    """Looks every 50 ms."""

    async def look():
        async with asyncio.timeout(limit_s):
            while not condition():
                await asyncio.sleep(0.05)

    asyncio.run(look())


@pytest.mark.parametrize("kind", [pytest.param("tcp", marks=nightly), "pty"])
def test_a_soak_over_two_adapters_ends_with_verdicts_and_says_which_carried_whom(kind, tmp_path):
    with (
        two_controllers(kind, tmp_path) as (_, monikers),
        soak(tmp_path, monikers, SET_A, cycles=2, at_once=4) as run,
    ):
        out, errors = run.communicate(timeout=100)
    assert run.returncode == 0, errors
    report = json.loads(out)
    assert report["outcome"] == "PASS"
    acts, radio = carriers(tmp_path)
    assert [str(moniker) for moniker in parse_joined(radio)] == monikers
    assert {subject for subject, _ in acts} == {f"{car:08x}" for car in SET_A}
    assert {detail for _, detail in acts} == set(monikers)
    assert len(acts) == 4 + 8


@nightly
def test_a_soak_goes_on_over_the_other_adapter_when_one_is_pulled_out(tmp_path):
    with (
        two_cables("pty", tmp_path) as (cables, monikers),
        soak(tmp_path, monikers, (SKULL, SHOCK), cycles=4, at_once=2) as run,
    ):
        wait_until(lambda: run.poll() is not None or len(carried_by(tmp_path)) >= 4)
        kill(cables[0])
        out, errors = run.communicate(timeout=100)
    assert run.returncode == 0, errors
    assert json.loads(out)["outcome"] == "PASS"
    assert "Traceback" not in errors
    acts, _ = carriers(tmp_path)
    assert {detail for _, detail in acts[:2]} == set(monikers)
    assert {detail for _, detail in acts[-4:]} == {monikers[1]}


@nightly
def test_a_soak_that_was_killed_goes_on_over_the_same_adapters(tmp_path):
    with two_controllers("tcp", tmp_path) as (_, monikers):
        with soak(tmp_path, monikers, (SKULL, SHOCK), cycles=3, at_once=2) as run:
            wait_until(lambda: run.poll() is not None or len(carried_by(tmp_path)) >= 4)
            kill(run)
        before = len(carried_by(tmp_path))
        done = subprocess.run(
            [*PITBOARD, "soak", "--resume", "--home", str(tmp_path), "--json"],
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "PASS"
    assert {detail for _, detail in carried_by(tmp_path)[before:]} == set(monikers)


@nightly
def test_two_hosts_in_two_processes_do_not_disturb_each_other(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with two_controllers("pty", tmp_path) as (_, monikers):
        first = soak(folders[0], monikers[:1], SET_A[:2], cycles=2, at_once=2)
        second = soak(folders[1], monikers[1:], SET_A[2:], cycles=2, at_once=2)
        with first, second:
            reports = [json.loads(run.communicate(timeout=100)[0]) for run in (first, second)]
    assert [report["outcome"] for report in reports] == ["PASS", "PASS"]


@nightly
def test_a_killed_host_leaves_the_other_alone_and_its_cars_to_the_next_on_its_adapter(tmp_path):

    async def meanwhile(monikers, first):
        async with open_radios(monikers[1:]) as station:
            link = await station.radio.connect(await station.radio.find(SHOCK))
            kill(first)
            async with open_radios(monikers[:1]) as other:
                again = await other.radio.connect(await other.radio.find(SKULL))
                assert again.is_open
                assert link.is_open

    with (
        two_controllers("tcp", tmp_path) as (_, monikers),
        soak(tmp_path, monikers[:1], [SKULL], cycles=50, at_once=1) as first,
    ):
        wait_until(lambda: first.poll() is not None or connects(tmp_path) >= 2)
        asyncio.run(meanwhile(monikers, first))


def test_the_commands_name_the_adapters(tmp_path):
    with two_controllers("tcp", tmp_path) as (_, monikers):
        settings = {"env": {**os.environ, "PITBOARD_RADIO": " ".join(monikers)}, "timeout": 60, "text": True}
        scan, listing, drive = (
            subprocess.run([*PITBOARD, *words.split()], capture_output=True, check=True, **settings)
            for words in (
                "scan --seconds 2",
                "scan --seconds 2 --json",
                "drive 0880eadb --speed 0 --seconds 0.5",
            )
        )
    assert "radio 1" in scan.stdout
    assert f"radio 2: {monikers[1]}" in scan.stdout
    assert all(
        json.loads(line)["rssi_dbm_by_radio"].keys() == set(monikers) for line in listing.stdout.splitlines()
    )
    assert any(f"Skull 0880eadb on {moniker}: connected" in drive.stderr for moniker in monikers)


@pytest.mark.parametrize(
    ("command", "radios", "words"),
    [
        (["scan"], ["sim", "ble"], "do not go together"),
        (["drive", "0880eadb"], ["hci:usb:0", "hci:usb:0"], "named twice"),
        (["soak", "--cars", "0880eadb"], ["ble", "ble:hci1"], "name each"),
    ],
)
def test_radios_that_do_not_go_together_are_one_sentence(command, radios, words):
    named = [word for radio in radios for word in ("--radio", radio)]
    done = subprocess.run(
        [*PITBOARD, *command, *named], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_one_of_two_that_cannot_be_opened_is_named():
    port = free_port()
    with serving([f"tcp-server:127.0.0.1:{port}"]):
        done = subprocess.run(
            [*PITBOARD, "scan", "--radio", f"hci:tcp-client:127.0.0.1:{port}", "--radio", "hci:serial:/dev/no-such-tty"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert "serial:/dev/no-such-tty" in done.stderr
