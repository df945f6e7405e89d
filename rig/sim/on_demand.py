"""A host stack whose world begins when a program first asks for it, on the program's own loop.

Somebody else's program calls `asyncio.run` itself, so nothing can be built before it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from rig.radio.host_stack import AdvertReport, HostLink, HostStack
from rig.sim.world import SimWorld


class StackOnDemand:
    """A `HostStack`. Every event loop gets a fresh world, which ends when the loop shuts down."""

    def __init__(self, build: Callable[[], SimWorld], name: str) -> None:
        self._build = build
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting: asyncio.Task[HostStack] | None = None
        self._keeper: AsyncIterator[SimWorld] | None = None

    @property
    def name(self) -> str:
        """Adapter name as users see it."""
        return self._name

    @property
    def is_powered(self) -> bool:
        """Always, before the first use."""
        return True

    async def start_scanning(self, on_report: Callable[[AdvertReport], None], active: bool) -> None:
        """See `HostStack.start_scanning`."""
        await (await self._stack()).start_scanning(on_report, active)

    async def stop_scanning(self, on_report: Callable[[AdvertReport], None]) -> None:
        """See `HostStack.stop_scanning`."""
        await (await self._stack()).stop_scanning(on_report)

    async def connect(self, address: str, on_lost: Callable[[int], None]) -> HostLink:
        """See `HostStack.connect`."""
        return await (await self._stack()).connect(address, on_lost)

    async def _stack(self) -> HostStack:
        loop = asyncio.get_running_loop()
        if self._loop is not loop or self._starting is None:
            self._loop = loop
            self._starting = loop.create_task(self._start())
        return await asyncio.shield(self._starting)

    async def _start(self) -> HostStack:
        self._keeper = _keep(self._build())
        return (await anext(self._keeper)).stack


async def _keep(world: SimWorld) -> AsyncIterator[SimWorld]:
    """`asyncio.run` closes asynchronous generators at its end, and so the world with this one."""
    async with world:
        yield world
