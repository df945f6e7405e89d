"""A simulated car that numbers what it sends and notes when; and when each numbered order reached it.

Car and host share one loop, so both ends of a message are on one clock.
"""

from __future__ import annotations

from benchmarks.scripted_car import ScriptedCar
from protocol import Direction, PingRequest, PingResponse, SetSpeed, VersionResponse, decode, encode
from rig.sim.car.contract import CarOutput, Notify


class StampingCar(ScriptedCar):
    """Sends a numbered `VersionResponse` every `period_s` while it is told to; `sent_s[n]` is when it did.

    An order is a `SetSpeed` whose acceleration is its number; `heard_s[n]` is when it arrived.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.sent_s: list[float] = []
        self.heard_s: dict[int, float] = {}
        self._answers = 0

    def stream(self, from_s: float, until_s: float, period_s: float) -> None:
        """Sends from `from_s` until `until_s`, loop-clock seconds."""
        self.period_s = period_s
        self.keep_pace(from_s, until_s)

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
        out += self.greeting()
        for _ in self.due(now_s):
            out.append(Notify(encode(VersionResponse(len(self.sent_s)))))
            self.sent_s.append(now_s)
        return out
