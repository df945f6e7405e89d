"""What hangs on a bench's wires: the seam between the simulated boards and whatever they act upon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

_S_PER_H = 3600.0


class Plant(Protocol):
    """The world behind the wires. Boards call it as it happens, with their own time in seconds."""

    def relay_moved(self, fixture: str, channel: int, closed: bool, now_s: float) -> None:
        """A contact closed or opened, or a supply's output went on or off; told again with every renewal."""
        ...

    def current_ma(self, fixture: str, channel: int, now_s: float) -> float:
        """The current that flows through a meter's channel."""
        ...

    def charge_mah(self, fixture: str, channel: int, now_s: float) -> float:
        """The charge that has flowed through a meter's channel so far, counted without gaps."""
        ...

    def servo_moved(self, fixture: str, channel: int, pulse_us: float, now_s: float) -> None:
        """A servo was sent somewhere; 0 µs lets it rest."""
        ...


@dataclass(frozen=True, slots=True)
class Wire:
    """One bay as it is wired in the plant: (fixture, channel) of its relay and its meter."""

    relay: tuple[str, int]
    meter: tuple[str, int]
    load_ma: float = 350.0


class BenchPlant:
    """A bench with a plain load in each bay: current flows where a contact is closed. No cars."""

    def __init__(self, wires: Mapping[str, Wire], idle_ma: float = 4.0) -> None:
        self._wires = dict(wires)
        self._idle_ma = idle_ma
        self._counted: dict[tuple[str, int], tuple[float, float]] = {}
        self.closed: dict[tuple[str, int], bool] = {}
        self.pulses_us: dict[tuple[str, int], list[float]] = {}

    def relay_moved(self, fixture: str, channel: int, closed: bool, now_s: float) -> None:
        """Remembers the contact."""
        for meter in self._counted:
            self.charge_mah(*meter, now_s)
        self.closed[fixture, channel] = closed

    def current_ma(self, fixture: str, channel: int, now_s: float) -> float:
        """The sum of the loads that are switched on behind this meter, and the supply's own few milliamperes."""
        loads = (
            wire.load_ma
            for wire in self._wires.values()
            if wire.meter == (fixture, channel) and self.closed.get(wire.relay)
        )
        return self._idle_ma + sum(loads)

    def charge_mah(self, fixture: str, channel: int, now_s: float) -> float:
        """Counted from the first question on."""
        charge_mah, since_s = self._counted.get((fixture, channel), (0.0, now_s))
        charge_mah += self.current_ma(fixture, channel, now_s) * (now_s - since_s) / _S_PER_H
        self._counted[fixture, channel] = charge_mah, now_s
        return charge_mah

    def servo_moved(self, fixture: str, channel: int, pulse_us: float, now_s: float) -> None:
        """Remembers where it was sent."""
        self.pulses_us.setdefault((fixture, channel), []).append(pulse_us)
