"""A simulated car that asks for an answer at a steady pace and times it, and the policy that answers it.

Orders waiting for the air are superseded by newer ones, so the order says which update it answers; it also
answers the updates before that one.
"""

from __future__ import annotations

from collections import deque

from benchmarks.control.car_simulator import ORDER_ID, update
from protocol import PositionUpdate
from protocol.advertising import LocalName, NameState, build_advertising_data, build_scan_response
from rig.control import CarState, Cruise, Event, Heard, Orders, cruise
from rig.sim.car.contract import CarOutput, Notify

GREETING = bytes([5, 0x3F, 1, 0, 0, 1])  # on track, charged: what a car says once it is subscribed to
TAG_MM_S2 = 1000  # the order's acceleration is this plus the update's location id
TAGS = 48


def answer(intent: Cruise, car: CarState, event: Event) -> tuple[Cruise, Orders]:
    """`cruise`, with the update it answers named in the order."""
    if isinstance(event, Heard) and isinstance(event.message, PositionUpdate):
        intent = intent._replace(accel_mm_s2=TAG_MM_S2 + event.message.location_id)
    return cruise(intent, car, event)


class AskingCar:
    """Sends an update every `period_s` from when it is told to, and notes how long each order took from when
    its update was due."""

    def __init__(self, number: int, period_s: float) -> None:
        self.address = f"D0:00:00:00:00:{number:02X}"
        self.identifier = 0xBE000000 + number
        self.period_s = period_s
        self.reactions_s: list[float] = []
        self.asked = 0
        self._connected = False
        self._due: deque[tuple[int, float]] = deque()
        self.superseded = 0
        self._next_s: float | None = None
        self._until_s = 0.0
        self._greets = False

    def ask(self, from_s: float, until_s: float) -> None:
        self._next_s, self._until_s = from_s, until_s
        self._due.clear()

    @property
    def unanswered(self) -> int:
        return len(self._due)

    def is_advertising(self, _now_s: float) -> bool:
        return not self._connected

    def advertising_data(self) -> bytes:
        return build_advertising_data(8, self.identifier)

    def scan_response(self, _now_s: float) -> bytes:
        return build_scan_response(LocalName(NameState(0x10), 0x2774))

    def link_up(self, _now_s: float) -> None:
        self._connected = True

    def link_down(self, _now_s: float, _clean: bool) -> None:
        self._connected, self._next_s = False, None

    def subscribed(self, _now_s: float, enabled: bool) -> None:
        self._greets = enabled

    def written(self, frame: bytes, now_s: float) -> None:
        tag = int.from_bytes(frame[4:6], "little") - TAG_MM_S2
        if frame[1] != ORDER_ID or all(waiting != tag for waiting, _ in self._due):
            return
        answered = -1
        while answered != tag:
            self.superseded += answered >= 0
            answered, due_s = self._due.popleft()
            self.reactions_s.append(now_s - due_s)

    def advance(self, now_s: float) -> list[CarOutput]:
        out: list[CarOutput] = []
        if self._greets:
            out.append(Notify(GREETING))
            self._greets = False
        while self._next_s is not None and self._next_s <= now_s:
            out.append(Notify(update(self.asked)))
            self._due.append((self.asked % TAGS, self._next_s))
            self.asked += 1
            self._next_s += self.period_s
            if self._next_s >= self._until_s:
                self._next_s = None
        return out

    def next_event_s(self) -> float | None:
        return self._next_s
