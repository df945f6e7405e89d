"""Runs one leg: a set's cars brought up together, their cycles in turn, a safe stop at the end of everything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rig.radio.any_radio import AnyRadio
from rig.radio.errors import HostTrouble
from rig.radio.link import Received
from rig.soak.kind import OnLeft
from rig.soak.mending import BenchMender
from rig.soak.outcome import CycleOutcome
from rig.soak.reconnect.breaker import LinkBreaker
from rig.soak.reconnect.car_runner import CarRunner
from rig.soak.reconnect.events import CycleResult
from rig.soak.reconnect.plan import ReconnectPlan
from rig.soak.reconnect.recorder import CycleRecorder
from rig.soak.reconnect.rounds import ReconnectLeg, Slot
from rig.soak.schedule import SoakCar


class LegRunner:
    """Runs a leg to its end, or until it is cancelled; either way no link is left and no car switched off, and `on_left`
    hears of every car of which that could not be confirmed. `on_done` hears of each finished cycle: the car, how many are done, and
    the run second."""

    def __init__(
        self,
        plan: ReconnectPlan,
        leg: ReconnectLeg,
        *,
        radio: AnyRadio,
        breaker: LinkBreaker,
        recorder: CycleRecorder,
        on_done: Callable[[SoakCar, int, float], None] | None = None,
        on_frame: Callable[[SoakCar, Received], None] | None = None,
        on_left: OnLeft | None = None,
        mender: BenchMender | None = None,
    ) -> None:
        self._plan = plan
        self._leg = leg
        self._recorder = recorder
        self._on_done = on_done
        self._on_left = on_left
        self._mender = mender
        self._in_vain: dict[int, list[CycleOutcome]] = {car.identifier: [] for car in leg.cars}
        self._left_alone: set[int] = set()
        self._done = 0
        self._schedule_s: float | None = None
        self._cars = {
            car.identifier: CarRunner(
                car,
                radio=radio,
                breaker=breaker,
                recorder=recorder,
                timing=plan.timing,
                on_frame=on_frame,
            )
            for car in leg.cars
        }

    async def run(self) -> None:
        """Runs every slot that is still to be run.

        Raises:
            BenchError: the results cannot be kept, or a replay does not come out as on record.
            HostFault: the radio failed every car again and again; the run can be resumed once it is mended.
        """
        try:
            for runner in self._cars.values():
                await runner.join()
            for slots in self._leg.rounds:
                wanted = [slot for slot in slots if self._wants(slot)]
                self._done += len(slots) - len(wanted)
                if wanted:
                    await self._together(wanted, await self._turn_of(wanted[0]))
        finally:
            await self._stop()

    def _wants(self, slot: Slot) -> bool:
        return slot.car.identifier not in self._left_alone and self._recorder.wants(slot)

    async def _turn_of(self, slot: Slot) -> float | None:
        """Waits for a round whose loss the schedule has for later; when it was meant to be, on the loop's clock.

        The schedule begins when the cars are up, after a resume on a bench anew: that nobody watched for a while
        is no lateness of the cars.
        """
        if slot.due_s is None or self._plan.pace_s is None:
            return None
        now_s = asyncio.get_running_loop().time()
        if self._schedule_s is None:
            self._schedule_s = now_s + self._plan.pace_s - slot.due_s
        intended_s = self._schedule_s + slot.due_s
        await asyncio.sleep(max(0.0, intended_s - slot.settle_s - now_s))
        return intended_s

    async def _together(self, slots: list[Slot], intended_s: float | None) -> None:
        if len(slots) == 1:
            await self._one(slots[0], intended_s)
            return
        try:
            async with asyncio.TaskGroup() as group:
                for slot in slots:
                    group.create_task(self._one(slot, intended_s))
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors

    async def _one(self, slot: Slot, intended_s: float | None) -> None:
        runner = self._cars[slot.car.identifier]
        result = await runner.run(slot, intended_s)
        self._done += 1
        self._latch(runner.car, result)
        if self._on_done is not None:
            self._on_done(runner.car, self._done, self._recorder.leg.run_s(result.ended_s))
        await self._mend(runner, result)

    async def _mend(self, runner: CarRunner, result: CycleResult) -> None:
        """After a cycle that the radio made void, the radio comes first, for the sake of the other cars too; that does nothing for a bay."""
        if self._mender is None or result.outcome is not CycleOutcome.VOID or runner.bay_failed:
            return
        fault = runner.bench_fault or HostTrouble(detail=result.error or "")
        ups = sum(car.ups for car in self._cars.values())
        await self._mender.mend(runner.car, result.cycle, fault, ups=ups)

    def _latch(self, car: SoakCar, result: CycleResult) -> None:
        """A car or a bench that fails again and again is left alone; the others go on."""
        in_vain = self._in_vain[car.identifier]
        if result.outcome not in {CycleOutcome.NOT_READY, CycleOutcome.VOID}:
            in_vain.clear()
            return
        in_vain.append(result.outcome)
        if len(in_vain) < self._plan.give_up_after:
            return
        self._left_alone.add(car.identifier)
        times, why = f"{len(in_vain)} times in a row", f"never {result.stuck_at}"
        if CycleOutcome.VOID in in_vain:
            self._recorder.leg.leave_alone(car, bench_error=f"the bench failed {times} ({result.error})")
        else:
            self._recorder.leg.leave_alone(
                car, given_up=f"could not be connected {times} ({result.error or why})"
            )

    async def _stop(self) -> None:
        """Stops every car, whatever becomes of the others; the first failure is raised when all were tried."""
        left = dict(self._cars)
        first: Exception | None = None
        try:
            for identifier, runner in self._cars.items():
                try:
                    confirmed = await runner.stop()
                except Exception as error:  # noqa: BLE001 - the other cars come first; it is raised below
                    first, confirmed = first or error, False
                if confirmed:
                    del left[identifier]
            for runner in self._cars.values():
                try:
                    await runner.switch_back_on()
                except Exception as error:  # noqa: BLE001 - as above
                    first = first or error
        finally:
            for identifier, runner in self._cars.items():
                if self._on_left is not None and identifier in left:
                    self._on_left(runner.car)
                if self._on_left is not None and runner.is_left_off:
                    self._on_left(runner.car, switched_off=True)
        if first is not None:
            raise first


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
