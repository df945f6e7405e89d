"""A car found, connected, driven and, whatever happens, stopped and let go of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import click

from rig.cli.car_words import connected_words
from rig.cli.output import Output
from rig.cli.recovery_options import CAREFUL, lines_on_stderr, policy_of
from rig.compose import Station
from rig.driving.driver import Driver
from rig.driving.reach_car import connect_with_recovery
from rig.driving.session_events import Action
from rig.radio.errors import LinkLost
from rig.radio.link import CarLink, Received

NOT_STOPPED = 1
SHORTEST_S = 1e-6  # below the clock's resolution a wait passes no simulated time at all


@dataclass(slots=True)
class CarSession:
    """A car under our command. `stopped`: whether it confirmed the stop at the end (None while driving).

    `output` is where its callbacks write.
    """

    link: CarLink
    driver: Driver
    output: Output | None = None
    stopped: bool | None = None

    async def until_lost(self, seconds: float | None) -> None:
        """Lets time pass; for ever when `seconds` is None.

        Raises:
            LinkLost: the link went down in the meantime.
            OSError: what the callbacks had to say could not be written.
        """
        ends: list[asyncio.Future[Any]] = [asyncio.ensure_future(self.link.lost.wait())]
        if self.output is not None:
            ends.append(asyncio.ensure_future(self.output.failed.wait()))
        try:
            await asyncio.wait(
                ends,
                timeout=None if seconds is None else max(seconds, SHORTEST_S),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for end in ends:
                end.cancel()
        if self.output is not None:
            self.output.check()
        if self.link.lost.loss is not None:
            raise LinkLost(self.link.label, reason=str(self.link.lost.loss))


@asynccontextmanager
async def car_under_command(
    station: Station,
    wanted: str,
    *,
    quiet: bool,
    recovery: str = CAREFUL,
    connect_s: float = 10.0,
    on_frame: Callable[[Received], None] | None = None,
    on_action: Callable[[Action], None] | None = None,
    output: Output | None = None,
) -> AsyncIterator[CarSession]:
    """Finds and connects the car, with the ladder that `recovery` names when that fails; leaving stops it (confirmed
    by the car) and disconnects, even when cancelled.

    Raises:
        CarFault, HostFault, CallerFault: finding or connecting failed.
    """
    if not quiet:
        click.echo(f"looking for {wanted} ...", err=True)
    link = await connect_with_recovery(
        station.radio,
        wanted,
        policy_of(recovery),
        remedies=station.remedies,
        listeners=None if quiet else lines_on_stderr(),
        connect_s=connect_s,
        on_frame=on_frame,
    )
    try:
        if not quiet:
            click.echo(connected_words(_label(station, link), link.milestones), err=True)
        async with Driver(link, on_action) as driver:
            session = CarSession(link, driver, output)
            try:
                yield session
            finally:
                try:
                    await driver.finish()
                finally:
                    session.stopped = driver.stopped
                    if not quiet:
                        click.echo(_stop_words(session), err=True)
    finally:
        await link.disconnect()


def _label(station: Station, link: CarLink) -> str:
    """The car, and where several radios are in use, which carries it."""
    return link.label if len(station.radio.adapters) == 1 else f"{link.label} on {link.adapter}"


def _stop_words(session: CarSession) -> str:
    if session.stopped:
        return f"{session.link.label}: stopped, confirmed by the car; disconnecting"
    return f"{session.link.label}: the stop was NOT confirmed; take the car off the track"
