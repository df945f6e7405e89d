"""The race process: one show, one radio, one socket, until told to stop."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

from booth.control.lives import lives_of
from booth.control.playing import Playing
from booth.control.remote_hands import RemoteHands
from booth.control.ruler import Ruler
from booth.control.runner import ShowRunner
from booth.control.scribe import Scribe
from booth.control.server import ControlServer
from booth.log.store import FILE, ShowLog
from booth.pack.files import load_pack
from booth.pack.model import ShowPack
from booth.pack.starting import folder_for
from booth.show.checklists import OPENING
from booth.show.commands import OpenShow, Role, Tick
from booth.show.records import Record
from booth.show.state import show_of
from rig.clock import Clock, SystemClock
from rig.compose import open_radios
from rig.control import control_process
from rig.sim.world_files import load_track
from rig.store.home import find_home, only_writer

RESTART_ME = 75
"""Exit code that asks the launcher to start this process again (EX_TEMPFAIL of sysexits.h)."""
BY_ITSELF = "pitboard"
_log = logging.getLogger("pitboard.booth")


@dataclass(frozen=True, slots=True)
class Where:
    """What the command line says. `hands` is the socket of whoever moves simulated cars; `opens` lets visitors in
    without a crew, for a demo; `seed` is of the AI drivers."""

    pack: str
    home: Path
    socket: Path
    radio: Sequence[str]
    hands: Path | None = None
    seed: int = 1
    opens: bool = False


def run(where: Where) -> int:
    """Plays the show of this process; the exit code.

    Raises:
        BoothError, RigError: it cannot begin.
    """
    pack = load_pack(where.pack)
    folder = where.home / "booth" / folder_for(pack.name)
    with only_writer(folder), ShowLog(folder / FILE, create=True) as log, control_process() as priority:
        _log.info("%s", priority)
        return asyncio.run(_play(where, pack, log))


async def _play(where: Where, pack: ShowPack, log: ShowLog) -> int:
    clock = SystemClock()
    stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    _listen_for_signals(stop)
    cars = [car.identifier for group in pack.sets for car in group.cars]
    lives = await asyncio.to_thread(lives_of, find_home(str(where.home)).database, cars)
    show = show_of(pack, where.seed, lives=lives, has_hands=where.hands is not None)
    records, away_s = today(log, clock, pack)

    def restart(what: str | None) -> None:
        if what == "race":
            _end(stop, RESTART_ME)
        else:
            print(json.dumps({"restart": what}), flush=True)  # noqa: T201 - to the launcher, over our standard output

    async with (
        open_radios(list(where.radio)) as station,
        ShowRunner(
            pack,
            Playing(show),
            station.radio,
            ruler=Ruler(load_track(pack.track).pieces),
            scribe=Scribe(log, clock),
            clock=clock,
            remedies=station.remedies,
            hands=None if where.hands is None else RemoteHands(where.hands),
            on_restart=restart,
        ) as runner,
    ):
        runner.wake(records, away_s)
        async with ControlServer(runner, where.socket):
            if where.opens:
                await _open(runner)
            return await stop


async def _open(runner: ShowRunner) -> None:
    """Lets visitors in as a crew would, its list ticked: nobody is there to do it."""
    for item in OPENING.items:
        await runner.ask(Role.CREW, Tick(BY_ITSELF, item))
    refused = await runner.ask(Role.CREW, OpenShow(BY_ITSELF))
    if refused:
        _log.info("%s", refused)


def today(log: ShowLog, clock: Clock, pack: ShowPack) -> tuple[tuple[tuple[float, Record], ...], float]:
    """The records of the show's day with their age in seconds, oldest first, and for how long nobody has written."""
    now = clock.utc_now()
    midnight = now.astimezone(ZoneInfo(pack.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    records = tuple(
        (max(0.0, (now - at).total_seconds()), record) for at, record in log.read(midnight.astimezone(UTC))
    )
    return records, records[-1][0] if records else 0.0


def _listen_for_signals(stop: asyncio.Future[int]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _end, stop, 0)


def _end(stop: asyncio.Future[int], code: int) -> None:
    if not stop.done():
        stop.set_result(code)
