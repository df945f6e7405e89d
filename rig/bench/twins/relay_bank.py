"""The contacts of a simulated relay board: timers that drop them, and contacts that stick."""

from __future__ import annotations

from rig.bench.twins.plant import BenchPlant, Plant


class RelayBank:
    """`channels` contacts, from 1. The board believes `states`; a stuck contact does not follow."""

    def __init__(
        self,
        channels: int,
        *,
        fixture: str = "relays",
        plant: Plant | None = None,
        on_at_power_up: bool = False,
        stuck: frozenset[int] = frozenset(),
    ) -> None:
        self.channels = channels
        self.stuck = stuck
        self._fixture = fixture
        self._plant = plant or BenchPlant({})
        self._on_at_power_up = on_at_power_up
        self._on = [on_at_power_up] * channels
        self._drops_s: dict[int, float] = {}

    @property
    def states(self) -> tuple[bool, ...]:
        """What the board believes, channel 1 first."""
        return tuple(self._on)

    def has(self, channel: int) -> bool:
        """Whether there is such a channel."""
        return 1 <= channel <= self.channels

    def set(self, channel: int, on: bool, now_s: float, *, for_s: float | None = None) -> None:
        """Switches a channel, with `for_s` only until the board's timer drops it again."""
        self._drops_s.pop(channel, None)
        if on and for_s is not None:
            self._drops_s[channel] = now_s + for_s
        self._on[channel - 1] = on
        if channel not in self.stuck:
            self._plant.relay_moved(self._fixture, channel, on, now_s)

    def tick(self, now_s: float) -> None:
        """Drops what has run off."""
        for channel in [channel for channel, at_s in self._drops_s.items() if at_s <= now_s]:
            self.set(channel, on=False, now_s=now_s)

    def restart(self, now_s: float) -> None:
        """Power came back: contacts as at power-up, timers forgotten."""
        for channel in range(1, self.channels + 1):
            self.set(channel, self._on_at_power_up, now_s)

    def due_s(self) -> float | None:
        """When the next channel drops."""
        return min(self._drops_s.values(), default=None)
