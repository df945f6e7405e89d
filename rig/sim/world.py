"""The simulated world at run time: cars on the air, one adapter to meet them, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rig.sim.adapter import Outage, VirtualAdapter, WorldAdapter
from rig.sim.air import Air, AirParameters, RadioConditions
from rig.sim.bench_fault_names import BenchFaultSpec
from rig.sim.car.contract import Car
from rig.sim.faults import FAULTS, LinkBreak, Striker
from rig.sim.host import BumbleHost
from rig.sim.overlaps import Overlaps, Undo
from rig.sim.peripheral import CarPeripheral

MakeAdapter = Callable[[Air, int], WorldAdapter]
_IDENTIFIER = slice(27, 31)
"""Where the car's identifier stands in its 31 bytes of advertising data, big-endian."""
_TURNS_TO_SETTLE = 5


@dataclass(frozen=True, slots=True)
class ScheduledFault:
    """A fault that happens by itself, `at_s` after the world begins; `lasts_s` None: for good."""

    at_s: float
    kind: str
    car: int | None = None
    value: float | None = None
    lasts_s: float | None = None


class SimWorld:
    """Cars, air and adapter. An async context manager; enter it inside the loop it will run on.

    `adapter` makes the adapter on its air: True one whose host is in this process, `OsAdapter` one of this
    machine, False none, because other programs bring their own (`pitboard sim serve`). `bench` is the wiring map
    (name or path) of the fixtures around its bays and `bench_faults` what goes wrong there, for whoever opens them; the
    world itself runs without them.
    """

    def __init__(
        self,
        cars: Sequence[Car],
        air: AirParameters | None = None,
        seed: int = 0,
        *,
        faults: Sequence[ScheduledFault] = (),
        conditions: Callable[[int, RadioConditions], None] | None = None,
        adapter: bool | MakeAdapter = True,
        bench: str | None = None,
        bench_faults: Sequence[BenchFaultSpec] = (),
    ) -> None:
        self.seed = seed
        self.bench = bench
        self.bench_faults = tuple(bench_faults)
        self.air_parameters = air or AirParameters()
        self.cars: dict[int, Car] = {identifier_of(car): car for car in cars}
        self.peripherals: dict[int, CarPeripheral] = {}
        self.air: Air
        self._faults = tuple(faults)
        self._set_conditions = conditions
        self._make_adapter: MakeAdapter | None = (
            (VirtualAdapter if adapter else None) if isinstance(adapter, bool) else adapter
        )
        self._adapter: WorldAdapter | None = None
        self._timers: dict[asyncio.TimerHandle, None] = {}
        self._outages = Overlaps()
        self._striker: Striker

    async def __aenter__(self) -> Self:
        """Boots the adapter and every car, in order."""
        self.air = Air(self.air_parameters, self.seed)
        self._striker = Striker(self.air, None, self)
        if self._make_adapter is not None:
            adapter = self._adapter = self._make_adapter(self.air, 0)
            self._striker = Striker(self.air, adapter.controller, self)
            await adapter.plug_in()
        try:
            await self._switch_cars_on()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        for fault in self._faults:
            self.after(fault.at_s, lambda f=fault: self.inject(f.kind, f.car, f.value, f.lasts_s))  # type: ignore[misc]
        return self

    async def _switch_cars_on(self) -> None:
        for identifier, car in self.cars.items():
            peripheral = CarPeripheral(car, self.air)
            self.peripherals[identifier] = peripheral
            if self._set_conditions is not None:
                self._set_conditions(identifier, peripheral.controller.conditions)
            await peripheral.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Everything off."""
        for timer in self._timers:
            timer.cancel()
        try:
            if self._adapter is not None:
                await self._adapter.pull_out()
        finally:
            await self._settle()

    async def _settle(self) -> None:
        """What was cancelled ends inside the loop, not after it, even when the caller is cancelled meanwhile.

        Before Python 3.12 a cancellation that coincides with an answer is lost, so the cars stop more than once.
        """
        cancelled: asyncio.CancelledError | None = None
        for _ in range(_TURNS_TO_SETTLE):
            for peripheral in self.peripherals.values():
                peripheral.stop()
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled

    @asynccontextmanager
    async def more_adapters(self, count: int) -> AsyncIterator[tuple[WorldAdapter, ...]]:
        """`count` adapters beside the first, for the length of the context. Faults strike the first.

        Raises:
            BenchError: as `plug_in` of such an adapter.
        """
        assert self._make_adapter is not None, "enter a world with an adapter first"
        more: list[WorldAdapter] = []
        try:
            for number in range(1, count + 1):
                adapter = self._make_adapter(self.air, number)
                await adapter.plug_in()
                more.append(adapter)
            yield tuple(more)
        finally:
            for adapter in reversed(more):
                await adapter.pull_out()

    @property
    def adapter(self) -> WorldAdapter:
        """The adapter of this world, the first where it has several."""
        assert self._adapter is not None, "enter a world with an adapter first"
        return self._adapter

    @property
    def stack(self) -> BumbleHost:
        """The host to put under bleak, when it is in this process."""
        assert isinstance(self.adapter, VirtualAdapter)
        return self.adapter.stack

    def handle(self, identifier: int, action: Callable[[Car, float], None]) -> None:
        """Hands on a car: `action(car, now_s)` may lift it, place it or press its button.

        Raises:
            KeyError: no such car.
        """
        peripheral = self._peripheral(identifier)
        action(peripheral.car, asyncio.get_running_loop().time())
        peripheral.attend()

    # What goes wrong.

    def inject(
        self, fault: str, car: int | None = None, value: float | None = None, lasts_s: float | None = None
    ) -> None:
        """Makes a named fault happen now, to the car with this identifier or to the adapter.

        `value` None takes the fault's default; a lasting fault is undone after `lasts_s` seconds, or never.
        Faults may overlap: of several of one kind the latest decides (drops in level add up), and when the last
        has ended all is as before.

        Raises:
            KeyError: no such fault, or no such car.
            InputError: a fault of the adapter, in a world without one.
        """
        known = FAULTS.get(fault)
        amount = value
        if amount is None:
            amount = 1.0 if known is None else known.default
        if known is not None and known.scope == "adapter":
            undo = self._striker.strike_adapter(fault, amount)
        else:
            undo = self._striker.strike_car(fault, amount, self._peripheral(car))
        if undo is not None and lasts_s is not None:
            self.after(lasts_s, undo)

    def disturb(self, fault: str, car: int, chance: float) -> Undo:
        """Makes a lasting fault of a car happen now, until what is returned is called.

        Raises:
            KeyError: no such fault, or no such car.
        """
        undo = self._striker.strike_car(fault, chance, self._peripheral(car))
        if undo is None:
            raise KeyError(f"fault '{fault}' does not last")
        return undo

    def break_link(
        self, identifier: int, how: LinkBreak = "out_of_range", lasts_s: float | None = None
    ) -> None:
        """Ends the car's link in one of the ways the air knows.

        `lasts_s` is how long it stays out of range, or a ghost believes; by default a second longer than the
        supervision timeout.
        """
        long_enough_s = self.air_parameters.supervision_timeout_ms / 1000 + 1.0
        duration_s = long_enough_s if lasts_s is None else lasts_s
        self.inject(how, identifier, value=duration_s if how == "ghost" else None, lasts_s=duration_s)

    def _peripheral(self, identifier: int | None) -> CarPeripheral:
        if identifier not in self.peripherals:
            named = "no car" if identifier is None else f"car {identifier:08x}"
            raise KeyError(f"{named} in this world")
        return self.peripherals[identifier]

    # For faults of the adapter.

    def outage(self, kind: Outage) -> Undo:
        """Makes the adapter unusable in one of the ways it knows.

        What is returned ends this outage; it is over when the last of its kind is, and the host is ready a
        moment later.
        """
        adapter = self.adapter
        return self._outages.hold(kind, _in_order, lambda begins: adapter.suffer(kind, begins), _out_of_order)

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Does something later, unless the world ends first."""

        def act() -> None:
            self._timers.pop(timer, None)
            action()

        timer = asyncio.get_running_loop().call_later(delay_s, act)
        self._timers[timer] = None


def identifier_of(car: Car) -> int:
    """The car's 32-bit identifier, from its advertising data."""
    return int.from_bytes(car.advertising_data()[_IDENTIFIER], "big")


def _in_order() -> bool:
    return False


def _out_of_order(_before: bool) -> bool:
    return True
