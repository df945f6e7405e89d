"""The nemesis at work: it stands between the swap and the bench, and where there is a simulated world it reaches in."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from rig.soak.swap.nemesis import FaultKind, Injection
from rig.soak.swap.steps import Step

_COUNTED = frozenset({FaultKind.STUCK_BUTTON, FaultKind.LEFT_ON_CHARGER, FaultKind.DEAD_CHARGER})
IN_WORLD: dict[FaultKind, str] = {
    FaultKind.NOT_READY: "out_of_range",
    FaultKind.FLAT: "flat",
    FaultKind.ADAPTER_LOST: "adapter_off",
}
"""Faults that only a simulated world can make, by what the world calls them."""


class WorldToSpoil(Protocol):
    """A simulated world, as far as the nemesis reaches into it."""

    def inject(
        self, fault: str, car: int | None = None, value: float | None = None, lasts_s: float | None = None
    ) -> None:
        """Makes a named fault happen."""
        ...


class Interference:
    """The faults of one swap after the other. `struck` says when each took effect."""

    def __init__(self, world: WorldToSpoil | None) -> None:
        self._world = world
        self._pending: list[Injection] = []
        self._left: Counter[tuple[FaultKind, int]] = Counter()
        self._waiting: dict[tuple[FaultKind, int], Injection] = {}
        self.struck: dict[Injection, float] = {}

    def prepare(self, injections: Sequence[Injection]) -> None:
        """The faults of the swap that begins; what was left of the last one's is over."""
        self._pending = list(injections)
        self._left.clear()
        self._waiting.clear()
        self.struck = {}

    def due(self, step: Step) -> list[Injection]:
        """The faults that strike in this step, each handed out once."""
        found = [injection for injection in self._pending if injection.step is step]
        self._pending = [injection for injection in self._pending if injection.step is not step]
        return found

    def strike(self, injection: Injection) -> None:
        """Makes a fault of the bench or of the world happen; those of the bench take effect when it is next used."""
        if injection.kind in _COUNTED:
            assert injection.car is not None
            key = injection.kind, injection.car
            self._left[key] = int(injection.amount)
            self._waiting[key] = injection
        elif injection.kind in IN_WORLD:
            assert self._world is not None, "a plan with faults of the world needs one"
            self.has_struck(injection)
            lasts_s = None if injection.kind is FaultKind.FLAT else injection.amount
            self._world.inject(IN_WORLD[injection.kind], injection.car, lasts_s=lasts_s)

    def has_struck(self, injection: Injection) -> None:
        """Remembers that a fault took effect now."""
        self.struck.setdefault(injection, asyncio.get_running_loop().time())

    def spoils(self, kind: FaultKind, car: int) -> bool:
        """Whether the fault spoils this one use of the bench; counts it."""
        key = kind, car
        if self._left[key] <= 0:
            return False
        self._left[key] -= 1
        self.has_struck(self._waiting[key])
        return True
