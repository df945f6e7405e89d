"""A whole run, from its first leg to its last: each leg on a loop of its own, everything into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig.radio.link import Received
from rig.radio.recovery.policy import RecoveryPolicy
from rig.soak.frames import FrameLog
from rig.soak.kind import Leg, LegContext, LegStation, OnLeft, Progress
from rig.soak.kinds import kind_named
from rig.soak.mending import SOAK_POLICY
from rig.soak.recorder import LegRecorder
from rig.soak.run_plan import Part, part_seed
from rig.soak.schedule import CarSet, SoakCar
from rig.store.journal import RunJournal
from rig.store.queries import acts_of, details_of, gaps_of, legs_of_run, units_of
from rig.store.rows import DETAIL_ROWS

LegMain = Callable[[LegStation], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class NightLeg:
    """One leg of the run: its number (they count from 1 through all parts) and the part it belongs to.
    `uses_bench`: it is to be run on a station with its bench, if there is one."""

    number: int
    part: Part
    leg: Leg
    uses_bench: bool

    @property
    def seed(self) -> int:
        """Makes its simulated world."""
        return self.leg.seed


RunLeg = Callable[[LegMain, NightLeg], None]
"""Opens the station (with the leg's seed, if it is simulated) and runs the leg on it, to its end."""


@dataclass(frozen=True, slots=True)
class Night:
    """What stays the same over the legs of a run. `virtual`: on loops whose time jumps, from 0 each. `on_left`
    hears of cars that may have been left connected or switched off, `on_begun` and `on_ended` of each leg that is run, with the run
    second. `prepare` is called once, when the first leg that is still to be run has begun, with the run second; it returns
    how many run seconds it took."""

    legs: Sequence[NightLeg]
    journal: RunJournal
    db: Any
    database: Path
    virtual: bool
    telemetry: bool = False
    on_progress: Callable[[Progress], None] | None = None
    on_left: OnLeft | None = None
    prepare: Callable[[float], float] | None = None
    on_begun: Callable[[NightLeg, float], None] | None = None
    on_ended: Callable[[NightLeg, float], None] | None = None
    recovery: RecoveryPolicy = SOAK_POLICY


def night_legs(parts: Sequence[Part], sets: Sequence[CarSet], seed: int) -> tuple[NightLeg, ...]:
    """The legs of all parts, in the order in which they run."""
    legs: list[NightLeg] = []
    for part in parts:
        kind = kind_named(part.plan.head.kind)
        uses_bench = kind.needs(part.plan).uses_bench
        for leg in kind.legs(part.plan, sets, part_seed(seed, part.number, parts)):
            legs.append(NightLeg(len(legs) + 1, part, leg, uses_bench))
    return tuple(legs)


def run_night(night: Night, run_leg: RunLeg, *, from_s: float) -> None:
    """Runs every leg that is not through yet. `from_s` is the run second at which somebody takes over: 0, or
    the end of the gap.

    Raises:
        BenchError: the bench or the store failed; what is finished is kept, and the run can be resumed.
        KeyboardInterrupt: somebody stopped it; no link is left, and the run can be resumed.
    """
    now_s, prepare = from_s, night.prepare
    for leg in night.legs:
        begun = {row.leg: row for row in legs_of_run(night.db, night.journal.run)}.get(leg.number)
        if begun is not None and begun.ended_s is not None:
            now_s = max(now_s, begun.ended_s)
            continue
        # in virtual time a leg begun earlier is replayed where it was; on a bench it goes on where we are
        offset_s = begun.began_s if begun is not None and night.virtual else now_s
        night.journal.begin_leg(
            leg.number,
            leg.leg.set_name,
            offset_s,
            kind=leg.part.plan.head.kind,
            part=leg.part.number,
            units=leg.leg.units,
        )
        if night.on_begun is not None:
            night.on_begun(leg, offset_s)
        if prepare is not None:
            offset_s += prepare(offset_s)
            prepare = None
        ended = _EndOfLeg()
        run_leg(_main_of(night, leg, offset_s, ended), leg)
        night.journal.end_leg(leg.number, ended.at_s)
        now_s = ended.at_s
        if night.on_ended is not None:
            night.on_ended(leg, now_s)


@dataclass(slots=True)
class _EndOfLeg:
    at_s: float = 0.0


def _main_of(night: Night, leg: NightLeg, offset_s: float, ended: _EndOfLeg) -> LegMain:
    kind = kind_named(leg.part.plan.head.kind)
    run = night.journal.run
    units = [row for row in units_of(night.db, run, kind.row) if row.leg == leg.number]
    details = [
        row
        for detail in DETAIL_ROWS.get(kind.row, ())
        for row in details_of(night.db, run, detail)
        if row.leg == leg.number
    ]
    acts = [act for act in acts_of(night.db, run) if act.leg == leg.number]

    async def main(station: LegStation) -> None:
        recorder = LegRecorder(
            night.journal,
            leg=leg.number,
            set_name=leg.leg.set_name,
            cars=[car.identifier for car in leg.leg.cars],
            offset_s=offset_s,
            units=units,
            acts=acts,
            replays=night.virtual,
            details=details,
            gaps=gaps_of(night.db, run),
        )
        frames = FrameLog(night.database, run, recorder) if night.telemetry else None
        try:
            await kind.run_leg(
                leg.part.plan,
                leg.leg,
                LegContext(
                    station=station,
                    recorder=recorder,
                    part=leg.part.number,
                    leg=leg.number,
                    recovery=night.recovery,
                    on_progress=night.on_progress or _unheard,
                    on_left=night.on_left or _unheard_of,
                    on_frame=None if frames is None else _listener(frames),
                ),
            )
        finally:
            if frames is not None:
                frames.close()
        ended.at_s = recorder.run_s(asyncio.get_running_loop().time())

    return main


def _unheard(_: object) -> None:
    """Nobody listens."""


def _unheard_of(_car: SoakCar, *, switched_off: bool = False) -> None:
    """As above."""


def _listener(frames: FrameLog) -> Callable[[SoakCar, Received], None]:
    return lambda car, received: frames.add(car.identifier, received)
