"""Queue and seats as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from booth.pack.model import Play


@dataclass(frozen=True, slots=True)
class Waiting:
    """A player in the queue since `joined_s`, who was called `missed` times and did not come."""

    player: str
    joined_s: float
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Called:
    """A player called for a seat of the next race. `heard_s`: when their phone was last heard since; None: never."""

    player: str
    joined_s: float
    missed: int
    seat: int
    called_s: float
    heard_s: float | None = None


@dataclass(frozen=True, slots=True)
class Seated:
    """A player in a seat of the race that is lined up or on."""

    player: str
    seat: int
    joined_s: float
    heard_s: float


@dataclass(frozen=True, slots=True)
class Seats:
    """Everything known of players. A player is in one of `waiting`, `called` and `seated` at most, and once there.

    `open_seats` are filled for the next race. `race` is the one that is lined up or on, None between races;
    `last_race` and `last_players` (by seat) the one before, for a rerun. `raced` counts each player's races of the day.
    """

    play: Play
    waiting: tuple[Waiting, ...] = ()
    called: tuple[Called, ...] = ()
    seated: tuple[Seated, ...] = ()
    open_seats: tuple[int, ...] = ()
    race: int | None = None
    is_on: bool = False
    last_race: int | None = None
    last_players: tuple[tuple[int, str], ...] = ()
    last_counted: bool = False
    raced: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    began_s: float | None = None
    cycles_s: tuple[float, ...] = ()

    @property
    def queue(self) -> tuple[str, ...]:
        """The players who wait, in order."""
        return tuple(waiting.player for waiting in self.waiting)

    @property
    def players(self) -> tuple[str, ...]:
        """Everybody: seated, called, waiting."""
        return (*(s.player for s in self.seated), *(c.player for c in self.called), *self.queue)

    @property
    def patience_s(self) -> float:
        """How long a phone may be silent before its seat is free."""
        return self.play.heartbeat_s + self.play.grace_s

    def is_there(self, player: str, now_s: float) -> bool:
        """Whether a seated or called player's phone was heard within the heartbeat."""
        known: tuple[Called | Seated, ...] = (*self.seated, *self.called)
        return any(
            other.heard_s is not None and now_s - other.heard_s <= self.play.heartbeat_s
            for other in known
            if other.player == player
        )
