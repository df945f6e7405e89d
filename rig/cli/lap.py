"""`pitboard lap`: scan the track, draw it, count and time laps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from rig.cli.numbers import FiniteRange
from rig.cli.radio_options import radio_options, run_on_radio
from rig.cli.recovery_options import recovery_option

if TYPE_CHECKING:
    from rig.compose import Station
    from rig.driving.lap_events import Lap
    from rig.driving.track_map import TrackMap
    from rig.driving.track_scan import Failure
    from rig.radio.link import Received

FAILED = 1
SCAN_SPEED_MM_S = 300  # codes are read 95 % of the time; at racing speed hardly at all
LOOK_EVERY_S = 0.5


@click.command()
@click.argument("car")
@click.option(
    "--laps", "wanted", type=click.IntRange(1), default=5, show_default=True, help="How many to time."
)
@click.option(
    "--speed", type=click.IntRange(100, 2000), default=300, show_default=True, help="mm/s, for the laps."
)
@click.option("--lane", type=FiniteRange(-100, 100), help="mm right of the road's centre, about ±68.")
@click.option(
    "--lap-timeout",
    type=FiniteRange(min=1),
    default=60.0,
    show_default=True,
    help="Seconds without a lap to give up.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON line for the track, each lap and the summary.")
@recovery_option
@radio_options
def lap(
    *,
    car: str,
    wanted: int,
    speed: int,
    lane: float | None,
    lap_timeout: float,
    as_json: bool,
    recovery: str,
    radio: tuple[str, ...],
    seed: int | None,
    fast: bool,
) -> int:
    r"""Let CAR scan the track (two laps that agree), draw it, then count and time --laps laps.

    Scanning is done at 300 mm/s, where codes are read; the laps at --speed. Exit code 1 when the car read no
    code, found no track or drove no lap in time. The car is stopped at the end, whatever happens.

    \b
    Examples:
      pitboard lap 0880eadb --fast
      pitboard lap 0880eadb --radio ble --laps 20 --speed 600
      pitboard lap 0880eadb --json | jq -r 'select(.event=="lap").time_s'
    """

    async def main(station: Station) -> int:
        from rig.cli.car_session import NOT_STOPPED, car_under_command  # noqa: PLC0415 - bleak loads only here

        counting = _Counting(wanted, as_json=as_json)
        async with car_under_command(
            station, car, quiet=as_json, recovery=recovery, on_frame=counting.heard, output=counting.output
        ) as session:
            session.driver.want_speed(SCAN_SPEED_MM_S)
            good = await _until(session.until_lost, counting.scanned, counting, limit_s=None)
            if good:
                counting.begin_laps()
                session.driver.want_speed(speed)
                if lane is not None:
                    session.driver.change_lane(lane)
                good = await _until(session.until_lost, counting.finished, counting, limit_s=lap_timeout)
        counting.summarise()
        counting.output.check()
        return 0 if good and session.stopped else NOT_STOPPED if good else FAILED

    return run_on_radio(radio, main, seed=seed, fast=fast, quiet=as_json)


class _Counting:
    """Prints what a `LapRun` finds."""

    def __init__(self, wanted: int, *, as_json: bool) -> None:
        from rig.cli.output import Output  # noqa: PLC0415 - as above
        from rig.driving.lap_run import LapRun  # noqa: PLC0415

        self.output = Output()
        self.wanted = wanted
        self.as_json = as_json
        self.failed = False
        self.counting = False
        self.scanned = asyncio.Event()
        self.finished = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.began_s = self.last_lap_s = self.loop.time()
        self.run = LapRun(self.found_track, self.found_none, self.found_lap)

    def heard(self, received: Received) -> None:
        from rig.driving.lap_events import event_of  # noqa: PLC0415 - as above

        event = event_of(received.message, received.mono_s)
        if event is not None:
            self.run.feed(event)

    def found_track(self, track: TrackMap) -> None:
        from rig.cli.lap_words import track_record, track_words  # noqa: PLC0415 - as above

        if self.as_json:
            self.output.line(json.dumps(track_record(track), ensure_ascii=False))
        else:
            self.output.line("\n".join(["", *track_words(track), ""]))
        self.last_lap_s = self.loop.time()
        self.scanned.set()

    def begin_laps(self) -> None:
        self.counting = True
        self.run.begin_laps()

    def found_none(self, failure: Failure) -> None:
        self._complain(f"no track found: {failure.value}")

    def found_lap(self, lap: Lap) -> None:
        from rig.cli.lap_words import lap_record, lap_words  # noqa: PLC0415 - as above

        if not self.counting or self.finished.is_set():
            return
        self.last_lap_s = self.loop.time()
        self.output.line(json.dumps(lap_record(lap, self.began_s)) if self.as_json else lap_words(lap))
        if lap.number >= self.wanted:
            self.finished.set()

    def late(self, limit_s: float | None) -> bool:
        """Whether there is no point in waiting on; says why."""
        self.run.check(self.loop.time())
        if self.failed:
            return True
        if limit_s is not None and self.loop.time() - self.last_lap_s > limit_s:
            self._complain(f"no lap in {limit_s:g} s: the car left the track, stands, or reads nothing")
            return True
        return False

    def summarise(self) -> None:
        from rig.cli.lap_words import laps_record, laps_words  # noqa: PLC0415 - as above

        laps = self.run.laps[: self.wanted] if self.counting else []
        if self.as_json:
            self.output.line(json.dumps({"event": "summary"} | laps_record(laps)))
        else:
            self.output.line("\n" + laps_words(laps))

    def _complain(self, words: str) -> None:
        self.failed = True
        if self.as_json:
            self.output.line(json.dumps({"event": "failure", "text": words}))
        else:
            click.echo(words, err=True)


async def _until(
    wait: Callable[[float | None], Awaitable[None]],
    done: asyncio.Event,
    counting: _Counting,
    *,
    limit_s: float | None,
) -> bool:
    while not done.is_set():
        await wait(LOOK_EVERY_S)
        if counting.late(limit_s):
            return False
    return True
