"""Runs one leg: the cars of a set live their lives side by side, each at its own pace; a safe stop at the end of
everything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from rig.bench.bays import Bays
from rig.radio.any_radio import AnyRadio
from rig.radio.errors import HostFault
from rig.radio.link import Received
from rig.soak.battery.car_runner import CarRunner, LifeBook
from rig.soak.battery.ears import Ears
from rig.soak.battery.ends import End
from rig.soak.battery.events import LifeResult
from rig.soak.battery.plan import BatteryPlan, Recharge
from rig.soak.schedule import SoakCar

LANES_MM = (-58.5, -22.5, 22.5, 58.5)
"""One for each car of a set: printed rows, far from each other, the outer ones one row inside the outermost."""
_IN_VAIN = frozenset({End.NOT_STARTED, End.VOID})


class LegBook(LifeBook, Protocol):
    """What a leg writes to, beside its cars."""

    def wants(self, car: SoakCar, life: int) -> bool: ...
    def begin(self, car: SoakCar, life: int, bay: str | None) -> None: ...
    def give_up(
        self, car: SoakCar, *, bench_error: str | None = None, given_up: str | None = None
    ) -> None: ...


class Mender(Protocol):
    """Mends the radio; see `rig.soak.mending.BenchMender`."""

    async def mend(self, car: SoakCar, unit: int | None, fault: HostFault, *, ups: int) -> None: ...


class LegRunner:
    """Runs a leg to its end, or until it is cancelled; either way no car drives, no link is left and every charger
    is off, and `on_left` hears of every car of which that could not be confirmed. `on_life` hears after each life,
    with the number of lives done by now."""

    def __init__(
        self,
        plan: BatteryPlan,
        cars: Sequence[SoakCar],
        seed: int,
        *,
        radio: AnyRadio,
        bays: Bays | None,
        book: LegBook,
        mender: Mender | None = None,
        on_life: Callable[[SoakCar, int], None] | None = None,
        on_left: Callable[[SoakCar], None] | None = None,
        on_frame: Callable[[SoakCar, Received], None] | None = None,
    ) -> None:
        self._plan = plan
        self._book = book
        self._bays = bays
        self._mender = mender
        self._on_life = on_life
        self._on_left = on_left
        self._done = 0
        ears = Ears()
        self._cars = {
            car.identifier: CarRunner(
                car,
                plan.terms(
                    car.identifier, seed, can_charge=bays is not None and bays.can_charge(car.identifier)
                ),
                radio=radio,
                bays=bays,
                book=book,
                ears=ears,
                lane_mm=LANES_MM[place % len(LANES_MM)],
                on_frame=on_frame,
            )
            for place, car in enumerate(cars)
        }

    async def run(self) -> None:
        """Runs every life that is still to be lived.

        Raises:
            BenchError: the results cannot be kept, a replay does not come out as on record, or the bench cannot be
                left safe.
            HostFault: the radio failed every car again and again; the run can be resumed once it is mended.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for runner in self._cars.values():
                    group.create_task(self._live(runner), name=f"lives of {runner.car.label}")
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        finally:
            await self._stop()

    async def _live(self, runner: CarRunner) -> None:
        in_vain: list[LifeResult] = []
        for life in range(1, self._plan.lives_per_car + 1):
            if not self._book.wants(runner.car, life):
                self._tell(runner.car)
                continue
            unfit = self._bay_unfit(runner.car)
            if unfit is not None:
                self._book.give_up(runner.car, bench_error=unfit)
                return
            bay = None if self._bays is None else self._bays.bay_of(runner.car.identifier)
            self._book.begin(runner.car, life, bay)
            result = await runner.run(life)
            self._tell(runner.car)
            in_vain = [*in_vain, result] if result.end in _IN_VAIN else []
            is_over = len(in_vain) >= self._plan.give_up_after
            if is_over:
                self._give_up(runner.car, in_vain)
            await self._mend(runner, result)
            if is_over:
                return

    def _bay_unfit(self, car: SoakCar) -> str | None:
        """Why a car that is to be charged by the bench cannot be."""
        if self._plan.recharge is Recharge.NONE:
            return None
        if self._bays is None or self._bays.bay_of(car.identifier) is None:
            return "it has no bay with a charger"
        return self._bays.fault_of(car.identifier)

    def _give_up(self, car: SoakCar, in_vain: Sequence[LifeResult]) -> None:
        times, error = f"{len(in_vain)} times in a row", in_vain[-1].error
        if any(result.end is End.VOID for result in in_vain):
            self._book.give_up(car, bench_error=f"the bench failed {times} ({error})")
        else:
            self._book.give_up(car, given_up=f"could not be brought up {times} ({error})")

    async def _mend(self, runner: CarRunner, result: LifeResult) -> None:
        """After a life that the radio made void, the radio comes first, for the sake of the other cars too."""
        fault = runner.bench_fault
        if self._mender is None or result.end is not End.VOID or fault is None:
            return
        await self._mender.mend(
            runner.car, result.life, fault, ups=sum(car.ups for car in self._cars.values())
        )

    def _tell(self, car: SoakCar) -> None:
        self._done += 1
        if self._on_life is not None:
            self._on_life(car, self._done)

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
        finally:
            for runner in left.values():
                if self._on_left is not None:
                    self._on_left(runner.car)
        if first is not None:
            raise first


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
