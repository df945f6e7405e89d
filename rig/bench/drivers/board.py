"""What every board behind one conversation has."""

from __future__ import annotations

from rig.bench.drivers.conversation import Conversation


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

    async def close(self) -> None:
        """Lets go of the port; outputs stay as they are."""
        await self._talk.close()
