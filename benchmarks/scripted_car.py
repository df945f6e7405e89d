"""What every car of the benchmarks has in common: it advertises, greets once subscribed, and keeps a pace."""

from __future__ import annotations

from collections.abc import Iterator

from protocol.advertising import LocalName, NameState, build_advertising_data, build_scan_response
from rig.sim.car.contract import CarOutput, Notify

GREETING = bytes([5, 0x3F, 1, 0, 0, 1])  # on track, charged: what a car says once it is subscribed to


class ScriptedCar:
    """A car without physics; what it says and hears is up to those who derive from it."""

    def __init__(self, number: int, period_s: float = 0.0) -> None:
        self.address = f"D0:00:00:00:00:{number:02X}"
        self.identifier = 0xBE000000 + number
        self.period_s = period_s
        self._connected = False
        self._greets = False
        self._next_s: float | None = None
        self._until_s = 0.0

    def keep_pace(self, from_s: float, until_s: float) -> None:
        """Something is due every `period_s` from `from_s` until `until_s`, loop-clock seconds."""
        self._next_s, self._until_s = from_s, until_s

    def is_advertising(self, _now_s: float) -> bool:
        """Whenever nobody is connected."""
        return not self._connected

    def advertising_data(self) -> bytes:
        """As every car."""
        return build_advertising_data(8, self.identifier)

    def scan_response(self, _now_s: float) -> bytes:
        """As every car."""
        return build_scan_response(LocalName(NameState(0x10), 0x2774))

    def link_up(self, _now_s: float) -> None:
        """Connected."""
        self._connected = True

    def link_down(self, _now_s: float, _clean: bool) -> None:
        """Free again."""
        self._connected, self._next_s = False, None

    def subscribed(self, _now_s: float, enabled: bool) -> None:
        """A car speaks first."""
        self._greets = enabled

    def greeting(self) -> list[CarOutput]:
        """The greeting, once."""
        greets, self._greets = self._greets, False
        return [Notify(GREETING)] if greets else []

    def due(self, now_s: float) -> Iterator[float]:
        """The instants that have come due by now."""
        while self._next_s is not None and self._next_s <= now_s:
            yield self._next_s
            self._next_s += self.period_s
            if self._next_s >= self._until_s:
                self._next_s = None

    def next_event_s(self) -> float | None:
        """When something is due next."""
        return self._next_s
