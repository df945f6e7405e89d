"""Puts the parts together for the commands: a radio by its moniker, on the right event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from rig.errors import InputError
from rig.radio.backend import HostAdapter, HostStackClient, HostStackScanner
from rig.radio.host_stack import HostStack
from rig.radio.moniker import Moniker, parse_moniker
from rig.radio.radio import Radio, RadioCapabilities
from rig.radio.recovery.remedies import HostRemedies, NoRemedies, Remedies
from rig.radio.transmit import TransmitPolicy
from rig.virtual_time import run_virtual

if TYPE_CHECKING:
    from rig.sim.world import SimWorld

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Station:
    """A radio ready for use, the simulated world around it when there is one, and what it can do about itself."""

    radio: Radio
    world: SimWorld | None = None
    remedies: Remedies = field(default_factory=NoRemedies)


@asynccontextmanager
async def open_radio(moniker_text: str, seed: int | None = None) -> AsyncIterator[Station]:
    """Opens the radio a user named; leaves links, adapter and world clean behind it.

    `seed` overrides the seed of a simulated world and means nothing elsewhere.

    Raises:
        InputError: no such radio or world.
        BenchError: the adapter cannot be opened.
    """
    moniker = parse_moniker(moniker_text)
    if moniker.kind == "sim":
        from rig.sim.worlds import world_by_name  # noqa: PLC0415 - bumble costs a third of a second

        async with (
            world_by_name(moniker.target, seed) as world,
            _radio_over(world.stack, moniker, max_links=world.air_parameters.max_links) as radio,
        ):
            yield Station(radio, world, HostRemedies(world.stack, radio))
    elif moniker.kind == "vhci":
        from rig.sim.os_adapter import OsAdapter  # noqa: PLC0415 - as above
        from rig.sim.worlds import world_by_name  # noqa: PLC0415

        async with (
            world_by_name(moniker.target, seed, adapter=OsAdapter) as world,
            Radio(
                name=str(moniker),
                backend_options={"bluez": {"adapter": world.adapter.name}},
                capabilities=RadioCapabilities(is_simulated=True),
            ) as radio,
        ):
            yield Station(radio, world)
    elif moniker.kind == "hci":
        from rig.sim.dongle import open_dongle  # noqa: PLC0415 - as above

        async with open_dongle(moniker.target) as host, _radio_over(host, moniker) as radio:
            yield Station(radio, remedies=HostRemedies(host, radio))
    else:
        options = {"bluez": {"adapter": moniker.target}} if moniker.target else {}
        async with Radio(name=str(moniker), backend_options=options) as radio:
            yield Station(radio)


def _radio_over(stack: HostStack, moniker: Moniker, max_links: int | None = None) -> Radio:
    return Radio(
        name=str(moniker),
        transmit=TransmitPolicy.SIMULATED_CARS if moniker.has_world else TransmitPolicy.REAL_CARS,
        scanner_backend=HostStackScanner,
        client_backend=HostStackClient,
        backend_options={"host": HostAdapter(stack)},
        capabilities=RadioCapabilities(is_simulated=moniker.has_world, max_links=max_links),
    )


def run_with_radio(
    moniker_text: str,
    main: Callable[[Station], Awaitable[T]],
    *,
    virtual: bool | None = None,
    seed: int | None = None,
) -> T:
    """Runs `main(station)` to its end on the loop that suits the radio.

    `virtual` chooses virtual time; by default simulated radios get it and real ones do not.

    Raises:
        InputError: virtual time with a real radio, or a bad moniker.
    """
    moniker = parse_moniker(moniker_text)
    if virtual and not moniker.can_jump_time:
        what = "meets the cars through this machine's own Bluetooth" if moniker.has_world else "is real"
        raise InputError(
            f"radio '{moniker}' {what} and cannot run in virtual time; use a sim: radio or drop --virtual"
        )

    async def with_station() -> T:
        async with open_radio(moniker_text, seed) as station:
            return await main(station)

    if moniker.can_jump_time if virtual is None else virtual:
        return run_virtual(with_station)
    return asyncio.run(with_station())
