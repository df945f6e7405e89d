"""Where one car's battery machine stands, and the terms it works under. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from rig.soak.battery.duty import Duty
from rig.soak.battery.ends import ChargeEnd, End
from rig.soak.battery.events import Action


class Phase(StrEnum):
    """Where a car's machine stands."""

    IDLE = "idle"
    PREPARING = "preparing"
    SEEKING = "seeking"
    PAUSING = "pausing"
    CONNECTING = "connecting"
    CHECKING = "checking"
    DRIVING = "driving"
    RESTING = "resting"
    RIGHTING = "righting"
    PLUGGING = "plugging"
    CHARGING = "charging"
    UNPLUGGING = "unplugging"
    DONE = "done"
    STOPPED = "stopped"


AT_REST = frozenset({Phase.IDLE, Phase.DONE, Phase.STOPPED})
"""Phases in which the car waits for the runner, not the other way round."""

ON_THE_ROAD = frozenset({Phase.DRIVING, Phase.RESTING, Phase.RIGHTING})
"""Phases in which a life is under way with its link up."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds the machine may take. `ready_timeout` to bring a car up before its life, `attempt_timeout` for one
    search or connect, `retry_pause` between them; `regain` to get a lost link back before the life is over;
    `reading_every` between voltages, `charge_reading_every` between looks at a charge; `stall_after` without
    movement is a stall, `righting` is what a stalled or lost car gets to go on by itself."""

    ready_timeout_s: float = 60.0
    attempt_timeout_s: float = 10.0
    retry_pause_s: float = 1.0
    regain_s: float = 45.0
    reading_every_s: float = 10.0
    charge_reading_every_s: float = 10.0
    stall_after_s: float = 8.0
    righting_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Start:
    """What a life must begin with to count from its beginning: the car's full flag, or `least_mv` at rest."""

    full_flag: bool = True
    least_mv: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one car all through a leg. `can_charge`: its bay has a charger and the plan wants it used.
    A voltage of `dying_mv` or less is read as the end being near."""

    car: int
    seed: int
    timing: Timing
    duty: Duty
    start: Start
    limit_s: float
    charge_limit_s: float
    dying_mv: float
    can_charge: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant of a life, to end it there if it turns out to have been the last good one."""

    at_s: float
    drive_s: float
    rest_s: float
    gaps: int
    gap_s: float


@dataclass(frozen=True, slots=True)
class Battery:
    """What the car said of itself: its last voltage and flags. `low_s` is the age of the life at the low flag."""

    start_mv: int | None = None
    last_mv: int | None = None
    low: bool = False
    low_s: float | None = None
    charged: bool = False
    on_track: bool | None = None
    told: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge under way. `current` is the last trustworthy look (loop second, mA, mV); `counted` what the meter's
    counters said first (mAh, mWh); `fell` counts looks in a row at a current that had fallen away; `ended` how and
    when it was over, once it is."""

    began_s: float
    current: tuple[float, float, float | None] | None = None
    counted: tuple[float | None, float | None] | None = None
    peak_ma: float | None = None
    charge_mah: float = 0.0
    energy_mwh: float = 0.0
    fell: int = 0
    ended: tuple[ChargeEnd, float] | None = None


@dataclass(frozen=True, slots=True)
class LifeState:
    """Everything the machine knows. `wake_s` and `deadline_s` end the phase; `began_s` is None until the life
    drives; `counted_s` is up to where its age has been counted; `ordered_*` is the speed in force and since when.
    `charging_first`: the charge under way is for the life to come; `precharged`: it had one. `undecided`: why the
    car fell silent, its charger is to tell."""

    phase: Phase = Phase.IDLE
    life: int = 0
    wake_s: float | None = None
    deadline_s: float | None = None
    began_s: float | None = None
    counted_s: float = 0.0
    drive_s: float = 0.0
    rest_s: float = 0.0
    ordered_mm_s: int = 0
    ordered_s: float = 0.0
    pace_ends_s: float = 0.0
    reading_due_s: float = 0.0
    battery: Battery = field(default_factory=Battery)
    start_full: bool = False
    gaps: int = 0
    gap_s: float = 0.0
    lost_s: float | None = None
    heard: bool = False
    back_s: float | None = None
    dying_loss: Mark | None = None
    trouble: End | None = None
    trouble_at: Mark | None = None
    stalls: int = 0
    off_tracks: int = 0
    precharged: bool = False
    charging_first: bool = False
    undecided: bool = False
    charge: Charge | None = None
    others_ever: bool = False
    others_s: float | None = None
    bench_fault: str | None = None
    error: str | None = None

    @property
    def life_s(self) -> float:
        """The age of the life: what it drove and rested."""
        return self.drive_s + self.rest_s

    @property
    def under_way(self) -> bool:
        """Whether the life has begun to drive."""
        return self.began_s is not None

    @property
    def due_s(self) -> float | None:
        """When the machine wants a Tick at the latest; None while it only waits for events."""
        times = [t for t in (self.deadline_s, self.wake_s) if t is not None]
        return min(times, default=None)


Outcome = tuple[LifeState, list[Action]]


def counted(state: LifeState, at_s: float) -> LifeState:
    """The life grown older until `at_s`, by what it was told to do; back again, when it was lost before it was
    noticed."""
    grown_s = at_s - state.counted_s
    if state.ordered_mm_s > 0:
        return replace(state, counted_s=at_s, drive_s=max(0.0, state.drive_s + grown_s))
    return replace(state, counted_s=at_s, rest_s=max(0.0, state.rest_s + grown_s))


def mark(state: LifeState, at_s: float) -> Mark:
    """Where the life stands."""
    return Mark(at_s, state.drive_s, state.rest_s, state.gaps, state.gap_s)


def back_at(state: LifeState, where: Mark) -> LifeState:
    """The life as it stood there."""
    return replace(state, drive_s=where.drive_s, rest_s=where.rest_s, gaps=where.gaps, gap_s=where.gap_s)


def is_dying(state: LifeState, terms: Terms) -> bool:
    """Whether the battery was about to give out when the car last spoke."""
    last_mv = state.battery.last_mv
    return state.battery.low or (last_mv is not None and last_mv <= terms.dying_mv)


def others_heard(state: LifeState, others_s: float | None) -> LifeState:
    """With the news of when other cars were last heard."""
    if others_s is None:
        return state
    return replace(state, others_ever=True, others_s=others_s)
