"""The show machine, the runner and the simulated fleet together: the sets change over by hand, and the other set races."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from booth.control.hands import WorldHands
from booth.control.playing import Playing
from booth.control.ruler import Ruler
from booth.control.runner import ShowRunner
from booth.control.scribe import Scribe
from booth.log.store import ShowLog
from booth.pack.files import load_pack
from booth.race.grid import lane_of
from booth.show.checklists import OPENING
from booth.show.commands import CallSwap, OpenShow, Role, Tick
from booth.show.records import LapDone, RaceFinished, SwapDone
from booth.show.state import show_of
from booth.show.view import Stage
from rig.clock import LoopClock
from rig.compose import run_with_radio
from rig.sim.world_files import load_track

PACK = load_pack()
BEFORE, AFTER = PACK.sets


@pytest.fixture
def log(tmp_path):
    with ShowLog(tmp_path / "show.db", create=True) as log:
        yield log


def played(log, main):
    """Opens a show whose hands are simulated too, and lets visitors in."""

    async def play(station):
        clock = LoopClock(datetime(2013, 6, 4, 15, tzinfo=UTC))
        lanes = {car: lane_of(seat) for seat, car in enumerate(station.world.cars, start=1)}
        async with ShowRunner(
            PACK,
            Playing(show_of(PACK, 1, lives={}, has_hands=True)),
            station.radio,
            ruler=Ruler(load_track(PACK.track).pieces),
            scribe=Scribe(log, clock),
            clock=clock,
            remedies=station.remedies,
            hands=WorldHands(station.world, lanes),
        ) as runner:
            runner.wake((), 0.0)
            for item in OPENING.items:
                assert await runner.ask(Role.CREW, Tick("test", item)) is None
            assert await runner.ask(Role.CREW, OpenShow("test")) is None
            await main(runner, station)
        assert not station.radio.links

    run_with_radio("sim:show", play, seed=1)


async def until(limit_s, reached):
    async with asyncio.timeout(limit_s):
        while not reached():
            await asyncio.sleep(0.5)


def test_hands_swap_the_sets_and_the_other_set_races_while_the_first_one_charges(log):
    async def main(runner, station):
        await until(60, lambda: runner.snapshot().stage is Stage.RACE)
        assert await runner.ask(Role.CREW, CallSwap("test")) is None
        await until(180, lambda: any(isinstance(record, SwapDone) for _, record in log.read()))
        await until(90, lambda: runner.snapshot().stage is Stage.RACE)
        assert runner.garage.linked == {car.identifier for car in AFTER.cars}
        for car in BEFORE.cars:
            assert not station.world.cars[car.identifier].driving.on_road
        await until(60, lambda: len([r for _, r in log.read() if isinstance(r, RaceFinished)]) == 2)
        await until(60, lambda: all(station.world.cars[c.identifier].power.on_charger for c in BEFORE.cars))

    played(log, main)
    laps = [(r.race, r.seat, r.number) for _, r in log.read() if isinstance(r, LapDone)]
    assert len(laps) == len(set(laps)), "no lap twice"
    results = [record for _, record in log.read() if isinstance(record, RaceFinished)]
    raced = [{standing.car for standing in result.standings} for result in results]
    assert raced == [{car.identifier for car in group.cars} for group in PACK.sets]
