"""The rows of a run as values: what the runner stores and what reports are made of.

Instants named `_s` are run seconds: 0 when the run began, going on across its legs. Instants named `_at` are
UTC, ISO 8601. Enumerations are stored by their names in plain words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from rig.store.lives import ChargeRow, LifeRow, ReadingRow
from rig.store.swaps import SwapRow

CAR = "car"
"""The kind of subject that is a car; `bay`, `set` and `bench` are others."""


RUNNING, FINISHED, ABORTED, TERMINATED = "running", "finished", "aborted", "terminated"
"""What a run may be: see `RunRow`."""


class UnitRow(Protocol):
    """A finished unit of a soak, as a dataclass whose fields are the columns of `TABLE`. Its `leg` and `key` name it
    within its run."""

    TABLE: ClassVar[str]

    @property
    def leg(self) -> int:
        """The leg it belongs to."""
        ...

    @property
    def ended_s(self) -> float:
        """The run second at which it was over."""
        ...

    @property
    def key(self) -> tuple[int, ...]:
        """What tells it from the other units of its leg, known before it is run."""
        ...


class DetailRow(Protocol):
    """Something kept with a unit while it goes on, or after it. Kept twice it stays as it was the first time."""

    TABLE: ClassVar[str]

    @property
    def leg(self) -> int:
        """The leg it belongs to."""
        ...


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `status` is `running` (or killed: then nobody holds its folder), `finished`, `aborted` (by a person, or a
    broken bench) or `terminated` (by SIGTERM, as of a machine that shuts down);
    `outcome` its verdict once judged, `error` what broke the bench. `virtual` runs are in virtual time;
    `telemetry` ones keep every frame. `plan_text` is the plan as it was."""

    number: int
    run_id: str
    status: str
    outcome: str | None
    plan_name: str
    plan_digest: str
    plan_text: str
    radio: str
    world_digest: str | None
    seed: int
    virtual: bool
    started_at: str
    ended_at: str | None
    telemetry: bool = False
    error: str | None = None
    bench: str | None = None
    """The wiring map it was told to use, beside the simulated world's own."""
    night: int | None = None
    """Which night of a series it was, if it was told: how old its simulated world was."""


@dataclass(frozen=True, slots=True)
class PartRow:
    """One plan of a run, with its text as it was; parts count from 1. `title` tells parts with the same plan apart."""

    part: int
    kind: str
    title: str
    plan_name: str
    plan_digest: str
    plan_text: str


@dataclass(frozen=True, slots=True)
class CarRow:
    """One car of a run, in the order of its set; `bay` is where it stood on the bench, if there was one."""

    set_name: str
    identifier: int
    label: str
    model_id: int | None
    firmware: int | None
    bay: str | None = None


@dataclass(frozen=True, slots=True)
class LeftAloneRow:
    """Why a car was left alone for the rest of a leg: the bench could not go on with it (`bench_error`), or it was
    given up (`given_up`)."""

    leg: int
    identifier: int
    bench_error: str | None = None
    given_up: str | None = None


@dataclass(frozen=True, slots=True)
class LegRow:
    """One leg: when it began, and when it was through (None: not yet). Legs count from 1 through all parts; `kind`
    says what is soaked, `units` how many it was to run."""

    set_name: str
    began_s: float
    ended_s: float | None
    leg: int = 1
    kind: str = "reconnect"
    part: int = 1
    units: int = 0


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One finished cycle, instants in run seconds; the fields are those of `rig.soak.reconnect.events.CycleResult`."""

    TABLE: ClassVar[str] = "cycles"

    identifier: int
    cycle: int
    set_name: str
    loss: str
    outcome: str
    began_s: float
    ended_s: float
    intended_s: float | None
    loss_s: float | None
    noticed_s: float | None
    attempt_s: float | None
    seen_s: float | None
    connected_s: float | None
    services_s: float | None
    subscribed_s: float | None
    first_data_s: float | None
    attempts: int
    stuck_at: str | None
    error: str | None
    leg: int = 1
    unasked_losses: int = 0

    @property
    def key(self) -> tuple[int, ...]:
        """Car and number."""
        return self.identifier, self.cycle


@dataclass(frozen=True, slots=True)
class NoteRow:
    """Something that went wrong on the way, whatever became of the cycle; `unit` (its number) 0 is before the
    first."""

    identifier: int
    unit: int
    at_s: float
    attempt: int
    stage: str | None
    error: str
    leg: int = 1


@dataclass(frozen=True, slots=True)
class GapRow:
    """A time in which nobody watched: the run was cut at `from_s` and went on at `until_s`. In virtual time
    no run second passes in it. `unknown_acts` were under way when it was cut."""

    from_s: float
    until_s: float
    from_at: str
    until_at: str
    unknown_acts: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One time that somebody worked on a run, as of its last sign of life: by the wall clock, in run seconds, and by the
    uptime of the boot of this id."""

    session: int
    last_at: str
    last_s: float
    boot_id: str
    last_uptime_s: float


@dataclass(frozen=True, slots=True)
class ClockRow:
    """Something the machine's clock did under a run: it was `stepped` by so many seconds (negative: set back), or the
    machine was `asleep` for so long. Noticed at `at_s` in run seconds; `noticed_at` is what the clock said then."""

    at_s: float
    kind: str
    by_s: float
    noticed_at: str


@dataclass(frozen=True, slots=True)
class ActRow:
    """One physical act as journaled: `state` is `intended`, `ok`, `fail` or `unknown`. `subject` is what was
    acted on: a `car` by its identifier in hex, or another kind of thing by its name; `unit` the unit it was part of."""

    number: int
    subject_kind: str
    subject: str
    unit: int | None
    at_s: float
    act: str
    detail: str
    state: str
    done_s: float | None
    error: str | None
    leg: int = 1

    @property
    def identifier(self) -> int | None:
        """The car's identifier; None when no car was acted on."""
        return int(self.subject, 16) if self.subject_kind == CAR else None


UNIT_ROWS: tuple[type[UnitRow], ...] = (CycleRow, LifeRow, SwapRow)
"""The rows of finished units, kind by kind."""

DETAIL_ROWS: dict[type[UnitRow], tuple[type[DetailRow], ...]] = {LifeRow: (ReadingRow, ChargeRow)}
"""What is kept with the units of a kind beside their own rows; kinds that keep nothing more do not stand here."""
