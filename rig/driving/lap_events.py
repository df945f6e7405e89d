"""What the lap detector is told, and what it says. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from protocol import (
    Delocalized,
    Message,
    ParsingFlags,
    PositionUpdate,
    TransitionUpdate,
    TransitionUpdate17,
    core_of,
)


@dataclass(frozen=True, slots=True)
class Position:
    """A code was read on a piece. `reverse`: the piece was parsed backwards; speed is the wheels' own."""

    at_s: float
    piece_id: int
    location_id: int = 0
    speed_mm_s: int = 0
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """A piece ended; the wheel distances in whole centimetres are those over the piece just left."""

    at_s: float
    left_cm: int
    right_cm: int


@dataclass(frozen=True, slots=True)
class OffRoad:
    """The car lost the road (0x2b): what it does until the next transition covers no whole piece."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was heard before this moment: the link was down, or a recording has a hole."""

    at_s: float


Event = Position | Transition | OffRoad | Gap


class Direction(Enum):
    """How the start piece was crossed: 34 before 33 is forward."""

    FORWARD = "forward"
    REVERSE = "reverse"


class Evidence(Enum):
    """What speaks for a crossing of the line."""

    READ_LONG = "34 read"
    READ_SHORT = "33 read"
    WHEELS_LONG = "wheels 34"
    WHEELS_SHORT = "wheels 33"
    LAP_LENGTH = "lap length"


class Confidence(Enum):
    """How far a lap is to be believed."""

    SURE = "sure"
    LIKELY = "likely"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Started:
    """The first crossing, or the first one after the car turned round: the clock starts."""

    at_s: float
    direction: Direction


@dataclass(frozen=True, slots=True)
class Lap:
    """A completed lap. `at_s` is the estimated moment the line was crossed, `time_s` the lap time.

    `distance_cm` is what the wheels counted, `pieces` the transitions. LIKELY laps span a gap or rest on one
    kind of evidence; INFERRED ones left no trace of their own and follow from the length of what was driven.
    """

    number: int
    at_s: float
    time_s: float
    direction: Direction
    confidence: Confidence
    evidence: frozenset[Evidence]
    distance_cm: float
    pieces: int


def event_of(message: Message | None, at_s: float) -> Event | None:
    """The event a message from a car stands for, if it says anything about laps."""
    if message is None:
        return None
    core = core_of(message)
    if isinstance(core, PositionUpdate):
        return Position(
            at_s=at_s,
            piece_id=core.piece_id,
            location_id=core.location_id,
            speed_mm_s=core.speed_mm_s,
            reverse=bool(core.parsing_flags & ParsingFlags.REVERSE_PARSING),
        )
    if isinstance(core, TransitionUpdate | TransitionUpdate17):
        return Transition(at_s, core.left_wheel_cm, core.right_wheel_cm)
    if isinstance(core, Delocalized):
        return OffRoad(at_s)
    return None
