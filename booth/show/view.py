"""What every screen sees of the show: one snapshot, complete in itself, so that a screen that comes back shows the
right thing at once. No personal data: players are opaque ids, whose names the screens know.

Times ending in `_s` count from now (negative: past); the screens count on by their own clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """What the stage shows."""

    CLOSED = "closed"
    ATTRACT = "attract"
    LINE_UP = "line-up"
    COUNTDOWN = "countdown"
    RACE = "race"
    RESULT = "result"
    PIT_STOP = "pit-stop"
    DRAW = "draw"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class SeatView:
    """One seat of the race that is next, on, or just over. `player` None: an AI of `grade` drives."""

    seat: int
    car: int
    number: int
    player: str | None = None
    grade: float | None = None
    is_there: bool = True
    """Whether the player's phone has been heard of lately."""
    laps: int = 0
    last_lap_s: float | None = None
    best_lap_s: float | None = None
    gap_s: float | None = None
    """Behind the leader; None for the leader and while unknown."""
    position: int | None = None
    progress: float | None = None
    """How far round the lap, 0 to 1."""
    speed_mm_s: int = 0
    energy: int | None = None
    score: int | None = None
    is_disabled: bool = False
    out: str | None = None
    """Why the car is out of the race, in plain words."""


@dataclass(frozen=True, slots=True)
class RaceView:
    """A race. `ends_in_s` counts down to its limit; `note` is what a visitor should know ("Car 2 left the race")."""

    race: int
    mode: str
    kind: str
    set_name: str
    laps: int | None
    seats: tuple[SeatView, ...]
    starts_in_s: float | None = None
    ends_in_s: float | None = None
    winner: int | None = None
    """The winner's seat."""
    is_rerun: bool = False
    corrected: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CarView:
    """One car, for crew and IT. `races_left` is the forecast, `letter` what is wrong in one letter with `words`."""

    car: int
    label: str
    number: int
    set_name: str
    power: str
    link: str
    charger: str
    is_low: bool | None
    battery_mv: int | None
    races_left: int | None
    silent_s: float | None
    letter: str = ""
    words: str = ""
    taken_out: str | None = None


@dataclass(frozen=True, slots=True)
class SetView:
    """One set: `state` is racing, dying, off, charging, ready, or unknown."""

    set_name: str
    state: str
    races_left: int | None
    cars: tuple[CarView, ...]


@dataclass(frozen=True, slots=True)
class SwapView:
    """The guided swap: `steps` in order, `at` the one under way, `on_air` what visitors read while they wait."""

    from_set: str
    to_set: str
    steps: tuple[tuple[str, str], ...]
    """Key and words of each step."""
    at: int
    elapsed_s: float
    usual_s: float


@dataclass(frozen=True, slots=True)
class TaskView:
    """One thing for the crew to do. `by_s` None: whenever there is time. `button` is the command that does it."""

    key: str
    words: str
    why: str = ""
    by_s: float | None = None
    owner: str = "crew"
    button: Mapping[str, Any] | None = None
    button_words: str = ""


@dataclass(frozen=True, slots=True)
class ChecklistView:
    """A checklist: key, words and whether done, in order."""

    name: str
    title: str
    items: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Something that went wrong. `severity` is "visitors notice", "only staff notice" or "nobody notices yet"."""

    number: int
    began_s: float
    words: str
    severity: str
    owner: str
    action: str
    cured_by: str | None = None
    ended_s: float | None = None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change that waits for the crew's tap, or has just been made."""

    change: int
    words: str
    state: str
    """waiting, accepted, undone"""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of a board."""

    player: str
    race: int
    value: float
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything. `number` rises with each; `at` is UTC, ISO 8601."""

    number: int
    at: str
    stage: Stage
    headline: str
    """The one sentence that says what happens now, for the crew."""
    mode: str
    modes: Mapping[str, str]
    """Every mode's state, by name."""
    race: RaceView | None
    last: RaceView | None
    """The race before, with its result."""
    queue: tuple[str, ...]
    called: Mapping[str, float]
    """Players called up, and how many seconds they have left to come."""
    sets: tuple[SetView, ...]
    swap: SwapView | None
    tasks: tuple[TaskView, ...]
    checklists: tuple[ChecklistView, ...]
    incidents: tuple[IncidentView, ...]
    changes: tuple[ChangeView, ...]
    refusal: str | None
    """Why the last thing asked for was refused; gone with the next that is granted."""
    hour_board: tuple[BoardRow, ...]
    day_board: tuple[BoardRow, ...]
    draw: Mapping[str, str] | None
    next_race_s: float | None
    uptime: Mapping[str, float]
    """Figures of the day so far: `share`, `open_s`, `races`, `restarts`, `swaps`, `median_wait_s`."""
    is_held: bool = False

    def to_json(self) -> dict[str, Any]:
        """The snapshot as JSON values."""
        return asdict(self)
