"""Another central in the simulated world, with an adapter of its own: what the vendor's app is to a car."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rig.radio.backend import HostStackClient, HostStackScanner
from rig.radio.host_adapter import HostAdapter
from rig.radio.radio import Radio
from rig.radio.transmit import TransmitPolicy

if TYPE_CHECKING:
    from rig.sim.world import SimWorld

_FIND_S = 10.0
_CONNECT_S = 10.0


class VendorApp:
    """Takes cars, one after the other or several at once."""

    def __init__(self, radio: Radio) -> None:
        self._radio = radio

    async def hold(self, identifier: int, hold_s: float) -> None:
        """Connects to the car, keeps it for `hold_s`, and disconnects.

        Raises:
            CarFault: the car could not be found or connected.
            HostFault: the second adapter does not work.
        """
        sighting = await self._radio.find(identifier, timeout_s=_FIND_S)
        link = await self._radio.connect(sighting, timeout_s=_CONNECT_S)
        try:
            await asyncio.sleep(hold_s)
        finally:
            await link.disconnect()


@asynccontextmanager
async def vendor_app(world: SimWorld) -> AsyncIterator[VendorApp]:
    """The app with its adapter, for the length of the context.

    Raises:
        BenchError: the world takes no second adapter.
    """
    from rig.sim.adapter import VirtualAdapter  # noqa: PLC0415 - bumble loads only where there is a world

    async with world.more_adapters(1) as (adapter,):
        radio = (
            Radio(
                name="the vendor's app",
                transmit=TransmitPolicy.SIMULATED_CARS,
                scanner_backend=HostStackScanner,
                client_backend=HostStackClient,
                backend_options={"host": HostAdapter(adapter.stack)},
            )
            if isinstance(adapter, VirtualAdapter)
            else Radio(name="the vendor's app", backend_options={"bluez": {"adapter": adapter.name}})
        )
        async with radio:
            yield VendorApp(radio)
