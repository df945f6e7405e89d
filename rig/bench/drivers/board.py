"""What every board behind one conversation has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from rig.bench.drivers.conversation import Conversation
from rig.bench.errors import FixtureFault, PortGone

_SAFE_TRIES = 3


class Board:
    """A board on one port, with `channels` of whatever it switches, measures or moves, counted from 1."""

    def __init__(self, talk: Conversation, channels: int) -> None:
        self._talk = talk
        self._channels = channels

    @property
    def label(self) -> str:
        """How messages name it."""
        return self._talk.label

    @property
    def channels(self) -> int:
        """How many."""
        return self._channels

    @property
    def repeated(self) -> int:
        """Questions that had to be asked twice."""
        return self._talk.repeated

    async def _make_safe(
        self, channel_safe: Callable[[int], Awaitable[None]], channels: Iterable[int]
    ) -> None:
        """Makes every channel safe, each whatever became of the others: what must be off is told again and again, and
        a channel that will not is no reason to leave the next one on.

        Raises:
            FixtureFault: the first that could not be, when all were tried.
        """
        first: FixtureFault | None = None
        for channel in channels:
            tries = _SAFE_TRIES if first is None else 1
            for left in reversed(range(tries)):
                try:
                    await channel_safe(channel)
                    break
                except PortGone:
                    raise
                except FixtureFault as fault:
                    if not left:
                        first = first or fault
        if first is not None:
            raise first

    async def close(self) -> None:
        """Lets go of the port; outputs stay as they are."""
        await self._talk.close()
