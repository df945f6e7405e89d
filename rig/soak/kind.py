"""The seam at which soak kinds plug in.

To add a kind, say `lap`:

1. `rig/soak/lap/`: a pure machine (`step(state, event) -> (state, actions)` with a TRANSITIONS table), a `LapPlan`
   with a parser that reads the kind's own keys, the legs it comes to, the shell that runs one leg, and at the end
   `kind.py` with a `SoakKind` object made of these. `rig/soak/reconnect/` is the model to follow.
2. What is repeated is a *unit* (a cycle, a life, a swap). A finished unit is one row: a dataclass in `rig/store/rows.py`
   that is a `UnitRow`, its table in a migration at the end of `rig/store/schema.py`, a field in `StoredRun`.
3. `rig/report/lap/`: a `PartReport` made of the rows, and how it looks as text, JSON and a section of the page, bundled
   as a `ReportKind`.
4. Name both objects, in `rig/soak/kinds.py` and in `rig/report/kinds.py`. Nothing registers itself.

A run has parts (one plan of one kind each), a part has legs (one simulated world, or one sitting of cars), a leg
has units. A kind gets its legs run one after the other, each on a loop of its own, with a `LegContext`: the station to
work with and the recorder to write to. In virtual time a leg that was cut is replayed from its start; the recorder
compares the units that come out with those on record and writes neither them nor their acts twice, so a kind only has
to be decided by its seed. On a bench time does not come back: a kind asks `recorder.is_on_record` before each unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from rig.radio.any_radio import AnyRadio
from rig.radio.link import Received
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.remedies import Remedies
from rig.soak.abilities import Needs
from rig.soak.plan_file import Plan, PlanHead
from rig.soak.recorder import LegRecorder
from rig.soak.schedule import CarSet, SoakCar
from rig.store.rows import UnitRow
from rig.toml_tables import Table

if TYPE_CHECKING:
    from rig.bench.station import Bench
    from rig.sim.world import SimWorld

PlanT = TypeVar("PlanT", bound=Plan)
LegT = TypeVar("LegT", bound="Leg")


@dataclass(frozen=True, slots=True)
class Leg:
    """One simulated world, or one sitting of cars. `seed` makes its world; `units` is how many there are to run.
    `set_name` is what the store calls it: a set, or sets that take turns joined by "+"."""

    title: str
    set_name: str
    cars: tuple[SoakCar, ...]
    seed: int
    units: int


@dataclass(frozen=True, slots=True)
class Progress:
    """One unit more is done: `done` of `total` in this leg; `what` in short words (a car's label), `at_s` in run
    seconds."""

    part: int
    leg: int
    done: int
    total: int
    what: str
    at_s: float


class OnLeft(Protocol):
    """Hears of a car that was not left as it should be."""

    def __call__(self, car: SoakCar, /, *, switched_off: bool = False) -> None:
        """It may still be connected; or `switched_off`: it may be off, which the soak did."""
        ...


class LegStation(Protocol):
    """What a leg has to work with: a radio, the simulated world around it when there is one, and the bench when the
    kind uses one and there is one."""

    @property
    def radio(self) -> AnyRadio:
        """The radio, or several as one."""
        ...

    @property
    def world(self) -> SimWorld | None:
        """The simulated world; None on a real radio."""
        ...

    @property
    def remedies(self) -> Remedies:
        """What the station can do about itself when it fails."""
        ...

    @property
    def bench(self) -> Bench | None:
        """The fixtures; None where there are none, or none are used."""
        ...


@dataclass(frozen=True, slots=True)
class LegContext:
    """What a kind gets to run one leg. `on_left` hears of every car that may have been left connected, or
    switched off by the soak itself, `on_frame`
    (when frames are kept) gets every frame of every link."""

    station: LegStation
    recorder: LegRecorder
    part: int
    leg: int
    recovery: RecoveryPolicy
    on_progress: Callable[[Progress], None]
    on_left: OnLeft
    on_frame: Callable[[SoakCar, Received], None] | None = None


class SoakKind(Protocol[PlanT, LegT]):
    """One kind of soak."""

    @property
    def name(self) -> str:
        """As plans write it."""
        ...

    @property
    def unit(self) -> str:
        """What is repeated, one of them, in words (`cycle`)."""
        ...

    @property
    def row(self) -> type[UnitRow]:
        """The row a finished unit becomes."""
        ...

    def parse(self, root: Table, head: PlanHead) -> PlanT:
        """Reads the kind's own keys; whoever calls refuses those nobody asked for.

        Raises:
            InputError: a key is missing or out of range; the message names it.
        """
        ...

    def size(self, plan: PlanT) -> str:
        """How much a plan asks for, in a few words (`200 cycles a car`)."""
        ...

    def needs(self, plan: PlanT) -> Needs:
        """What the plan cannot do without, so that it is refused before anything runs."""
        ...

    def legs(self, plan: PlanT, sets: Sequence[CarSet], seed: int) -> tuple[LegT, ...]:
        """The plan as legs, decided by the seed alone."""
        ...

    async def run_leg(self, plan: PlanT, leg: LegT, on: LegContext) -> None:
        """Runs a leg to its end, or until it is cancelled; either way it leaves no link and a safe bench.

        Raises:
            BenchError: the bench or the store failed; what is finished is kept.
        """
        ...
