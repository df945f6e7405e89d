"""What the show writes down: the one truth behind boards, draw, day report and restart. No personal data.

A record is a value; `booth.log` stores it with its time and chains it. `player` is the opaque id of a player.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, get_args


@dataclass(frozen=True, slots=True)
class Entry:
    """A seat of a race: the car, who drives it (None: an AI of `grade`)."""

    seat: int
    car: int
    player: str | None
    grade: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A seat's place in a result. `time_s` is the race time at its last lap, `score` counts in a battle."""

    seat: int
    car: int
    player: str | None
    place: int
    laps: int
    time_s: float | None = None
    best_lap_s: float | None = None
    score: int = 0
    out: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessBegan:
    """The race process began, for the `count`th time today; `version` and `pack` are what it runs."""

    version: str
    pack: str
    radio: str
    count: int


@dataclass(frozen=True, slots=True)
class Opened:
    """Visitors are let in."""

    by: str


@dataclass(frozen=True, slots=True)
class Closed:
    """No more races."""

    by: str


@dataclass(frozen=True, slots=True)
class PlayerQueued:
    """A player took a place in the queue."""

    player: str
    place: int


@dataclass(frozen=True, slots=True)
class PlayerLeft:
    """A player left queue or seat: left, did not come, silent, or closed. `seat` is the one they had in a race that was
    lined up or on; None: they had none."""

    player: str
    why: str
    seat: int | None = None


@dataclass(frozen=True, slots=True)
class PlayerSeated:
    """A player took a seat, `waited_s` after joining the queue."""

    player: str
    seat: int
    race: int
    waited_s: float


@dataclass(frozen=True, slots=True)
class RaceLinedUp:
    """A race with its cars and drivers."""

    race: int
    mode: str
    set_name: str
    entries: tuple[Entry, ...]
    rerun_of: int | None = None


@dataclass(frozen=True, slots=True)
class RaceStarted:
    """Green."""

    race: int


@dataclass(frozen=True, slots=True)
class LapDone:
    """A seat completed its lap `number`. Not `is_whole`: the lap was interrupted, so its time is nobody's best."""

    race: int
    seat: int
    number: int
    time_s: float
    race_s: float
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """In a battle, a seat hit another."""

    race: int
    seat: int
    victim: int


@dataclass(frozen=True, slots=True)
class CarOut:
    """A car can no longer take part in the race."""

    race: int
    seat: int
    why: str


@dataclass(frozen=True, slots=True)
class CarBack:
    """It can again."""

    race: int
    seat: int


@dataclass(frozen=True, slots=True)
class RaceInterrupted:
    """The race process was away; laps meanwhile are not counted."""

    race: int
    away_s: float


@dataclass(frozen=True, slots=True)
class RaceFinished:
    """The result. `winner` is a seat, None: nobody won (the first in the standings did nothing to win); `rerun` says
    why a rerun is offered, "": it is not."""

    race: int
    standings: tuple[Standing, ...]
    winner: int | None = None
    rerun: str = ""


@dataclass(frozen=True, slots=True)
class RaceStopped:
    """A race without a result."""

    race: int
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class ResultCorrected:
    """A new result for an old race; `winner` is a seat."""

    race: int
    by: str
    comment: str
    standings: tuple[Standing, ...]
    winner: int | None = None


@dataclass(frozen=True, slots=True)
class SwapCalled:
    """The sets are to change over."""

    from_set: str
    why: str


@dataclass(frozen=True, slots=True)
class SwapStepDone:
    """A step of the swap, with how long it took."""

    step: str
    took_s: float


@dataclass(frozen=True, slots=True)
class SwapDone:
    """The other set races."""

    to_set: str
    took_s: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody asked for what may not be."""

    asked: str
    sentence: str
    by: str


@dataclass(frozen=True, slots=True)
class CarTakenOut:
    """A car no longer takes part."""

    car: int
    why: str


@dataclass(frozen=True, slots=True)
class CarReadmitted:
    """It does again."""

    car: int
    by: str


@dataclass(frozen=True, slots=True)
class Battery:
    """What is known of a car's battery, now and then."""

    car: int
    battery_mv: int | None
    is_low: bool | None
    driven_s: float


@dataclass(frozen=True, slots=True)
class IncidentBegan:
    """Something went wrong."""

    number: int
    kind: str
    car: int | None
    words: str
    severity: str


@dataclass(frozen=True, slots=True)
class IncidentCured:
    """It is right again, by which rung of the ladder."""

    number: int
    by: str
    took_s: float


@dataclass(frozen=True, slots=True)
class RestartAsked:
    """The last rung: somebody restarted something."""

    what: str
    by: str


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """A mode's state, before and after; `change` is the number under which it can be undone."""

    change: int
    mode: str
    before: str
    after: str
    by: str
    evidence: str
    state: str
    """waiting, accepted, undone"""


@dataclass(frozen=True, slots=True)
class ModeChosen:
    """Which mode is played from the next race on."""

    mode: str
    by: str


@dataclass(frozen=True, slots=True)
class ItemTicked:
    """A checklist's item."""

    item: str
    done: bool
    by: str


@dataclass(frozen=True, slots=True)
class PlayableChanged:
    """From now on a visitor could (or could not) start a race within one cycle; a planned swap counts apart."""

    is_playable: bool
    why: str
    is_planned: bool = False


@dataclass(frozen=True, slots=True)
class DrawStaged:
    """A step of the draw went on the stage."""

    step: str
    body: Mapping[str, str]


Record = (
    ProcessBegan
    | Opened
    | Closed
    | PlayerQueued
    | PlayerLeft
    | PlayerSeated
    | RaceLinedUp
    | RaceStarted
    | LapDone
    | Hit
    | CarOut
    | CarBack
    | RaceInterrupted
    | RaceFinished
    | RaceStopped
    | ResultCorrected
    | SwapCalled
    | SwapStepDone
    | SwapDone
    | Refused
    | CarTakenOut
    | CarReadmitted
    | Battery
    | IncidentBegan
    | IncidentCured
    | RestartAsked
    | ModeChanged
    | ModeChosen
    | ItemTicked
    | PlayableChanged
    | DrawStaged
)
RECORDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Record)}
_PARTS: dict[str, type[Any]] = {"entries": Entry, "standings": Standing}


def to_body(record: Record) -> tuple[str, dict[str, Any]]:
    """The record's kind and its fields as JSON values."""
    return type(record).__name__, asdict(record)


def from_body(kind: str, body: Mapping[str, Any]) -> Record:
    """The record that `to_body` took apart. Fields a newer version added are dropped.

    Raises:
        KeyError: no such kind.
    """
    made = RECORDS[kind]
    known = {field.name for field in fields(made)}
    values = {
        key: tuple(_PARTS[key](**part) for part in value) if key in _PARTS else value
        for key, value in body.items()
        if key in known
    }
    record: Record = made(**values)
    return record
