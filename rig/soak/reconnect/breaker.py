"""Breaks links: what any radio can do, and what only a simulated world can."""

from __future__ import annotations

from typing import Literal, Protocol

from rig.radio.link import CarLink
from rig.soak.reconnect.plan import Loss


class LinkBreaker(Protocol):
    """Makes a loss happen."""

    @property
    def losses(self) -> frozenset[Loss]:
        """The kinds of loss it can make."""
        ...

    async def break_link(self, link: CarLink, loss: Loss) -> None:
        """Breaks the link; the host may notice much later. May raise the radio's errors."""
        ...


class HostBreaker:
    """Breaks links from the host's side, as every radio can."""

    losses = frozenset({Loss.DISCONNECT})

    async def break_link(self, link: CarLink, loss: Loss) -> None:
        """Disconnects."""
        await link.disconnect()


class WorldWithLinks(Protocol):
    """A simulated world, as far as it can break links."""

    def break_link(self, identifier: int, how: Literal["silent_end"]) -> None:
        """Ends the car's link without a word to the host, which waits for its supervision timeout."""
        ...


class WorldBreaker:
    """Breaks links in a simulated world, also without the host's knowledge."""

    losses = frozenset(Loss)

    def __init__(self, world: WorldWithLinks) -> None:
        self._world = world

    async def break_link(self, link: CarLink, loss: Loss) -> None:
        """Disconnects, or lets the link fall silent until the supervision timeout."""
        if loss is Loss.VANISH:
            self._world.break_link(link.identifier, "silent_end")
        else:
            await link.disconnect()
