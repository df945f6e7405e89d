"""What the battery machine hears, what it asks for, and what it hands back.

Every event carries `at_s`, seconds on the loop's clock; the machine itself never reads one.
"""

from __future__ import annotations

from dataclasses import dataclass

from rig.soak.battery.ends import ChargeEnd, End


@dataclass(frozen=True, slots=True)
class Begin:
    """Live this life: charger off, link up, then drive."""

    at_s: float
    life: int


@dataclass(frozen=True, slots=True)
class ChargerOff:
    """The charger is off, and another sensor than its relay agrees."""

    at_s: float


@dataclass(frozen=True, slots=True)
class ChargerOn:
    """The charger is on, and another sensor than its relay agrees."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """An advertisement of the car arrived; what it says of the battery, False where it does not."""

    at_s: float
    low: bool = False
    charged: bool = False


@dataclass(frozen=True, slots=True)
class Linked:
    """The link is up and the car talks."""

    at_s: float


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The host noticed that the link is gone; `heard_s` is when the car was last heard over it."""

    at_s: float
    heard_s: float
    reason: str
    bench: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The car told its status (0x3f)."""

    at_s: float
    on_track: bool
    on_charger: bool
    low: bool
    charged: bool


@dataclass(frozen=True, slots=True)
class Voltage:
    """The car told its battery's voltage (0x1b)."""

    at_s: float
    mv: int


@dataclass(frozen=True, slots=True)
class Delocalised:
    """The car said that it lost the road (0x2b)."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Current:
    """The charger's meter was read: `ma` None when it gave no trustworthy number, which is never a zero.
    `counter_mah` and `counter_mwh` are its counters, for differences, where it has any."""

    at_s: float
    ma: float | None
    mv: float | None = None
    counter_mah: float | None = None
    counter_mwh: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """What was asked for did not work; `bench` says the car is not to blame, `others_s` when any other car was
    last heard."""

    at_s: float
    error: str
    bench: bool = False
    others_s: float | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. `moved_s` is when the car last sent what only a moving car sends, `others_s` when any
    other car was last heard."""

    at_s: float
    moved_s: float | None = None
    others_s: float | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """End now, whatever is under way."""

    at_s: float


Event = (
    Begin
    | ChargerOff
    | ChargerOn
    | Seen
    | Linked
    | LinkLost
    | Status
    | Voltage
    | Delocalised
    | Current
    | Failed
    | Tick
    | Stop
)


@dataclass(frozen=True, slots=True)
class SwitchCharger:
    """Switch the charger and have it confirmed: answered by ChargerOn, ChargerOff or Failed."""

    on: bool


@dataclass(frozen=True, slots=True)
class Seek:
    """Scan until the car is seen, at most `timeout_s`."""

    timeout_s: float


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect to the car that was seen, at most `timeout_s`."""

    timeout_s: float


@dataclass(frozen=True, slots=True)
class Order:
    """Drive at this speed from now on; 0 stops."""

    speed_mm_s: int
    accel_mm_s2: int


@dataclass(frozen=True, slots=True)
class AskVoltage:
    """Ask the car for its voltage."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """Give up whatever is under way, stop the car if it can be told, and leave no link."""


@dataclass(frozen=True, slots=True)
class Listen:
    """While charging: hear one advert of the car and read the meter, then report what came of it."""


@dataclass(frozen=True, slots=True)
class Read:
    """A voltage to keep: `life_s` is the age of the life, `resting` says that the car stood."""

    at_s: float
    life_s: float
    mv: int
    resting: bool
    low: bool
    charged: bool


@dataclass(frozen=True, slots=True)
class ReadCharge:
    """A look at a charge to keep: `charge_s` is its age; None for what was not heard or measured."""

    at_s: float
    charge_s: float
    ma: float | None
    charged: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Something that went wrong on the way, whatever becomes of the life."""

    at_s: float
    what: str


@dataclass(frozen=True, slots=True)
class LifeResult:
    """One finished life. Instants are loop seconds; `began_s` is the first order to drive (or the end, when there
    was none). `drive_s` and `rest_s` are its age, split by whether it was told to drive; `gap_s` the time without
    a link, in `gaps` pieces, which does not count. `low_s` is the age at which the low flag came. `start_full`
    says whether the start requirement was met: a life that began otherwise was entered late."""

    life: int
    end: End
    began_s: float
    ended_s: float
    start_mv: int | None
    end_mv: int | None
    start_full: bool
    drive_s: float
    rest_s: float
    low_s: float | None
    gaps: int
    gap_s: float
    stalls: int
    off_tracks: int
    error: str | None


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """One charge after a life. `charge_mah` and `energy_mwh` are what the meter saw, None without one;
    `peak_ma` the largest current."""

    life: int
    end: ChargeEnd
    began_s: float
    ended_s: float
    charge_mah: float | None
    energy_mwh: float | None
    peak_ma: float | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Keep:
    """The life is over: keep its result before doing anything else."""

    result: LifeResult


@dataclass(frozen=True, slots=True)
class KeepCharge:
    """The charge is over: keep its result before doing anything else."""

    result: ChargeResult


Action = (
    SwitchCharger
    | Seek
    | Connect
    | Order
    | AskVoltage
    | LetGo
    | Listen
    | Read
    | ReadCharge
    | Note
    | Keep
    | KeepCharge
)
