"""What a program does with the bays of a bench, car by car: charge, measure, press, and leave all of it safe."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from rig.bench.acts import Acts, NotJournaled, journaled
from rig.bench.capabilities import Reading
from rig.bench.carried_through import carried_through
from rig.bench.confirm import Confirmation, SeesCharger, switch_charger
from rig.bench.dead_man import DeadMan
from rig.bench.errors import BayLeftOut, FixtureFault, NotConfirmed
from rig.bench.station import Bench
from rig.bench.wiring import Bay, Wire
from rig.errors import InputError, RigError

PRESS_S = 0.2
"""How long a power button is held."""
SILENCES_UNTIL_LEFT_OUT = 3
"""A meter that fails so often in a row costs its bay."""
_POLL_S = 0.1


class Bays:
    """The bays of an open bench, by the identifier of the car that belongs there. An async context manager: at its
    end every charger is off.

    Each act is journaled through `acts`. `sees` is the other sensor of a charger, for a full cell, which the meter
    cannot tell from an open contact. A bay whose fixture failed is left out from then on: nothing is switched on or
    pressed there any more; those that the bench itself leaves out are from the start.
    """

    def __init__(
        self,
        bench: Bench,
        *,
        acts: Acts | None = None,
        sees: SeesCharger | None = None,
    ) -> None:
        self._bench = bench
        self._acts: Acts = acts or NotJournaled()
        self._sees = sees
        self._left_out = dict(bench.left_out)
        self._bays = {bay.car: bay for bay in bench.wiring.bays if bay.car is not None}
        self._on: set[str] = set()
        self._silences: dict[str, int] = {}
        self._meters: dict[Wire, asyncio.Lock] = {}
        self._pressers: dict[str, asyncio.Lock] = {}
        self._dead_man = DeadMan(bench.fixtures.values())
        self._renewing: asyncio.Task[None] | None = None
        self._unsafe: tuple[str, ...] = ()

    async def __aenter__(self) -> Self:
        """Changes nothing yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Chargers off, servos at rest. What could not be is in `unsafe`.

        Raises:
            FixtureFault: that could not be done or proven, in a bay that was sound until now; nothing else went wrong.
        """
        failed = await carried_through(self._all_off())
        if error is not None:
            for fault, _ in failed:
                error.add_note(f"and the bench could not be made safe: {fault}")
        else:
            _raise_first([fault for fault, is_news in failed if is_news])

    # What a bay can do.

    def bay_of(self, car: int) -> str | None:
        """The name of a car's bay; None when it has none."""
        bay = self._bays.get(car)
        return None if bay is None else bay.name

    def can_charge(self, car: int) -> bool:
        """Whether its bay has a charger and is not left out."""
        bay = self._bays.get(car)
        return bay is not None and bay.charger is not None and bay.name not in self._left_out

    def can_measure(self, car: int) -> bool:
        """Whether its bay has a meter and is not left out."""
        bay = self._bays.get(car)
        return bay is not None and bay.meter is not None and bay.name not in self._left_out

    def can_press(self, car: int) -> bool:
        """Whether its bay has a servo on the power button and is not left out."""
        bay = self._bays.get(car)
        return bay is not None and bay.button is not None and bay.name not in self._left_out

    def fault_of(self, car: int) -> str | None:
        """Why its bay is left out; None when it is not."""
        bay = self._bays.get(car)
        return None if bay is None else self._left_out.get(bay.name)

    def leave_out(self, car: int, why: str) -> None:
        """Leaves a car's bay out from now on; what is on there stays on until it is switched off."""
        self._left_out.setdefault(self._bay(car).name, why)

    def is_charging(self, car: int) -> bool:
        """Whether its charger is on, or is being switched on, and was not switched off again."""
        bay = self._bays.get(car)
        return bay is not None and bay.name in self._on

    # Acts.

    async def charge(self, car: int, on: bool) -> Confirmation:
        """Switches a car's charger; confirmed by the meter, or by the car where its cell is full.

        A charger that cannot be confirmed on is switched off again. Off is always tried, in a bay left out too. A bay
        without another sensor is confirmed by its board alone (`proven` is False).

        Raises:
            BayLeftOut: on, in a bay that is left out.
            FixtureFault: not done, or a sensor says so; the bay is left out from now on.
            InputError: the car has no bay with a charger.
        """
        bay = self._bay(car)
        if on:
            self._refuse_left_out(bay)
            self._on.add(bay.name)
            self._keep_renewing()
        is_on = False
        try:
            with journaled(self._acts, "bay", bay.name, f"charger {'on' if on else 'off'}", f"{car:08x}"):
                async with self._lock(bay.meter):
                    confirmation = await switch_charger(self._bench, bay, on=on, sees=self._sees)
            is_on = on
        except FixtureFault as fault:
            self._latch(bay, fault)
            raise
        finally:
            if not is_on:
                self._on.discard(bay.name)
            if not self._on:
                await self._stop_renewing()
        return confirmation

    async def reading(self, car: int) -> Reading | None:
        """What a car's meter reads; None where there is none, or none of its own while a neighbour charges, or it
        did not answer: a silence is never zero. A meter that fails SILENCES_UNTIL_LEFT_OUT times in a row costs its bay.
        """
        bay = self._bay(car)
        if bay.meter is None or any(
            other.meter == bay.meter and other.name in self._on and other is not bay
            for other in self._bays.values()
        ):
            return None
        try:
            reading = await self._bench.meter_of(bay.meter).measure(bay.meter.channel)
        except FixtureFault as fault:
            self._silences[bay.name] = self._silences.get(bay.name, 0) + 1
            if self._silences[bay.name] >= SILENCES_UNTIL_LEFT_OUT:
                self._latch(bay, fault)
            return None
        self._silences.pop(bay.name, None)
        return reading

    async def charging_ma(self, car: int) -> float | None:
        """The current in a car's charger wire, the charger's own few milliamperes included; None as `reading`."""
        reading = await self.reading(car)
        return None if reading is None else reading.current_ma

    async def charge_mah(self, car: int) -> float | None:
        """The counter of a car's meter, for differences; None as `reading`, or where it has no counter."""
        reading = await self.reading(car)
        return None if reading is None else reading.charge_mah

    async def press_power(self, car: int) -> None:
        """Presses a car's power button once. Nothing here sees whether the car obeyed: watch its adverts.

        Raises:
            BayLeftOut: the bay is left out.
            FixtureFault: the servo did not move as told; the bay is left out from now on.
            InputError: the car has no bay with a button.
        """
        bay = self._bay(car)
        self._refuse_left_out(bay)
        if bay.button is None:
            raise InputError(
                f"bay {bay.name} has no servo on the power button in the wiring map; add one or leave it out"
            )
        wire = bay.button.wire
        with journaled(self._acts, "bay", bay.name, "press power", f"{car:08x}"):
            try:
                async with self._pressers.setdefault(wire.fixture, asyncio.Lock()):
                    await self._bench.presser_of(wire).press(wire.channel, PRESS_S)
            except FixtureFault as fault:
                self._latch(bay, fault)
                raise

    async def all_off(self) -> None:
        """Every charger off and every servo at rest, also in bays left out, proven by the meters; carried through when
        cancelled meanwhile.

        Raises:
            FixtureFault: one could not be; all others were tried all the same, and are named in its notes.
        """
        _raise_first([fault for fault, _ in await carried_through(self._all_off())])

    @property
    def unsafe(self) -> tuple[str, ...]:
        """What could not be switched off, or not be proven off, when all was last; one sentence each."""
        return self._unsafe

    async def _all_off(self) -> list[tuple[FixtureFault, bool]]:
        """What failed, each with whether that is news: nothing is of a fixture or a bay that failed before."""
        number = self._acts.intend("bench", self._bench.wiring.name, "all off")
        self._on.clear()
        await self._stop_renewing()
        known, left_out = frozenset(self._bench.known_faulty), frozenset(self._left_out)
        failed = [(fault, fault.fixture not in known) for fault in await self._bench.safe()]
        for bay in self._bench.wiring.bays:
            if bay.charger is not None and bay.meter is not None:
                try:
                    await self._prove_off(bay, bay.meter)
                except FixtureFault as fault:
                    self._latch(bay, fault)
                    failed.append((fault, bay.name not in left_out))
        self._unsafe = tuple(str(fault) for fault, _ in failed)
        self._acts.done(number, type(failed[0][0]).__name__ if failed else None)
        return failed

    async def _prove_off(self, bay: Bay, meter: Wire) -> None:
        """A relay that is told off opens within milliseconds; its meter may take a moment to see it."""
        wiring, loop = self._bench.wiring, asyncio.get_running_loop()
        until_s = loop.time() + wiring.within_s
        while True:
            current_ma = (await self._bench.meter_of(meter).measure(meter.channel)).current_ma
            if current_ma < wiring.least_ma:
                return
            if loop.time() >= until_s:
                raise NotConfirmed(
                    f"bay {bay.name}", f"told off, but meter {meter} still sees {current_ma:.0f} mA"
                )
            await asyncio.sleep(_POLL_S)

    # The dead-man.

    def _keep_renewing(self) -> None:
        """Before a charger goes on: a renewal must not come later than the board's patience lasts."""
        if self._renewing is None and self._dead_man.every_s:
            self._renewing = asyncio.create_task(self._renew(), name="dead-man of the bays")

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._dead_man.every_s)
            await self._dead_man.renew()
            for board, error in self._dead_man.fallen.items():
                for bay in self._bays.values():
                    if bay.charger is not None and self._bench.fixtures[bay.charger.fixture] is board:
                        self._latch(bay, error)

    async def _stop_renewing(self) -> None:
        task, self._renewing = self._renewing, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    # Looking up.

    def _bay(self, car: int) -> Bay:
        bay = self._bays.get(car)
        if bay is None:
            raise InputError(
                f"car {car:08x} has no bay in bench '{self._bench.wiring.name}'; add one to its map"
            )
        return bay

    def _lock(self, meter: Wire | None) -> asyncio.Lock:
        """Bays that share a meter are switched one at a time: what is looked for is a step of their sum."""
        return asyncio.Lock() if meter is None else self._meters.setdefault(meter, asyncio.Lock())

    def _refuse_left_out(self, bay: Bay) -> None:
        if bay.name in self._left_out:
            raise BayLeftOut(f"bay {bay.name}", self._left_out[bay.name])

    def _latch(self, bay: Bay, fault: RigError) -> None:
        self._left_out.setdefault(bay.name, str(fault))
        if isinstance(fault, FixtureFault):
            self._bench.known_faulty.add(fault.fixture)


def _raise_first(faults: list[FixtureFault]) -> None:
    if faults:
        for more in faults[1:]:
            faults[0].add_note(str(more))
        raise faults[0]
