"""What is known of one car, and how a message changes it. Pure.

A `CarState` keeps the latest messages whole instead of copying their fields: the messages are immutable, and
one small tuple per update is all that is made. (A tuple because it is the cheapest immutable value Python has,
and this runs once per message.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from protocol import (
    BatteryLevelResponse,
    Delocalized,
    Dialect,
    Message,
    PositionUpdate,
    PositionUpdateDrive,
    StatusUpdate,
    TransitionUpdate,
    TransitionUpdate17,
    TransitionUpdateDrive,
    core_of,
)

Position = PositionUpdate | PositionUpdateDrive
Transition = TransitionUpdate | TransitionUpdate17 | TransitionUpdateDrive


class CarState(NamedTuple):
    """One car as last heard. Every `_s` is an instant of loop time, None: never.

    `heard_s` is the last message of any kind; `delocalized_s` when the car said it lost the road, None again
    with the next position; `battery_mv` as last asked for.
    """

    identifier: int
    dialect: Dialect = Dialect.UNKNOWN
    heard_s: float | None = None
    position: Position | None = None
    position_s: float | None = None
    transition: Transition | None = None
    status: StatusUpdate | None = None
    delocalized_s: float | None = None
    battery_mv: int | None = None


def observe(state: CarState, message: Message, now_s: float) -> CarState:
    """The state after `message`, heard at loop time `now_s`. Any message of any dialect is fine."""
    kind = type(message)
    if kind is PositionUpdate or kind is PositionUpdateDrive:  # most of the traffic: the short way
        identifier, dialect, _, _, _, transition, status, _, battery_mv = state
        position: Any = message
        return CarState(identifier, dialect, now_s, position, now_s, transition, status, None, battery_mv)
    return _note(state, core_of(message), now_s)._replace(heard_s=now_s)


def _note(state: CarState, message: Message, now_s: float) -> CarState:
    match message:
        case PositionUpdate() | PositionUpdateDrive():  # an extended one
            return state._replace(position=message, position_s=now_s, delocalized_s=None)
        case TransitionUpdate() | TransitionUpdate17() | TransitionUpdateDrive():
            return state._replace(transition=message)
        case StatusUpdate():
            return state._replace(status=message)
        case Delocalized():
            return state._replace(delocalized_s=now_s if state.delocalized_s is None else state.delocalized_s)
        case BatteryLevelResponse():
            return state._replace(battery_mv=message.battery_mv)
        case _:
            return state


def silent_s(state: CarState, since_s: float, now_s: float) -> float:
    """How long the car has been silent at `now_s`; counted from `since_s` when it was never heard."""
    return now_s - (since_s if state.heard_s is None else max(state.heard_s, since_s))


def reckoned_mm(state: CarState, now_s: float) -> float | None:
    """How far the car should have come since its last position update, at the speed it reported; None before
    the first. A wheel speed: on a fast curve the true way is up to a fifth shorter (opcau/anki logs)."""
    if state.position is None or state.position_s is None:
        return None
    return state.position.speed_mm_s * max(0.0, now_s - state.position_s)
