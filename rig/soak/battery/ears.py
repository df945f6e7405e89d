"""Who is on the air: a radio that hears nobody proves nothing about the one car that is silent."""

from __future__ import annotations

_SOMEBODY = -1


class Ears:
    """Remembers when each car was last heard, by whatever way. One for all cars of a leg."""

    def __init__(self) -> None:
        self._heard_s: dict[int, float] = {}

    def hear(self, identifier: int, at_s: float) -> None:
        """This car was heard."""
        self._heard_s[identifier] = at_s

    def hear_somebody(self, at_s: float) -> None:
        """A car was heard that is none of those under test."""
        self._heard_s[_SOMEBODY] = at_s

    def others_s(self, identifier: int) -> float | None:
        """When any other car was last heard; None: never."""
        return max((at_s for car, at_s in self._heard_s.items() if car != identifier), default=None)
