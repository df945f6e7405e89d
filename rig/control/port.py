"""What the control loop needs of a way to one car."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from protocol import Dialect, Message

Hear = Callable[[Message, float], None]
"""Called for every message: the message and the loop time it arrived."""

Ended = Callable[[str], None]
"""Called once when nothing more will come, with the reason in words."""


class CarPort(Protocol):
    """A way to one car: messages in, messages out. Belongs to the event loop it was opened in.

    `malformed` counts frames that were none, `refused` messages that could not be sent.
    """

    malformed: int
    refused: int

    @property
    def identifier(self) -> int:
        """The car's 32-bit identifier."""
        ...

    @property
    def dialect(self) -> Dialect:
        """What the car's firmware speaks."""
        ...

    def open(self, hear: Hear, ended: Ended) -> None:
        """Starts to deliver messages, in order."""
        ...

    def send(self, message: Message) -> None:
        """Sends, or queues while the way is busy; never blocks and never raises for the message's sake."""
        ...

    def close(self) -> None:
        """Delivers and sends nothing more. Leaves the link or socket itself to its owner."""
        ...
