"""A car found, connected, driven and, whatever happens, stopped and let go of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import click

from rig.cli.car_words import connected_words
from rig.compose import Station
from rig.driving.driver import Driver
from rig.driving.find_car import find_car
from rig.driving.session_events import Action
from rig.radio.errors import LinkLost
from rig.radio.link import CarLink, Received

NOT_STOPPED = 1


@dataclass(slots=True)
class CarSession:
    """A car under our command. `stopped`: whether it confirmed the stop at the end (None while driving)."""

    link: CarLink
    driver: Driver
    stopped: bool | None = None

    async def until_lost(self, seconds: float | None) -> None:
        """Lets time pass; for ever when `seconds` is None.

        Raises:
            LinkLost: the link went down in the meantime.
        """
        try:
            async with asyncio.timeout(seconds):
                loss = await self.link.lost.wait()
        except TimeoutError:
            return
        raise LinkLost(self.link.label, reason=str(loss))


@asynccontextmanager
async def car_under_command(
    station: Station,
    wanted: str,
    *,
    quiet: bool,
    connect_s: float = 10.0,
    on_frame: Callable[[Received], None] | None = None,
    on_action: Callable[[Action], None] | None = None,
) -> AsyncIterator[CarSession]:
    """Finds and connects the car; leaving stops it (confirmed by the car) and disconnects, even when cancelled.

    Raises:
        CarFault, HostFault, CallerFault: finding or connecting failed.
    """
    if not quiet:
        click.echo(f"looking for {wanted} ...", err=True)
    sighting = await find_car(station.radio, wanted, connect_s)
    link = await station.radio.connect(sighting, timeout_s=connect_s, on_frame=on_frame)
    try:
        if not quiet:
            click.echo(connected_words(link.label, link.milestones), err=True)
        async with Driver(link, on_action) as driver:
            session = CarSession(link, driver)
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


def _stop_words(session: CarSession) -> str:
    if session.stopped:
        return f"{session.link.label}: stopped, confirmed by the car; disconnecting"
    return f"{session.link.label}: the stop was NOT confirmed; take the car off the track"
