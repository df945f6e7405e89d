"""What must not happen: a machine that raises, a radio that cannot listen while its links live, a connect too many."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from booth.control.ruler import Ruler
from booth.control.runner import ShowRunner
from booth.control.scribe import Scribe
from booth.log.store import ShowLog
from booth.pack.files import load_pack
from booth.race.wish import Wish
from booth.show import actions as act
from booth.show import inputs as told
from rig.clock import SystemClock
from rig.compose import run_with_radio
from rig.radio.errors import HostTrouble
from rig.rotation.events import EarLost, LinkDown, LinkUp, Listened
from rig.sim.world_files import load_track

PACK = load_pack()
RULER = Ruler(load_track("starter-oval").pieces)
CAR = PACK.sets[0].cars[0].identifier


class Drives:
    """A machine that connects one car and drives it; `fails_at` is the kind of input that it cannot bear."""

    def __init__(self, fails_at=None, wants=()):
        self.heard = []
        self.turn = object()
        self.fails_at = fails_at
        self.wants = list(wants)

    def tell(self, event):
        self.heard.append(event)
        if self.fails_at is not None and isinstance(event, self.fails_at) and self.facts(LinkUp):
            raise ArithmeticError("a bug")
        match event:
            case told.Woke():
                return (act.Connect(CAR),)
            case told.Sensed(fact=LinkUp(car=car)):
                return (act.Drive(car, Wish(600)),)
            case told.Ticked() if self.wants:
                return (self.wants.pop(),)
            case _:
                return ()

    def facts(self, kind):
        return [
            event for event in self.heard if isinstance(event, told.Sensed) and isinstance(event.fact, kind)
        ]


@pytest.fixture
def log(tmp_path):
    with ShowLog(tmp_path / "show.db", create=True) as log:
        yield log


def played(machine, log, main):
    async def play(station):
        runner = ShowRunner(
            PACK,
            machine,
            station.radio,
            ruler=RULER,
            scribe=Scribe(log, SystemClock()),
            clock=SystemClock(),
            remedies=station.remedies,
        )
        try:
            async with runner:
                runner.wake((), 0.0)
                await main(runner, station)
        finally:
            assert not station.radio.links
            await asyncio.sleep(2.0)
            now_s = asyncio.get_running_loop().time()
            assert station.world.cars[CAR].driving.wheel_mm_s(now_s) == 0, "every car stands"

    run_with_radio("sim:one-car", play, seed=3)


async def up(machine):
    async with asyncio.timeout(20):
        while not machine.facts(LinkUp):
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("fails_at", [told.Ticked, told.Moved, told.BatteryRead])
def test_a_machine_that_raises_ends_the_show_with_every_car_stopped(log, fails_at):
    machine = Drives(fails_at)

    async def main(runner, station):
        await asyncio.sleep(120)
        pytest.fail("nobody noticed")

    with pytest.raises(ArithmeticError, match="a bug"):
        played(machine, log, main)
    assert isinstance(machine.heard[-1], fails_at), "nothing is told to it after that"


def test_a_car_that_is_connected_is_told_again_to_who_asks_for_it(log):
    machine = Drives()

    async def main(runner, station):
        await up(machine)
        machine.wants = [act.Connect(CAR)]
        await asyncio.sleep(1)
        assert len(machine.facts(LinkUp)) == 2
        assert len(station.radio.links) == 1

    played(machine, log, main)


def test_links_that_live_while_the_radio_cannot_listen_are_told_again(log):
    machine = Drives()

    async def main(runner, station):
        await up(machine)
        listens = station.radio.scan

        @contextlib.asynccontextmanager
        async def deaf():
            raise HostTrouble("sim", "no scan today")
            yield

        station.radio.scan = deaf
        downs = len(machine.facts(LinkDown))
        runner.ears.listen(3.0)
        await asyncio.sleep(10)
        assert len(machine.facts(EarLost)) == 1
        assert len(machine.facts(LinkUp)) == 2
        station.radio.scan = listens
        await asyncio.sleep(10)
        assert len(machine.facts(Listened)) == 1
        assert len(machine.facts(LinkUp)) == 2
        assert len(machine.facts(LinkDown)) == downs

    played(machine, log, main)


def test_a_link_that_came_up_while_it_was_given_up_does_not_keep_the_car(log):
    machine = Drives()

    async def main(runner, station):
        await up(machine)
        runner.garage.halt(CAR)
        await asyncio.sleep(3)
        await station.radio.connect(await station.radio.find(CAR))  # nobody holds what comes of it
        runner.garage.connect(CAR)
        await asyncio.sleep(10)
        assert len(machine.facts(LinkUp)) == 2
        assert runner.garage.linked == {CAR}

    played(machine, log, main)
