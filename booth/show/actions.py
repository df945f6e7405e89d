"""What the show machine wants done, in order. `booth.control` does it and reports what came of it as inputs."""

from __future__ import annotations

from dataclasses import dataclass

from booth.race.wish import Wish
from booth.show.records import Record


@dataclass(frozen=True, slots=True)
class Write:
    """Write this down before anything that follows."""

    record: Record


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to `Asked.number`: `refused` is why not, in one sentence; None: granted."""

    number: int
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect the car and set it up for driving; report LinkUp with fresh data, or Trouble and LinkDown."""

    car: int


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop the car and disconnect it; report LinkDown."""

    car: int


@dataclass(frozen=True, slots=True)
class Drive:
    """From now on this is wanted of the car."""

    car: int
    wish: Wish


@dataclass(frozen=True, slots=True)
class CountLaps:
    """Count the car's laps anew: it stands lined up before the line (`rig.driving.laps.lined_up`), or is somewhere on
    the track (`mid_race`)."""

    car: int
    mid_race: bool = False


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen for adverts this long and report Heard, ChargerIs and one Listened."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Press:
    """Press the car's button once, where there is a hand for it; otherwise the crew is asked (a task says so)."""

    car: int


@dataclass(frozen=True, slots=True)
class SwitchCharger:
    """Put the car on its charger, or take it off, where there is a hand for it; otherwise as `Press`."""

    car: int
    on: bool


@dataclass(frozen=True, slots=True)
class PlaceOnTrack:
    """Put the car at the start, or take it away, where there is a hand for it; otherwise as `Press`."""

    car: int
    on: bool


@dataclass(frozen=True, slots=True)
class Restart:
    """Restart something: "radio", "race", "screens"."""

    what: str


Action = (
    Write
    | Answer
    | Connect
    | Halt
    | Drive
    | CountLaps
    | Listen
    | Press
    | SwitchCharger
    | PlaceOnTrack
    | Restart
)
