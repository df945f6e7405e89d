"""A whole run, from its first leg to its verdict: each leg on a loop of its own, everything into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig.radio.any_radio import AnyRadio
from rig.radio.link import Received
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.remedies import NoRemedies, Remedies
from rig.soak.breaker import HostBreaker, WorldBreaker, WorldWithLinks
from rig.soak.frames import FrameLog
from rig.soak.mending import SOAK_POLICY, BenchMender
from rig.soak.plan import SoakPlan
from rig.soak.recorder import LegRecorder
from rig.soak.runner import LegRunner, Progress
from rig.soak.schedule import Leg, SoakCar
from rig.store.journal import RunJournal
from rig.store.queries import cycles_of, legs_of_run

LegMain = Callable[[AnyRadio, WorldWithLinks | None, Remedies], Awaitable[None]]
RunLeg = Callable[[LegMain, int], None]
"""Opens the radio (with this seed, if it is simulated) and runs the leg on it, to its end."""


@dataclass(frozen=True, slots=True)
class Night:
    """What stays the same over the legs of a run. `virtual`: on loops whose time jumps, from 0 each. `on_left`
    hears of cars that may have been left connected."""

    plan: SoakPlan
    legs: Sequence[Leg]
    journal: RunJournal
    db: Any
    database: Path
    virtual: bool
    telemetry: bool = False
    on_progress: Callable[[Progress], None] | None = None
    on_left: Callable[[SoakCar], None] | None = None
    recovery: RecoveryPolicy = SOAK_POLICY


def run_night(night: Night, run_leg: RunLeg, *, from_s: float) -> None:
    """Runs every leg that is not through yet. `from_s` is the run second at which somebody takes over: 0, or
    the end of the gap.

    Raises:
        BenchError: the bench or the store failed; what is finished is kept, and the run can be resumed.
        KeyboardInterrupt: somebody stopped it; no link is left, and the run can be resumed.
    """
    now_s = from_s
    for number, leg in enumerate(night.legs, start=1):
        begun = {row.leg: row for row in legs_of_run(night.db, night.journal.run)}.get(number)
        if begun is not None and begun.ended_s is not None:
            now_s = max(now_s, begun.ended_s)
            continue
        # in virtual time a leg begun earlier is replayed where it was; on a bench it goes on where we are
        offset_s = begun.began_s if begun is not None and night.virtual else now_s
        night.journal.begin_leg(number, leg.set_name, offset_s)
        ended = _EndOfLeg()
        run_leg(_main_of(night, number, leg, offset_s, ended), leg.seed)
        night.journal.end_leg(number, ended.at_s)
        now_s = ended.at_s


@dataclass(slots=True)
class _EndOfLeg:
    at_s: float = 0.0


def _main_of(night: Night, number: int, leg: Leg, offset_s: float, ended: _EndOfLeg) -> LegMain:
    stored = [row for row in cycles_of(night.db, night.journal.run) if row.leg == number]

    async def main(radio: AnyRadio, world: WorldWithLinks | None, remedies: Remedies | None = None) -> None:
        recorder = LegRecorder(
            night.journal, leg.set_name, leg=number, offset_s=offset_s, stored=stored, replays=night.virtual
        )
        frames = FrameLog(night.database, night.journal.run, recorder) if night.telemetry else None
        try:
            await LegRunner(
                night.plan,
                leg,
                radio=radio,
                breaker=HostBreaker() if world is None else WorldBreaker(world),
                recorder=recorder,
                on_progress=night.on_progress,
                on_left=night.on_left,
                mender=BenchMender(
                    radio, recorder, remedies=remedies or NoRemedies(), policy=night.recovery, seed=leg.seed
                ),
                on_frame=None if frames is None else _listener(frames),
            ).run()
        finally:
            if frames is not None:
                frames.close()
        ended.at_s = recorder.run_s(asyncio.get_running_loop().time())

    return main


def _listener(frames: FrameLog) -> Callable[[SoakCar, Received], None]:
    return lambda car, received: frames.add(car.identifier, received)
