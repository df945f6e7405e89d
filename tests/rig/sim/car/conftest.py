"""A car on a table: time passes as the test says, what it sends is kept."""

from __future__ import annotations

import pytest

from protocol import (
    Dialect,
    Direction,
    Message,
    SdkMode,
    SdkModeDrive,
    SetSpeed,
    SetSpeedV4,
    decode,
    encode,
)
from rig.sim.car.contract import DropLink, Notify
from rig.sim.car.model import CarModel
from rig.sim.car.traits import CarTraits, StartPlace
from rig.sim.track_layout import STARTER_OVAL, TrackLayout

IDENTIFIER = 0x0880EADB


class Bench:
    """One car, advanced event by event as the air does it."""

    def __init__(
        self,
        traits: CarTraits | None = None,
        *,
        start: StartPlace | None = None,
        seed: int = 1,
        layout: TrackLayout = STARTER_OVAL,
    ) -> None:
        self.car = CarModel(
            traits or CarTraits(IDENTIFIER), layout=layout, start=start or StartPlace(lane_mm=-4.5), seed=seed
        )
        self.now_s = 0.0
        self.events = 0
        self.sent: list[tuple[float, Message]] = []
        self.drops: list[tuple[float, DropLink]] = []

    @property
    def dialect(self) -> Dialect:
        return self.car.firmware.dialect

    def until(self, now_s: float) -> Bench:
        while (due := self.car.next_event_s()) is not None and due <= now_s:
            self._collect(due)
            self.events += 1
        self._collect(now_s)
        self.now_s = now_s
        return self

    def wait(self, seconds: float) -> Bench:
        return self.until(self.now_s + seconds)

    def _collect(self, now_s: float) -> None:
        for output in self.car.advance(now_s):
            if isinstance(output, Notify):
                assert len(output.frame) <= 20
                self.sent.append((now_s, decode(output.frame, Direction.TO_HOST, self.dialect)))
            else:
                self.drops.append((now_s, output))

    def connect(self) -> Bench:
        self.car.link_up(self.now_s)
        self.wait(0.2)
        self.car.subscribed(self.now_s, True)
        return self.wait(0.1)

    def write(self, message: Message) -> Bench:
        self.car.written(encode(message, self.dialect), self.now_s)
        return self

    def enable_driving(self) -> Bench:
        on = SdkModeDrive(1) if self.dialect is Dialect.DRIVE_2120 else SdkMode(1, 1)
        return self.write(on).wait(0.05)

    def set_speed(self, speed_mm_s: int, accel_mm_s2: int = 1000) -> Bench:
        kind = SetSpeedV4 if self.dialect is Dialect.V4 else SetSpeed
        return self.write(kind(speed_mm_s, accel_mm_s2))

    def drive(self, speed_mm_s: int, seconds: float) -> Bench:
        """Connects and drives for some time."""
        return self.connect().enable_driving().set_speed(speed_mm_s).wait(seconds)

    def got(self, *kinds: type) -> list[Message]:
        return [message for _, message in self.sent if isinstance(message, kinds)]

    def times(self, *kinds: type) -> list[float]:
        return [at_s for at_s, message in self.sent if isinstance(message, kinds)]

    def forget(self) -> Bench:
        self.sent.clear()
        self.drops.clear()
        return self


@pytest.fixture
def bench() -> Bench:
    """The recorded Skull on the starter oval."""
    return Bench()


@pytest.fixture
def make_bench() -> type[Bench]:
    """Benches with other cars."""
    return Bench
