"""Executes what one car's battery machine asks for, and tells it what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Protocol

from protocol import Delocalized, StatusUpdate, core_of
from rig.bench.bays import Bays
from rig.bench.errors import FixtureFault
from rig.driving import session_events as told
from rig.driving.driver import Driver
from rig.errors import BenchError
from rig.radio.any_radio import AnyRadio
from rig.radio.errors import CarFault, CarNotFound, HostFault
from rig.radio.link import CarLink, Received
from rig.radio.milestones import LossReason
from rig.radio.sighting import Sighting
from rig.soak.battery.ears import Ears
from rig.soak.battery.events import (
    Action,
    AskVoltage,
    Begin,
    ChargeResult,
    ChargerOff,
    ChargerOn,
    Connect,
    Current,
    Delocalised,
    Event,
    Failed,
    Keep,
    KeepCharge,
    LetGo,
    LifeResult,
    Linked,
    LinkLost,
    Listen,
    Note,
    Order,
    Read,
    ReadCharge,
    Seek,
    Seen,
    Status,
    Stop,
    SwitchCharger,
    Tick,
    Voltage,
)
from rig.soak.battery.lane_keeper import LaneKeeper
from rig.soak.battery.machine import step
from rig.soak.battery.odometer import Odometer
from rig.soak.battery.state import AT_REST, LifeState, Phase, Terms
from rig.soak.schedule import SoakCar

SAFE_STOP_LIMIT_S = 30.0
"""Stopping the car, its link, and its charger, each within its own limit."""
LISTEN_S = 4.0
"""For one advert while charging; a car on its charger advertises ten times a second."""


class LifeBook(Protocol):
    """Where the runner writes; see `rig.soak.battery.recorder.LifeRecorder`."""

    def intend(self, car: SoakCar, life: int, act: str, detail: str = "") -> int: ...
    def done(self, act: int, error: str | None = None) -> None: ...
    def learn(self, car: SoakCar) -> None: ...
    def note(self, car: SoakCar, life: int, note: Note) -> None: ...
    def read(self, car: SoakCar, life: int, reading: Read | ReadCharge, speed_mm_s: int | None) -> None: ...
    def keep(self, car: SoakCar, result: LifeResult, odometer: Odometer) -> None: ...
    def keep_charge(self, car: SoakCar, result: ChargeResult) -> None: ...


class CarRunner:
    """Runs the lives of one car on one radio and, where `terms.can_charge`, in its bay of `bays`. `lane_mm` is where
    on the road it is kept, right of the centre positive: a car left alone drifts, in the end over the edge."""

    def __init__(
        self,
        car: SoakCar,
        terms: Terms,
        *,
        radio: AnyRadio,
        bays: Bays | None,
        book: LifeBook,
        ears: Ears,
        lane_mm: float = 0.0,
        on_frame: Callable[[SoakCar, Received], None] | None = None,
    ) -> None:
        self.car = car
        self._terms = terms
        self._radio = radio
        self._bays = bays
        self._book = book
        self._ears = ears
        self._lane = LaneKeeper(lane_mm)
        self._on_frame = on_frame
        self._state = LifeState()
        self._events: asyncio.Queue[Event | BaseException] = asyncio.Queue()
        self._activities: list[asyncio.Task[None]] = []
        self._listening: asyncio.Task[None] | None = None
        self._link: CarLink | None = None
        self._driver: Driver | None = None
        self._odometer = Odometer()
        self._sighting: Sighting | None = None
        self._result: LifeResult | None = None
        self.ups = 0
        """How often the car's link came up."""
        self.bench_fault: HostFault | None = None
        """The radio's fault that the last life met, if any."""

    async def run(self, life: int) -> LifeResult:
        """Lives one life to its end, its charge included; everything is kept by then.

        Raises:
            BenchError: the results cannot be kept.
        """
        self._begin_anew()
        await self._handle(Begin(_now_s(), life))
        while self._state.phase not in AT_REST:
            await self._handle(await self._next())
        assert self._result is not None
        return self._result

    def _begin_anew(self) -> None:
        self._odometer = Odometer()
        self._result, self.bench_fault = None, None
        self._forget_events()

    async def stop(self) -> bool:
        """Ends whatever is under way: car stopped, link ended, charger off; harmless when nothing is. Returns
        whether it is sure of that.

        Raises:
            BenchError: the radio refuses, a charger cannot be proven off, or the results cannot be kept.
        """
        if self._state.phase in AT_REST and self._link is None:
            return True
        try:
            async with asyncio.timeout(SAFE_STOP_LIMIT_S):
                self._state, actions = step(self._state, Stop(_now_s()), self._terms)
                for action in actions:
                    if isinstance(action, SwitchCharger):
                        assert self._bays is not None
                        await self._bays.charge(self.car.identifier, on=action.on)
                    else:
                        await self._execute(action)
        except TimeoutError:
            return False
        return True

    async def _next(self) -> Event:
        due_s = self._state.due_s
        try:
            async with asyncio.timeout_at(due_s):
                event = await self._events.get()
        except TimeoutError:
            return Tick(_now_s(), self._odometer.moved_s, self._ears.others_s(self.car.identifier))
        if isinstance(event, BaseException):
            raise event
        return event

    async def _handle(self, event: Event) -> None:
        self._state, actions = step(self._state, event, self._terms)
        for action in actions:
            await self._execute(action)

    async def _execute(self, action: Action) -> None:
        match action:
            case SwitchCharger() | Seek() | Connect() | Listen():
                self._begin(action)
            case Order() | AskVoltage():
                self._tell_car(action)
            case LetGo():
                await self._let_go()
            case _:
                self._write_down(action)

    def _begin(self, action: SwitchCharger | Seek | Connect | Listen) -> None:
        """What takes its time, and is answered by an event."""
        match action:
            case SwitchCharger(on=on):
                self._start(self._switch(on=on))
            case Seek(timeout_s=timeout_s):
                self._start(self._seek(timeout_s))
            case Connect(timeout_s=timeout_s):
                self._start(self._connect(timeout_s))
            case Listen():
                if self._listening is None or self._listening.done():
                    self._listening = self._start(self._listen())

    def _tell_car(self, action: Order | AskVoltage) -> None:
        if isinstance(action, Order):
            self._odometer.order(_now_s(), action.speed_mm_s)
        if self._driver is None:
            return
        if isinstance(action, Order):
            self._driver.want_speed(action.speed_mm_s, action.accel_mm_s2)
        else:
            self._driver.ask(told.Request.BATTERY)

    def _write_down(self, action: Read | ReadCharge | Note | Keep | KeepCharge) -> None:
        life = self._state.life
        match action:
            case Read() | ReadCharge():
                self._book.read(self.car, life, action, self._odometer.speed_mm_s)
            case Note():
                self._book.note(self.car, life, action)
            case Keep(result=result):
                self._result = result
                self._book.keep(self.car, result, self._odometer)
            case KeepCharge(result=charge):
                self._book.keep_charge(self.car, charge)

    def _start(self, activity: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(activity, name=f"battery of {self.car.label}")
        self._activities.append(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task in self._activities:
            self._activities.remove(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._events.put_nowait(error)

    # The bay.

    async def _switch(self, *, on: bool) -> None:
        assert self._bays is not None
        try:
            await self._bays.charge(self.car.identifier, on=on)
        except (FixtureFault, HostFault) as error:
            self._events.put_nowait(Failed(_now_s(), error.what_happened, bench=True))
        else:
            self._events.put_nowait(ChargerOn(_now_s()) if on else ChargerOff(_now_s()))

    async def _listen(self) -> None:
        """One look at a charge: the meter first, then an advert."""
        assert self._bays is not None
        identifier = self.car.identifier
        reading = await self._bays.reading(identifier) if self._bays.can_measure(identifier) else None
        fault = self._bays.fault_of(identifier)
        if fault is not None:
            self._events.put_nowait(Failed(_now_s(), fault, bench=True))
            return
        if reading is None:
            self._events.put_nowait(Current(_now_s(), None))
        else:
            self._events.put_nowait(
                Current(
                    _now_s(),
                    reading.current_ma,
                    reading.voltage_mv,
                    reading.charge_mah,
                    reading.energy_mwh,
                )
            )
        try:
            sighting = await self._find(LISTEN_S)
        except (
            CarNotFound,
            HostFault,
        ):  # the next look may hear it; the limit ends a charge that nobody hears
            return
        if sighting.state is not None:
            state = sighting.state
            self._events.put_nowait(Seen(_now_s(), low=state.low_battery, charged=state.full_battery))

    # The link.

    async def _find(self, timeout_s: float) -> Sighting:
        try:
            sighting = await self._radio.find(self.car.identifier, timeout_s)
        except CarNotFound as error:
            if error.heard:
                self._ears.hear_somebody(_now_s())
            raise
        self._ears.hear(self.car.identifier, _now_s())
        self._sighting = sighting.merged_with(self._sighting)
        return sighting

    async def _seek(self, timeout_s: float) -> None:
        try:
            sighting = await self._find(timeout_s)
        except CarNotFound:
            self._failed("CarNotFound")
        except HostFault as error:
            self._bench_failed(error)
        else:
            low = sighting.state is not None and sighting.state.low_battery
            self._events.put_nowait(Seen(_now_s(), low=low))

    async def _connect(self, timeout_s: float) -> None:
        assert self._sighting is not None
        act = self._book.intend(self.car, self._state.life, "connect")
        try:
            link = await self._radio.connect(self._sighting, timeout_s=timeout_s, on_frame=self._heard)
        except CarFault as error:
            self._book.done(act, type(error).__name__)
            self._failed(type(error).__name__)
        except HostFault as error:
            self._book.done(act, type(error).__name__)
            self._bench_failed(error)
        except asyncio.CancelledError:
            self._book.done(act, "Cancelled")
            raise
        else:
            self._link = link
            self.ups += 1
            self._book.done(act)
            self._learn(self._sighting)
            self._driver = await Driver(link, self._answered).__aenter__()
            self._start(self._watch_over(link))
            self._events.put_nowait(Linked(_now_s()))

    def _failed(self, error: str) -> None:
        others_s = self._ears.others_s(self.car.identifier)
        self._events.put_nowait(Failed(_now_s(), error, others_s=others_s))

    def _bench_failed(self, error: HostFault) -> None:
        self.bench_fault = error
        others_s = self._ears.others_s(self.car.identifier)
        self._events.put_nowait(Failed(_now_s(), error.what_happened, bench=True, others_s=others_s))

    async def _watch_over(self, link: CarLink) -> None:
        loss = await link.lost.wait()
        heard_s = loss.at_s - loss.silent_s
        bench = loss.reason is LossReason.STACK  # no doing of the car's
        self._events.put_nowait(LinkLost(loss.at_s, heard_s, str(loss), bench))

    def _heard(self, received: Received) -> None:
        if self._on_frame is not None:
            self._on_frame(self.car, received)
        message = received.message
        if message is None:
            return
        at_s = received.mono_s
        self._ears.hear(self.car.identifier, at_s)
        self._odometer.hear(at_s, message)
        core = core_of(message)
        if isinstance(core, StatusUpdate):
            status = Status(
                at_s, bool(core.on_track), bool(core.on_charger), bool(core.low_battery), bool(core.charged)
            )
            self._events.put_nowait(status)
        elif isinstance(core, Delocalized):
            self._events.put_nowait(Delocalised(at_s))
        elif self._state.phase is Phase.DRIVING and self._lane.hear(at_s, core):
            assert self._driver is not None
            self._driver.change_lane(self._lane.lane_mm)

    def _answered(self, action: told.Action) -> None:
        if isinstance(action, told.Answered) and action.request is told.Request.BATTERY:
            assert action.value is not None
            self._events.put_nowait(Voltage(_now_s(), action.value))

    async def _let_go(self) -> None:
        activities, self._activities = self._activities, []
        for activity in activities:
            if not activity.done():
                activity.cancel()
                await asyncio.wait({activity})
        driver, self._driver = self._driver, None
        link, self._link = self._link, None
        try:
            if driver is not None:
                if link is not None and link.is_open:
                    await driver.finish()
                await driver.__aexit__(None, None, None)
        finally:
            if link is not None:
                await self._disconnect(link)
        self._forget_events()

    async def _disconnect(self, link: CarLink) -> None:
        try:
            act = self._book.intend(self.car, self._state.life, "disconnect")
        except BenchError:  # a full disk must not leave a car connected
            await link.disconnect()
            raise
        await link.disconnect()
        self._book.done(act)

    def _forget_events(self) -> None:
        """Of what was just given up; what must not be lost is raised."""
        while not self._events.empty():
            left = self._events.get_nowait()
            if isinstance(left, BaseException):
                raise left

    def _learn(self, sighting: Sighting) -> None:
        car = replace(self.car, model_id=sighting.model_id, firmware=sighting.firmware or self.car.firmware)
        if car != self.car:
            self.car = car
            self._book.learn(car)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
