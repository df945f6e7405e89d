"""What comes into a race. Every event carries its loop time in seconds, `at_s`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BeginCountdown:
    """Green comes in `seconds` (0 to 60), with the first `Ticked` after them, or with `Green`."""

    at_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Green:
    """The race is on from this moment."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Lapped:
    """The lap detector found a crossing of the line at `crossed_s` (loop time, estimated), `time_s` after the one
    before. `is_first`: the detector began anew, so that it knows no crossing before this."""

    at_s: float
    car: int
    crossed_s: float
    time_s: float | None = None
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A car was read `along_mm` behind the line in its driving direction, on a lap of `lap_mm`."""

    at_s: float
    car: int
    along_mm: float
    lap_mm: float
    speed_mm_s: int = 0
    lane_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class CarOut:
    """A car can no longer take part: its battery died, its link is gone, the crew took it."""

    at_s: float
    car: int
    why: str


@dataclass(frozen=True, slots=True)
class CarBack:
    """It can again, with the laps it had."""

    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The player of a seat has gone: an AI of `grade` drives on, and what it wins is nobody's."""

    at_s: float
    seat: int
    grade: float


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Nobody watched, or every car was held, for `away_s` seconds up to now: the limit moves by as much."""

    at_s: float
    away_s: float


@dataclass(frozen=True, slots=True)
class Fire:
    """A seat shoots."""

    at_s: float
    seat: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passes."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Stop:
    """The race ends without a result."""

    at_s: float
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Correct:
    """The result becomes this `ranking`, seats from first to last; `comment` says why."""

    at_s: float
    ranking: tuple[int, ...]
    comment: str
    by: str


Event = (
    BeginCountdown
    | Green
    | Lapped
    | Moved
    | CarOut
    | CarBack
    | TakenOver
    | Interrupted
    | Fire
    | Ticked
    | Stop
    | Correct
)
