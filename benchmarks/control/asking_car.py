"""A simulated car that asks for an answer at a steady pace and times it, and the policy that answers it.

Orders waiting for the air are superseded by newer ones, so the order says which update it answers; it also
answers the updates before that one.
"""

from __future__ import annotations

from collections import deque

from benchmarks.control.car_simulator import ORDER_ID, update
from benchmarks.scripted_car import ScriptedCar
from protocol import PositionUpdate
from rig.control import CarState, Cruise, Event, Heard, Orders, cruise
from rig.sim.car.contract import CarOutput, Notify

TAG_MM_S2 = 1000  # the order's acceleration is this plus the update's location id
TAGS = 48


def answer(intent: Cruise, car: CarState, event: Event) -> tuple[Cruise, Orders]:
    """`cruise`, with the update it answers named in the order."""
    if isinstance(event, Heard) and isinstance(event.message, PositionUpdate):
        intent = intent._replace(accel_mm_s2=TAG_MM_S2 + event.message.location_id)
    return cruise(intent, car, event)


class AskingCar(ScriptedCar):
    """Sends an update every `period_s` from when it is told to, and notes how long each order took from when
    its update was due."""

    def __init__(self, number: int, period_s: float) -> None:
        super().__init__(number, period_s)
        self.reactions_s: list[float] = []
        self.asked = 0
        self.superseded = 0
        self._due: deque[tuple[int, float]] = deque()

    def ask(self, from_s: float, until_s: float) -> None:
        self.keep_pace(from_s, until_s)
        self._due.clear()

    @property
    def unanswered(self) -> int:
        return len(self._due)

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
        out = self.greeting()
        for due_s in self.due(now_s):
            out.append(Notify(update(self.asked)))
            self._due.append((self.asked % TAGS, due_s))
            self.asked += 1
        return out
