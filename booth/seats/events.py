"""What comes into queue and seats. Every event carries its loop time in seconds, `at_s`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Join:
    """A player asks for a place, or for their old one again."""

    at_s: float
    player: str


@dataclass(frozen=True, slots=True)
class Leave:
    """A player gives up their place or seat."""

    at_s: float
    player: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A player's phone said something: a heartbeat, or where to drive."""

    at_s: float
    player: str


@dataclass(frozen=True, slots=True)
class CallUp:
    """These seats of the next race are to be filled: the first in the queue are called, and whoever does not come is
    followed by the next. `()`: nobody is called from now on."""

    at_s: float
    seats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Skip:
    """The crew lets whoever is called for a seat, or has taken it before green, wait, and calls the next."""

    at_s: float
    seat: int


@dataclass(frozen=True, slots=True)
class RaceOn:
    """Green."""

    at_s: float


@dataclass(frozen=True, slots=True)
class RaceOver:
    """The race is over. It `counts` as one of the day for its players unless it was stopped without a result."""

    at_s: float
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Rerun:
    """The race that was last is run again with the same players, before anybody else."""

    at_s: float
    race: int


@dataclass(frozen=True, slots=True)
class SendHome:
    """The show closes: everybody leaves."""

    at_s: float


@dataclass(frozen=True, slots=True)
class NewDay:
    """A day begins: nobody has raced yet."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passes."""

    at_s: float


Event = Join | Leave | Heard | CallUp | Skip | RaceOn | RaceOver | Rerun | SendHome | NewDay | Ticked
