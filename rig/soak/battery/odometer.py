"""What a car's frames say about its driving: when it last moved, how far, how well it held its speed. Pure."""

from __future__ import annotations

from protocol import (
    IntersectionUpdate,
    IntersectionUpdate266e,
    Message,
    PositionUpdate,
    PositionUpdateDrive,
    TransitionUpdate,
    TransitionUpdate17,
    TransitionUpdateDrive,
    core_of,
)

SETTLED_AFTER_S = 1.5
"""From an order to a steady speed: 1000 to 1500 mm/s at 1000 mm/s² took half a second in opcau/anki."""
LONGEST_STRETCH_S = 3.0
"""Between two reports; after a longer silence nobody knows how far the car went."""

_PASSING = (
    TransitionUpdate,
    TransitionUpdate17,
    TransitionUpdateDrive,
    IntersectionUpdate,
    IntersectionUpdate266e,
)


class Odometer:
    """Sums over one life. `distance_mm` is what the wheels turned, from reported speeds: wheels slip, so that
    over ground it is less the faster the car goes (0.8 at 1300 mm/s, opcau/anki). `moved_s` is the loop second of
    the last report that only a moving car sends."""

    __slots__ = (
        "_last",
        "_ordered_mm_s",
        "_ordered_since_s",
        "_sum_ordered",
        "_sum_reported",
        "distance_mm",
        "moved_s",
        "speed_mm_s",
    )

    def __init__(self) -> None:
        self.distance_mm = 0.0
        self.moved_s: float | None = None
        self.speed_mm_s: int | None = None
        self._ordered_mm_s = 0
        self._ordered_since_s = 0.0
        self._last: tuple[float, int] | None = None
        self._sum_reported = 0
        self._sum_ordered = 0

    @property
    def speed_held(self) -> float | None:
        """Reported over ordered speed, both steady; None when there was no such report."""
        return self._sum_reported / self._sum_ordered if self._sum_ordered else None

    def order(self, at_s: float, speed_mm_s: int) -> None:
        """The car is told to drive at this speed, or to stop (0)."""
        self._ordered_mm_s, self._ordered_since_s = speed_mm_s, at_s
        if speed_mm_s == 0:
            self._last = None
            self.speed_mm_s = 0

    def hear(self, at_s: float, message: Message) -> None:
        """One frame."""
        core = core_of(message)
        if isinstance(core, PositionUpdate | PositionUpdateDrive):
            self._reported(at_s, core.speed_mm_s)
        elif isinstance(core, _PASSING):
            self.moved_s = at_s

    def _reported(self, at_s: float, speed_mm_s: int) -> None:
        self.moved_s = at_s
        self.speed_mm_s = speed_mm_s
        if self._last is not None and at_s - self._last[0] <= LONGEST_STRETCH_S:
            self.distance_mm += (at_s - self._last[0]) * (speed_mm_s + self._last[1]) / 2.0
        self._last = (at_s, speed_mm_s)
        if self._ordered_mm_s > 0 and at_s - self._ordered_since_s >= SETTLED_AFTER_S:
            self._sum_reported += speed_mm_s
            self._sum_ordered += self._ordered_mm_s
