"""What comes into the show machine. Every input carries its loop time in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from booth.pack.model import ShowPack
from booth.show.commands import Command, Role
from booth.show.records import Record
from rig.rotation.events import Fact


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks for something. `number` comes back in the `Answer`."""

    at_s: float
    number: int
    role: Role
    command: Command


@dataclass(frozen=True, slots=True)
class Sensed:
    """A fact about cars, sets or ear, as the rotation takes it (`rig.rotation.events`)."""

    at_s: float
    fact: Fact


@dataclass(frozen=True, slots=True)
class OnTrack:
    """A car says, by its advert or over its link, that it stands on the road (`is_on`), or no longer does."""

    at_s: float
    car: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A car was read at a place: `along_mm` from the line in its driving direction, of a lap of `lap_mm`."""

    at_s: float
    car: int
    along_mm: float
    lap_mm: float
    speed_mm_s: int
    lane_mm: float


@dataclass(frozen=True, slots=True)
class Lapped:
    """The lap detector (`rig.driving.laps`) found a lap: `crossed_s` is loop time, estimated; `is_first` when the
    clock only starts here (the first crossing of the line)."""

    at_s: float
    car: int
    crossed_s: float
    time_s: float | None
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class BatteryRead:
    """A car told its battery voltage, or its status flag."""

    at_s: float
    car: int
    battery_mv: int | None = None
    is_low: bool | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed: `kind` is link, silent, radio, off-road, screens, log; `car` None when it is no car's."""

    at_s: float
    kind: str
    words: str
    car: int | None = None


@dataclass(frozen=True, slots=True)
class Cured:
    """The trouble is over; `by` is the rung that cured it ("reconnected", "adapter reset", "restarted")."""

    at_s: float
    kind: str
    by: str
    car: int | None = None


@dataclass(frozen=True, slots=True)
class PackRead:
    """The show pack has changed on disk and is valid; it holds from the next race on."""

    at_s: float
    pack: ShowPack


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passes; ten times a second. `minute` is the wall-clock minute of the show's day (0 to 1439), local."""

    at_s: float
    minute: int


@dataclass(frozen=True, slots=True)
class Woke:
    """The race process began. `records` is the log of today, each with its age in seconds (0 or more), oldest first;
    `away_s` how long nobody was watching."""

    at_s: float
    records: tuple[tuple[float, Record], ...]
    away_s: float
    minute: int


Input = Asked | Sensed | OnTrack | Moved | Lapped | BatteryRead | Trouble | Cured | PackRead | Ticked | Woke
