"""The adapter of a simulated world: a controller on its air, whoever the host above it is."""

from __future__ import annotations

import asyncio
from typing import Literal, Protocol

from rig.radio.host_stack import HostError, HostFailure
from rig.sim.air import Air
from rig.sim.controller import AirController
from rig.sim.host import BumbleHost, ConnectionPreferences

_ADDRESSES = "C0:FF:EE:00:00:"

Outage = Literal["off", "reset", "unplugged", "silent"]
"""Switched off; resetting; not plugged in; answering no command while its radio goes on."""


class WorldAdapter(Protocol):
    """What a world needs of its adapter."""

    @property
    def name(self) -> str:
        """As users and the stack above call it: `sim0`, `hci1`."""
        ...

    @property
    def controller(self) -> AirController:
        """Its controller on the air."""
        ...

    async def plug_in(self) -> None:
        """Ready for use; an adapter that fails to become so leaves nothing behind."""
        ...

    def suffer(self, outage: Outage, begins: bool) -> None:
        """An outage begins or ends; several may overlap. The stack above is ready again a moment later."""
        ...

    async def pull_out(self) -> None:
        """Gone for good, with what the stack above remembered of it."""
        ...


class VirtualAdapter:
    """An adapter whose host is bumble's, in this process."""

    def __init__(self, air: Air, number: int = 0) -> None:
        """`number` counts the adapters of a world from 0."""
        self.name = f"sim{number}"
        self.controller = AirController(self.name, air)
        parameters = air.parameters
        preferences = ConnectionPreferences(
            parameters.connection_interval_ms, parameters.supervision_timeout_ms
        )
        self._host = BumbleHost(
            self.name, f"{_ADDRESSES}{number + 1:02X}", self.controller, self.controller, preferences
        )
        self._host.switch_on = self._switched_on
        self._outages: dict[Outage, None] = {}
        self._is_on = True
        self._powering_up: asyncio.Task[None] | None = None

    @property
    def stack(self) -> BumbleHost:
        """The host to put under bleak."""
        return self._host

    async def plug_in(self) -> None:
        """Powers up."""
        await self._host.power_up()

    def suffer(self, outage: Outage, begins: bool) -> None:
        """The host knows at once, but for a silent controller."""
        if begins:
            self._outages[outage] = None
        else:
            self._outages.pop(outage, None)
        if outage == "silent":
            self.controller.be_silent(begins)
        on = not self._outages.keys() - {"silent"}
        if on != self._is_on:
            self._is_on = on
            self._switch(on)

    def _switch(self, on: bool) -> None:
        if on:
            self.controller.power_up()
            self._powering_up = asyncio.get_running_loop().create_task(self._power_up(self._powering_up))
        else:
            if self._powering_up is not None:
                self._powering_up.cancel()
            gone = "unplugged" in self._outages
            self._host.power_lost(HostFailure.ADAPTER_GONE if gone else HostFailure.ADAPTER_OFF)
            self.controller.power_cut()

    def _switched_on(self) -> None:
        """The host switches the adapter on, which ends that it is off, and no other outage."""
        self._outages.pop("off", None)
        if "unplugged" in self._outages:
            raise HostError(HostFailure.ADAPTER_GONE, self.name)
        if self._outages.keys() - {"silent"}:
            raise HostError(HostFailure.ADAPTER_OFF, f"{self.name} does not answer")
        if self._powering_up is not None:
            self._powering_up.cancel()
        if not self._is_on:
            self._is_on = True
            self.controller.power_up()

    async def _power_up(self, before: asyncio.Task[None] | None) -> None:
        while before is not None and not before.done():  # cut off while it was booting
            before.cancel()
            await asyncio.sleep(0)
        await self._host.power_up()

    async def pull_out(self) -> None:
        """Off."""
        if self._powering_up is not None:
            self._powering_up.cancel()
        self._host.power_lost()
        self.controller.power_cut()
