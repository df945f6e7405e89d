"""What the session machine is told and what it answers. Pure values; events carry their time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from protocol import Message
from protocol.commands import USUAL_ACCEL_MM_S2


class Phase(Enum):
    """Where the conversation stands."""

    CONNECTING = "connecting"
    READY = "ready"
    STOPPING = "stopping"
    DONE = "done"


class Request(Enum):
    """Questions a car answers."""

    PING = "ping"
    VERSION = "version"
    BATTERY = "battery"


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A link is open and subscribed; `firmware` as advertised, if it was."""

    at_s: float
    firmware: int | None = None


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link is gone."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Heard:
    """The car said something."""

    at_s: float
    message: Message


@dataclass(frozen=True, slots=True)
class WantSpeed:
    """From now on this speed is wanted; 0 stops."""

    at_s: float
    speed_mm_s: int
    accel_mm_s2: int = USUAL_ACCEL_MM_S2


@dataclass(frozen=True, slots=True)
class WantLane:
    """Change to this offset from the road's centre, right positive. One order: repeat it if it is lost."""

    at_s: float
    offset_mm: float


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for the car; asking what is already being asked changes nothing."""

    at_s: float
    request: Request


@dataclass(frozen=True, slots=True)
class Finish:
    """Stop the car, make sure of it, and be done."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has come this far."""

    at_s: float


Event = LinkUp | LinkDown | Heard | WantSpeed | WantLane | Ask | Finish | Tick


@dataclass(frozen=True, slots=True)
class Send:
    """Write this message; `response` asks for the car's acknowledgement on the ATT level."""

    message: Message
    response: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """The car answered; `value` is the firmware number, the millivolts, or None for a ping."""

    request: Request
    value: int | None
    latency_s: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The car did not answer `REQUEST_TRIES` times."""

    request: Request


@dataclass(frozen=True, slots=True)
class SpeedTaken:
    """The car agreed to the wanted speed `latency_s` after it was first sent, on the `tries`-th order."""

    speed_mm_s: int
    latency_s: float
    tries: int


@dataclass(frozen=True, slots=True)
class SpeedIgnored:
    """The car has not agreed after `tries` orders; `heard_mm_s` is what it says it wants instead."""

    speed_mm_s: int
    tries: int
    heard_mm_s: int | None


@dataclass(frozen=True, slots=True)
class Finished:
    """The conversation is over; `stopped` when the car has confirmed the stop."""

    stopped: bool


Action = Send | Answered | Unanswered | SpeedTaken | SpeedIgnored | Finished
