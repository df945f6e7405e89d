"""A whole stand in virtual time: the show machine, the runner, the simulated fleet and simulated hands."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from booth.control.hands import WorldHands
from booth.control.playing import Playing
from booth.control.ruler import Ruler
from booth.control.runner import ShowRunner
from booth.control.scribe import Scribe
from booth.log.store import ShowLog
from booth.pack.files import load_pack
from booth.race.grid import lane_of
from booth.show.checklists import OPENING
from booth.show.commands import OpenShow, Role, Tick
from booth.show.state import show_of
from rig.clock import LoopClock
from rig.compose import run_with_radio
from rig.sim.world_files import load_track

PACK = load_pack()


class Stand:
    """One stand; its race process may die and be started again."""

    def __init__(self, station, log):
        self.station = station
        self.world = station.world
        self.log = log
        self.clock = LoopClock(datetime(2013, 6, 4, 15, tzinfo=UTC))
        lanes = {car: lane_of(seat) for seat, car in enumerate(station.world.cars, start=1)}
        self.hands = WorldHands(station.world, lanes)

    @asynccontextmanager
    async def process(self):
        """A life of the race process, which reads the log of those before."""
        now = self.clock.utc_now()
        written = tuple(((now - at).total_seconds(), record) for at, record in self.log.read())
        async with ShowRunner(
            PACK,
            Playing(show_of(PACK, 1, lives={}, has_hands=True)),
            self.station.radio,
            ruler=Ruler(load_track(PACK.track).pieces),
            scribe=Scribe(self.log, self.clock),
            clock=self.clock,
            remedies=self.station.remedies,
            hands=self.hands,
        ) as runner:
            runner.wake(written, written[-1][0] if written else 0.0)
            yield runner

    async def opens(self, runner):
        """Lets visitors in."""
        for item in OPENING.items:
            assert await runner.ask(Role.CREW, Tick("test", item)) is None
        assert await runner.ask(Role.CREW, OpenShow("test")) is None

    def records(self, kind):
        """What was written of one kind."""
        return [record for _, record in self.log.read() if isinstance(record, kind)]


def played(folder, main):
    """Runs `main(stand)`; afterwards no link is left."""

    async def play(station):
        with ShowLog(folder / "show.db", create=True) as log:
            await main(Stand(station, log))
        assert not station.radio.links

    run_with_radio("sim:show", play, seed=1)


async def until(limit_s, reached):
    """Waits for something, at most so long; how long it took."""
    began_s = asyncio.get_running_loop().time()
    async with asyncio.timeout(limit_s):
        while not reached():
            await asyncio.sleep(0.1)
    return asyncio.get_running_loop().time() - began_s
