"""A car's lamps: state only, as nobody on the air can see them; a booth screen or a test may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Lamp(Enum):
    """The lamps of the simple lights command, by bit (anki/drive-sdk, protocol.h)."""

    HEADLIGHTS = 0
    BRAKE = 1
    FRONT = 2
    ENGINE = 3


@dataclass(frozen=True, slots=True)
class Glow:
    """What one channel of the patterned lights does: effect, start and end level 0 to 14, cycles per 10 s."""

    effect: int
    start: int
    end: int
    cycles_per_10s: int


class Lights:
    """Which lamps are on and what the coloured channels do."""

    __slots__ = ("channels", "lit")

    def __init__(self) -> None:
        self.lit: frozenset[Lamp] = frozenset()
        self.channels: dict[int, Glow] = {}

    def set_mask(self, mask: int) -> None:
        """The low nibble says which lamps are meant, the high nibble whether they light."""
        lit = set(self.lit)
        for lamp in Lamp:
            if mask >> lamp.value & 1:
                (lit.add if mask >> (lamp.value + 4) & 1 else lit.discard)(lamp)
        self.lit = frozenset(lit)

    def set_channel(self, channel: int, glow: Glow) -> None:
        """One channel of a pattern."""
        self.channels[channel] = glow

    def go_out(self) -> None:
        """All lamps off."""
        self.lit = frozenset()
        self.channels.clear()
