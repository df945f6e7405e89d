"""What a simulated car is to the air: time and bytes in, bytes out.

`rig.sim.peripheral` puts any `Car` behind a real GATT server; `rig.sim.car.model` is the one we ship.
A car never reads a clock, never sleeps and never touches the radio: every call carries `now_s` (seconds on
the loop's clock, never decreasing), and randomness comes from the seed the car was made with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notify:
    """One frame for the car -> host characteristic, sent as a notification (at most 20 bytes)."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class DropLink:
    """The car ends the link itself (0x0d received, power off, brown-out).

    `clean` links end with LL_TERMINATE_IND (0x13); unclean ones just fall silent until the supervision timeout.
    """

    clean: bool


@dataclass(frozen=True, slots=True)
class RequestLinkParameters:
    """The car asks the central for other connection parameters (L2CAP request, as after message 0x0a)."""

    min_interval_1250us: int
    max_interval_1250us: int
    latency_events: int
    supervision_timeout_10ms: int


CarOutput = Notify | DropLink | RequestLinkParameters


class Car(Protocol):
    """A car as the air sees it."""

    @property
    def address(self) -> str:
        """Random static Bluetooth address, `C0:…` upwards, upper case with colons."""
        ...

    def is_advertising(self, now_s: float) -> bool:
        """Whether the car is on the air and connectable now (on, awake, not connected)."""
        ...

    def advertising_data(self) -> bytes:
        """The 31 bytes of its ADV_IND."""
        ...

    def scan_response(self, now_s: float) -> bytes:
        """Its scan response now; the local name changes with the car's state."""
        ...

    def link_up(self, now_s: float) -> None:
        """A central connected."""
        ...

    def subscribed(self, now_s: float, enabled: bool) -> None:
        """The central wrote the CCCD of the car -> host characteristic."""
        ...

    def written(self, frame: bytes, now_s: float) -> None:
        """The central wrote `frame` (with or without response) to the host -> car characteristic."""
        ...

    def link_down(self, now_s: float, clean: bool) -> None:
        """The link is gone: `clean` after a terminate, not after a supervision timeout."""
        ...

    def advance(self, now_s: float) -> list[CarOutput]:
        """Moves the car on to `now_s` and returns what it sends, in order. Called after every input and
        whenever `next_event_s()` falls due."""
        ...

    def next_event_s(self) -> float | None:
        """When `advance` must be called next even without input (may be earlier than needed, never later);
        None when nothing is pending."""
        ...
