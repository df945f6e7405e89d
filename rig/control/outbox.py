"""Orders that wait for a slow link. Pure but for being a queue."""

from __future__ import annotations

from protocol import (
    ChangeLane,
    ChangeLaneDrive,
    ChangeLaneShort,
    Message,
    PingRequest,
    SetSpeed,
    SetSpeedV4,
)

_SUPERSEDED = frozenset({SetSpeed, SetSpeedV4, ChangeLane, ChangeLaneDrive, ChangeLaneShort, PingRequest})


class Outbox:
    """A queue in which a newer speed, lane or ping replaces one that has not gone out yet: a car wants the
    latest word, not the history. Everything else leaves in the order it came."""

    def __init__(self) -> None:
        self._waiting: dict[str, Message] = {}
        self._number = 0
        self.superseded = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: Message) -> None:
        """Appends a message, in place of an older one it supersedes."""
        if type(message) in _SUPERSEDED:
            key = type(message).__name__
            self.superseded += self._waiting.pop(key, None) is not None
        else:
            self._number += 1
            key = str(self._number)
        self._waiting[key] = message

    def first(self) -> Message | None:
        """The oldest message, which stays; None when there is none."""
        return next(iter(self._waiting.values()), None)

    def take(self) -> Message | None:
        """Removes and returns the oldest message, None when there is none."""
        for key in self._waiting:
            return self._waiting.pop(key)
        return None

    def clear(self) -> None:
        """Forgets what waits."""
        self._waiting.clear()
