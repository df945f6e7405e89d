"""A race as a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from booth.pack.model import Mode
from booth.show.records import Entry, Standing


class Phase(StrEnum):
    """Where a race is in its life."""

    LINED_UP = "lined up"
    COUNTDOWN = "countdown"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"


class FalseStart(StrEnum):
    """What happens to a car that crosses the line before green."""

    FORGIVEN = "forgiven"
    PENALTY = "penalty"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Fairness:
    """The rules that hold in every mode.

    Crossings of one car nearer together than `min_lap_s` are the same crossing. Once the first car is in, the others
    have `grace_laps` times the slowest lap so far, within `grace_s`, to end the lap they are on. A car that has been
    out for `out_hold_s` is not waited for. The result waits `settle_s` for crossings that happened in time and are
    heard of late. A position is carried on at the car's speed for `reckon_s` at most.
    """

    min_lap_s: float = 1.0
    grace_laps: float = 1.5
    grace_s: tuple[float, float] = (4.0, 20.0)
    out_hold_s: float = 5.0
    settle_s: float = 0.5
    reckon_s: float = 0.5
    false_start: FalseStart = FalseStart.FORGIVEN
    penalty_s: float = 3.0
    hit_score: int = 1
    disable_score: int = 2
    flash_s: float = 0.6


@dataclass(frozen=True, slots=True)
class LapTime:
    """A lap that counts. Not `is_whole`: it was interrupted, so its time is nobody's best."""

    crossed_s: float
    time_s: float
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a car was last read: `share` of the lap, 0 to 1, is held back at 1 until the crossing is counted."""

    at_s: float
    along_mm: float
    lap_mm: float
    speed_mm_s: int
    lane_mm: float
    share: float


@dataclass(frozen=True, slots=True)
class Fight:
    """A car in a battle. `flashed_s`: when it last shot or was hit."""

    energy: int
    score: int = 0
    times_disabled: int = 0
    disabled_until_s: float | None = None
    fired_s: float | None = None
    flashed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Racer:
    """One seat of a race. `first_s` is the crossing its laps are counted from, `passed_s` when that happened by where
    the car was read before and after; `is_past_line`: before green it stood behind the line already. `is_broken`:
    something interrupted the lap under way."""

    entry: Entry
    fight: Fight
    first_s: float | None = None
    passed_s: float | None = None
    is_past_line: bool = False
    laps: tuple[LapTime, ...] = ()
    is_broken: bool = False
    spot: Spot | None = None
    out: str | None = None
    out_s: float | None = None
    lost_lead: bool = False
    false_starts: int = 0

    @property
    def seat(self) -> int:
        """The seat's number."""
        return self.entry.seat

    @property
    def last_s(self) -> float | None:
        """Loop time of the last crossing that counts."""
        return self.laps[-1].crossed_s if self.laps else self.first_s

    @property
    def best_lap_s(self) -> float | None:
        """The best whole lap."""
        return min((lap.time_s for lap in self.laps if lap.is_whole), default=None)

    def is_disabled(self, now_s: float) -> bool:
        """Whether it stands, hit once too often."""
        until_s = self.fight.disabled_until_s
        return until_s is not None and now_s < until_s


@dataclass(frozen=True, slots=True)
class Result:
    """How a race ended. `winner` is a seat, None: nobody won; `rerun` says why one is offered, "": it is not."""

    standings: tuple[Standing, ...]
    winner: int | None
    rerun: str = ""
    comment: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Race:
    """One race. Times are loop time; `held_s` is how much later its limit is because nobody watched. `history` are
    the results from the first to the one that holds: nothing in it is ever taken away."""

    race: int
    mode: Mode
    set_name: str
    racers: tuple[Racer, ...]
    fairness: Fairness = Fairness()
    rerun_of: int | None = None
    phase: Phase = Phase.LINED_UP
    starts_s: float | None = None
    green_s: float | None = None
    ended_s: float | None = None
    held_s: float = 0.0
    history: tuple[Result, ...] = ()

    @property
    def result(self) -> Result | None:
        """The result that holds."""
        return self.history[-1] if self.history else None

    @property
    def ends_s(self) -> float | None:
        """Loop time of the limit, once it runs."""
        return None if self.green_s is None else self.green_s + self.mode.limit_s + self.held_s

    def of_car(self, car: int) -> Racer | None:
        """The racer with this car."""
        return next((racer for racer in self.racers if racer.entry.car == car), None)

    def of_seat(self, seat: int) -> Racer | None:
        """The racer in this seat."""
        return next((racer for racer in self.racers if racer.seat == seat), None)

    def put(self, *changed: Racer) -> Race:
        """The race with these racers in place of what they were."""
        by_seat = {racer.seat: racer for racer in changed}
        return replace(self, racers=tuple(by_seat.get(racer.seat, racer) for racer in self.racers))


def race_of(
    number: int,
    mode: Mode,
    set_name: str,
    entries: Iterable[Entry],
    *,
    fairness: Fairness | None = None,
    rerun_of: int | None = None,
) -> Race:
    """A race that is lined up.

    Raises:
        ValueError: no entry, or a seat or car entered twice.
    """
    entered = tuple(sorted(entries, key=lambda entry: entry.seat))
    if not entered:
        raise ValueError(f"race {number} has no entry")
    for what, values in (("seat", [e.seat for e in entered]), ("car", [e.car for e in entered])):
        if len(set(values)) != len(values):
            raise ValueError(f"race {number}: a {what} is entered twice")
    racers = tuple(Racer(entry, Fight(energy=mode.energy)) for entry in entered)
    return Race(number, mode, set_name, racers, fairness or Fairness(), rerun_of)
