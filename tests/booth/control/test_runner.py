"""The runner on simulated cars: what the machine wants is done in order, what happens is told, nothing is left behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from booth.control.ruler import Ruler
from booth.control.runner import ShowRunner
from booth.control.scribe import Scribe
from booth.log.store import ShowLog
from booth.pack.files import load_pack
from booth.race.wish import Wish
from booth.show import actions as act
from booth.show import inputs as told
from booth.show.commands import Hold, Role, Steer
from booth.show.records import Opened
from rig.clock import SystemClock
from rig.compose import run_with_radio
from rig.rotation.events import Heard, LinkDown, LinkUp, Listened
from rig.sim.world_files import load_track

PACK = load_pack()
RULER = Ruler(load_track("starter-oval").pieces)
CAR = PACK.sets[0].cars[0].identifier


class Rehearsed:
    """A machine that connects one car, drives it, and keeps what it was told."""

    def __init__(self, speed_mm_s=600):
        self.heard = []
        self.turn = object()
        self._speed_mm_s = speed_mm_s

    def tell(self, event):
        self.heard.append(event)
        match event:
            case told.Woke():
                return (act.Write(Opened("test")), act.Listen(3.0))
            case told.Sensed(fact=Listened()):
                return (act.Connect(CAR), act.Connect(CAR))
            case told.Sensed(fact=LinkUp(car=car)):
                return (act.CountLaps(car, mid_race=True), act.Drive(car, Wish(self._speed_mm_s)))
            case told.Asked(number=number, command=Hold()):
                return (act.Halt(CAR), act.Answer(number, "not now"))
            case _:
                return ()

    def of(self, kind, fact=None):
        return [
            event
            for event in self.heard
            if isinstance(event, kind) and (fact is None or isinstance(event.fact, fact))
        ]


@pytest.fixture
def log(tmp_path):
    with ShowLog(tmp_path / "show.db", create=True) as log:
        yield log


def played(machine, log, main):
    async def play(station):
        scribe = Scribe(log, SystemClock())
        async with ShowRunner(
            PACK,
            machine,
            station.radio,
            ruler=RULER,
            scribe=scribe,
            clock=SystemClock(),
            remedies=station.remedies,
        ) as runner:
            runner.wake((), 0.0)
            result = await main(runner, station)
        assert not station.radio.links
        return result

    return run_with_radio("sim:one-car", play, seed=3)


def test_a_car_is_heard_connected_driven_and_its_laps_are_counted(log):
    machine = Rehearsed()

    async def main(runner, station):
        await asyncio.sleep(45)

    played(machine, log, main)
    assert isinstance(machine.heard[0], told.Woke)
    down = machine.of(told.Sensed, LinkDown)[:8]
    assert {event.fact.car for event in down} == {c.identifier for group in PACK.sets for c in group.cars}
    (heard,) = machine.of(told.Sensed, Listened)
    assert CAR in heard.fact.heard
    assert len(machine.of(told.Sensed, LinkUp)) == 1
    assert len([one for one in machine.of(told.Sensed, Heard) if one.fact.car == CAR]) <= 4
    laps = machine.of(told.Lapped)
    assert laps[0].is_first
    assert len(laps) >= 5
    assert all(4.0 < lap.time_s < 7.0 for lap in laps[1:])
    moved = machine.of(told.Moved)
    assert all(0 <= one.along_mm <= one.lap_mm for one in moved)
    steps = Counter((b.along_mm - a.along_mm) % a.lap_mm < a.lap_mm / 2 for a, b in pairwise(moved))
    assert steps[True] > 0.98 * len(moved), "along the lap a car comes forward"
    assert len(machine.of(told.BatteryRead)) >= 2
    assert len(machine.of(told.OnTrack)) >= 1
    assert [type(record) for _, record in log.read()] == [Opened]


def test_who_asks_is_answered_and_a_car_that_is_halted_stands_and_is_let_go(log):
    machine = Rehearsed()

    async def main(runner, station):
        async with asyncio.timeout(20):
            while not machine.of(told.Lapped):
                await asyncio.sleep(0.5)
        runner.put(Role.PLAYER, Steer("p", 1, 0.5), answered=None)
        assert await runner.ask(Role.CREW, Hold("test")) == "not now"
        await asyncio.sleep(5)
        assert not runner.garage.linked
        return station.world.cars[CAR].driving.wheel_mm_s(asyncio.get_running_loop().time())

    assert played(machine, log, main) == 0
    assert isinstance(machine.of(told.Sensed, LinkDown)[-1].fact, LinkDown)


def test_a_link_that_breaks_is_told_once_and_the_car_can_be_had_again(log):
    machine = Rehearsed()

    async def main(runner, station):
        async with asyncio.timeout(20):
            while not machine.of(told.Lapped):
                await asyncio.sleep(0.5)
        before = len(machine.of(told.Sensed, LinkDown))
        station.world.break_link(CAR)
        await asyncio.sleep(8)
        assert len(machine.of(told.Sensed, LinkDown)) == before + 1
        runner.garage.connect(CAR)
        await asyncio.sleep(10)
        assert len(machine.of(told.Sensed, LinkUp)) == 2

    played(machine, log, main)


def test_a_radio_that_fails_while_listening_is_told_and_told_again_when_it_is_back(log):
    machine = Rehearsed()

    async def main(runner, station):
        station.world.inject("adapter_off", lasts_s=6.0)
        await asyncio.sleep(15)

    played(machine, log, main)
    assert [event.kind for event in machine.of(told.Trouble)][:1] == ["radio"]
    assert [event.kind for event in machine.of(told.Cured)][:1] == ["radio"]
    assert len(machine.of(told.Sensed, LinkUp)) == 1
