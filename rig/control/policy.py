"""Decisions: what a car is told, given what is wanted of it and what happened. Pure.

A policy is a function `(intent, car, event) -> (intent, orders)`. The intent is whatever immutable value the
policy wants to keep per car; whoever runs the race replaces it through `ControlLoop.steer`.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeVar

from protocol import (
    Message,
    PingRequest,
    PositionUpdate,
    PositionUpdateDrive,
    SpeedUpdate,
    SpeedUpdateLong,
    core_of,
)
from protocol.commands import set_speed
from rig.control.state import CarState
from rig.control.watchdog import Freshness


class Heard(NamedTuple):
    """The car spoke; the state already knows."""

    now_s: float
    message: Message


class Ticked(NamedTuple):
    """A beat of the control loop."""

    now_s: float


class Faded(NamedTuple):
    """The news of the car grew old, or fresh again."""

    now_s: float
    freshness: Freshness


class Steered(NamedTuple):
    """The intent was replaced from outside."""

    now_s: float


Event = Heard | Ticked | Faded | Steered
Orders = tuple[Message, ...]

I = TypeVar("I")  # noqa: E741 - the intent


class Policy(Protocol[I]):
    """A pure step. Every event carries its loop time in `now_s`."""

    def __call__(self, intent: I, car: CarState, event: Event, /) -> tuple[I, Orders]:
        """The intent to keep and the messages to send, in order."""
        ...


NO_ORDERS: Orders = ()
_POSITIONS = (PositionUpdate, PositionUpdateDrive)
_ECHOES = (SpeedUpdate, SpeedUpdateLong)
RESEND_S = 0.25  # as taoist80/anki-overdrive-revived repeats a wanted speed until the car agrees


class Cruise(NamedTuple):
    """Intent of `cruise`: a speed to hold.

    `speed_mm_s` 0..1500 (0 stops); `accel_mm_s2` > 0; reports within `tolerance_mm_s` of the speed are left
    alone (the wheel speed a car reports wavers by 11 mm/s at 300, 64 at 1300; opcau/anki logs). `asked_s` and
    `agreed` are the policy's own: when it last ordered, and whether the car has named the speed since.
    """

    speed_mm_s: int = 0
    accel_mm_s2: int = 1000
    tolerance_mm_s: int = 150
    asked_s: float | None = None
    agreed: bool = False


def cruise(intent: Cruise, car: CarState, event: Event) -> tuple[Cruise, Orders]:
    """Holds a speed: orders it when steered, again whenever a position update shows another speed, and every
    `RESEND_S` until the car names it, because writes without response get lost.

    A quiet car is pinged; a stale one is told to stop, and told its speed again once it is back.
    """
    if isinstance(event, Heard):
        return _heard(intent, car, event)
    if isinstance(event, Ticked):
        due = not intent.agreed and intent.asked_s is not None and event.now_s - intent.asked_s >= RESEND_S
        return _order(intent, car, event.now_s) if due else (intent, NO_ORDERS)
    if isinstance(event, Faded):
        if event.freshness is Freshness.QUIET:
            return intent, (PingRequest(),)
        if event.freshness is Freshness.STALE:
            return intent._replace(asked_s=None), (set_speed(car.dialect, 0, intent.accel_mm_s2),)
    return _order(intent, car, event.now_s)  # steered, or back again


def _heard(intent: Cruise, car: CarState, event: Heard) -> tuple[Cruise, Orders]:
    message = event.message
    if (
        message is not car.position
    ):  # only a position keeps its identity; spares the common case a look around
        message = core_of(message)
    if isinstance(message, _POSITIONS):
        off_mm_s = message.speed_mm_s - intent.speed_mm_s
        if not -intent.tolerance_mm_s <= off_mm_s <= intent.tolerance_mm_s:
            return _order(intent, car, event.now_s)
        named_mm_s = getattr(message, "last_desired_speed_mm_s", intent.speed_mm_s)  # not in gen 1
    elif isinstance(message, _ECHOES):
        named_mm_s = message.desired_speed_mm_s
    else:
        return intent, NO_ORDERS
    if not intent.agreed and named_mm_s == intent.speed_mm_s:
        intent = intent._replace(agreed=True)
    return intent, NO_ORDERS


def _order(intent: Cruise, car: CarState, now_s: float) -> tuple[Cruise, Orders]:
    speed_mm_s, accel_mm_s2, tolerance_mm_s, _, _ = intent
    order = set_speed(car.dialect, speed_mm_s, accel_mm_s2)
    return Cruise(speed_mm_s, accel_mm_s2, tolerance_mm_s, now_s, False), (order,)
