"""Mends the radio after it failed under a car: the recovery ladder instead of just going on.

What a car does by itself is measured and never mended; only when this computer, its adapter or its Bluetooth stack
failed, so that a unit is void, is the ladder climbed before the next. Its rungs are acts in the journal. When the radio
has failed every car of a leg again and again, the night ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rig.radio.any_radio import AnyRadio
from rig.radio.errors import HostFault
from rig.radio.recovery.executor import Ladder, Patient
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.records import Recovery, RecoveryRecord, RungState
from rig.radio.recovery.remedies import Remedies
from rig.radio.recovery.scribe import Listeners
from rig.soak.recorder import LegRecorder
from rig.soak.schedule import SoakCar

SOAK_POLICY = RecoveryPolicy(back_offs=7, rungs_at_most=12, longest_pause_s=30.0, limit_s=120.0)
"""Nobody waits at night, so there is time to wait for an adapter."""

_LOOK_LIMIT_S = 15.0
_PATIENCE = 3


class BenchMender:
    """Mends the radio of one leg, for one car after the other. `on_recovery` hears how each climb ended.

    The night ends when the radio failed `patience` times for each car that takes part, and none came up in between."""

    def __init__(
        self,
        radio: AnyRadio,
        recorder: LegRecorder,
        *,
        remedies: Remedies,
        policy: RecoveryPolicy = SOAK_POLICY,
        seed: int = 0,
        on_recovery: Callable[[Recovery], None] | None = None,
        patience: int = _PATIENCE,
    ) -> None:
        self._radio = radio
        self._recorder = recorder
        self._remedies = remedies
        self._policy = policy
        self._seed = seed
        self._on_recovery = on_recovery
        self._turn = asyncio.Lock()
        self._climbs = 0
        self._ended_s = float("-inf")
        self._hopeless_at: int | None = None
        self._patience = patience
        self._failures = 0
        self._failing_since_ups = -1
        self._failing: frozenset[int] = frozenset()

    async def mend(self, car: SoakCar, unit: int | None, fault: HostFault, *, ups: int) -> None:
        """Climbs until the adapter can scan again, or a person would be needed.

        `ups` is how often any car has been up in this leg: a bench that never worked is not waited for, and one
        that was beyond help stays so until a car comes up again. What was climbed for another car meanwhile is not
        climbed again.

        Raises:
            HostFault: the fault itself, when the radio failed every car too often for the night to go on.
            BenchError: the journal cannot be written.
        """
        failed_s = asyncio.get_running_loop().time()
        is_enough = self._count(car, ups)
        await self._climb(car, unit, fault, ups=ups, failed_s=failed_s)
        if is_enough:
            raise fault

    def _count(self, car: SoakCar, ups: int) -> bool:
        """Whether that was one failure too many."""
        if ups != self._failing_since_ups:
            self._failing_since_ups, self._failures = ups, 0
            self._failing = self._recorder.taking_part | {car.identifier}
        self._failures += 1
        return self._failures >= self._patience * len(self._failing)

    async def _climb(
        self, car: SoakCar, unit: int | None, fault: HostFault, *, ups: int, failed_s: float
    ) -> None:
        async with self._turn:
            if self._ended_s >= failed_s or self._hopeless_at == ups:
                return
            self._climbs += 1
            ladder = Ladder(
                self._look,
                self._policy,
                remedies=self._remedies,
                patient=Patient(worked=ups > 0, seed=self._seed + self._climbs),
                listeners=Listeners(on_end=self._on_recovery, journal=_Acts(self._recorder, car, unit)),
                attempt_limit_s=_LOOK_LIMIT_S,
            )
            try:
                await ladder.climb(fault)
            except HostFault:  # the next unit meets it, and is void as well
                self._hopeless_at = ups
            else:
                self._hopeless_at = None
            self._ended_s = asyncio.get_running_loop().time()

    async def _look(self) -> None:
        """Whether the adapter scans."""
        async with self._radio.scan():
            pass


class _Acts:
    """Rungs as acts of the car under which the bench failed: ok when the rung helped, else with what came instead."""

    def __init__(self, recorder: LegRecorder, car: SoakCar, unit: int | None) -> None:
        self._recorder = recorder
        self._car = car
        self._unit = unit

    def intend(self, record: RecoveryRecord) -> int:
        """Before a rung is tried."""
        return self._recorder.intend_on(self._car, self._unit, f"recovery: {record.rung}", record.fault)

    def done(self, act: int, record: RecoveryRecord) -> None:
        """When it is known what it was worth."""
        error = record.then or None
        if record.state is RungState.UNKNOWN or record.helped is None:
            error = f"unknown: {record.detail}" if record.detail else "unknown"
        elif record.state is RungState.FAIL:
            error = record.detail
        self._recorder.done(act, error)
