"""What a car's own flag says about the road under it. Pure.

A car knows that it stands on the road only once it has moved over it, and forgets it when it is switched off
(opcau/anki session: 0x3f with on_track 1 after the first 0x36, with 0 when it is lifted). So the flag proves that it
stands there, and its going proves that it was lifted; that it was never set proves nothing.
"""

from __future__ import annotations


class Footing:
    """The flags of all cars. A link that begins or ends begins anew: it may have been switched off meanwhile."""

    def __init__(self) -> None:
        self._standing: set[int] = set()

    def flagged(self, car: int, *, on_track: bool) -> bool | None:
        """Whether the car stands on the road, by its flag now; None: the flag proves nothing."""
        if on_track:
            self._standing.add(car)
            return True
        if car in self._standing:
            self._standing.discard(car)
            return False
        return None

    def forget(self, car: int) -> None:
        """Its link began or ended."""
        self._standing.discard(car)
