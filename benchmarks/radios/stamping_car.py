"""A simulated car that numbers what it sends and notes when; and when each numbered order reached it.

Car and host share one loop, so both ends of a message are on one clock.
"""

from __future__ import annotations

from protocol import Direction, PingRequest, PingResponse, SetSpeed, VersionResponse, decode, encode
from protocol.advertising import LocalName, NameState, build_advertising_data, build_scan_response
from rig.sim.car.contract import CarOutput, Notify


class StampingCar:
    """Sends a numbered `VersionResponse` every `period_s` while it is told to; `sent_s[n]` is when it did.

    An order is a `SetSpeed` whose acceleration is its number; `heard_s[n]` is when it arrived.
    """

    def __init__(self, number: int) -> None:
        self.address = f"D0:00:00:00:00:{number:02X}"
        self.identifier = 0xBE000000 + number
        self.sent_s: list[float] = []
        self.heard_s: dict[int, float] = {}
        self._connected = False
        self._greets = False
        self._answers = 0
        self._period_s = 0.0
        self._next_s: float | None = None
        self._until_s = 0.0

    def stream(self, from_s: float, until_s: float, period_s: float) -> None:
        """Sends from `from_s` until `until_s`, loop-clock seconds."""
        self._next_s, self._until_s, self._period_s = from_s, until_s, period_s

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

    def written(self, frame: bytes, now_s: float) -> None:
        """Notes a numbered order."""
        order = decode(frame, Direction.TO_CAR)
        if isinstance(order, SetSpeed):
            self.heard_s.setdefault(order.accel_mm_s2, now_s)
        elif isinstance(order, PingRequest):
            self._answers += 1

    def advance(self, now_s: float) -> list[CarOutput]:
        """The greeting, and what is due."""
        out: list[CarOutput] = [Notify(encode(PingResponse()))] * self._answers
        self._answers = 0
        if self._greets:
            self._greets = False
            out.append(Notify(GREETING))
        while self._next_s is not None and self._next_s <= now_s:
            out.append(Notify(encode(VersionResponse(len(self.sent_s)))))
            self.sent_s.append(now_s)
            self._next_s += self._period_s
            if self._next_s >= self._until_s:
                self._next_s = None
        return out

    def next_event_s(self) -> float | None:
        """When the next number is due."""
        return self._next_s


GREETING = bytes([5, 0x3F, 1, 0, 0, 1])  # on track, charged: what a car says once it is subscribed to
