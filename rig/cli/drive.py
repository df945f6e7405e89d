"""`pitboard drive`: one car under command, with live telemetry and a safe stop."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from rig.cli.numbers import FiniteRange
from rig.cli.radio_options import radio_options, run_on_radio
from rig.cli.recovery_options import recovery_option
from rig.errors import InputError

if TYPE_CHECKING:
    from rig.cli.car_session import CarSession
    from rig.compose import Station

COLOURS = {
    "off": (0, 0, 0),
    "red": (14, 0, 0),
    "green": (0, 14, 0),
    "blue": (0, 0, 14),
    "yellow": (14, 14, 0),
    "white": (14, 14, 14),
}
UNDER_WAY_S = (
    1.5  # a car must be moving to change lanes; from rest it reaches 300 mm/s in well under a second
)
ASK_EVERY_S = 10.0


@click.command()
@click.argument("car")
@click.option("--speed", type=click.IntRange(0, 2000), default=300, show_default=True, help="mm/s; 0 stands.")
@click.option("--accel", type=click.IntRange(1, 25000), default=1000, show_default=True, help="mm/s².")
@click.option("--lane", type=FiniteRange(-100, 100), help="mm right of the road's centre, about ±68.")
@click.option("--lights", type=click.Choice(list(COLOURS)), help="Engine light.")
@click.option("--u-turn", is_flag=True, help="Turn round once under way.")
@click.option("--seconds", type=FiniteRange(min=0.1), help="How long; without it, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="A JSON line for every message and event.")
@recovery_option
@radio_options
def drive(
    *,
    car: str,
    speed: int,
    accel: int,
    lane: float | None,
    lights: str | None,
    u_turn: bool,
    seconds: float | None,
    as_json: bool,
    recovery: str,
    radio: tuple[str, ...],
    seed: int | None,
    fast: bool,
) -> int:
    r"""Drive CAR (identifier, model or name) and watch what it says.

    Ctrl-C, SIGTERM and the end of --seconds all stop the car first, wait until it confirms, and disconnect.
    Exit code 1 when the link was lost or the stop was not confirmed.

    \b
    Examples:
      pitboard drive 0880eadb --seconds 30
      pitboard drive nuke --speed 500 --lane -23 --lights blue
      pitboard drive "Thermo A3" --u-turn --json --seconds 10
    """
    if fast and seconds is None:
        raise InputError("--fast drives for ever in no time; give --seconds")

    async def main(station: Station) -> int:
        from rig.cli.car_session import NOT_STOPPED, car_under_command  # noqa: PLC0415 - bleak loads only here
        from rig.cli.telemetry_view import JsonView, LineView, LiveView  # noqa: PLC0415 - rich, as above

        view = JsonView() if as_json else LiveView() if sys.stdout.isatty() else LineView()
        async with car_under_command(
            station,
            car,
            quiet=as_json,
            recovery=recovery,
            on_frame=view.heard,
            on_action=view.acted,
            output=view.output,
        ) as session:
            with view.showing(session.link, speed):
                _set_out(session, speed, accel, lights)
                await _tour(session, lane, u_turn=u_turn, seconds=seconds)
        view.ended(stopped=session.stopped)
        view.output.check()
        return 0 if session.stopped else NOT_STOPPED

    return run_on_radio(radio, main, seed=seed, fast=fast, quiet=as_json)


def _set_out(session: CarSession, speed: int, accel: int, lights: str | None) -> None:
    from protocol import commands  # noqa: PLC0415 - as above

    if lights is not None:
        for message in commands.engine_colour(session.link.dialect, *COLOURS[lights]):
            session.driver.send(message)
    session.driver.want_speed(speed, accel)


async def _tour(session: CarSession, lane: float | None, *, u_turn: bool, seconds: float | None) -> None:
    from protocol import commands  # noqa: PLC0415 - as above
    from rig.driving.session_events import Request  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    until_s = None if seconds is None else loop.time() + seconds

    async def wait(at_most_s: float) -> bool:
        left_s = at_most_s if until_s is None else min(at_most_s, until_s - loop.time())
        await session.until_lost(max(0.0, left_s))
        return until_s is None or loop.time() < until_s

    session.driver.ask(Request.BATTERY)
    if (lane is not None or u_turn) and not await wait(UNDER_WAY_S):
        return
    if lane is not None:
        session.driver.change_lane(lane)
        if u_turn and not await wait(UNDER_WAY_S):
            return
    if u_turn:
        session.driver.send(commands.u_turn(session.link.dialect))
    while await wait(ASK_EVERY_S):
        session.driver.ask(Request.BATTERY)
