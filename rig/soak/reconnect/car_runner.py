"""Executes what one car's reconnect machine asks for, and tells it what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from rig.bench.errors import FixtureFault
from rig.errors import BenchError
from rig.radio.any_radio import AnyRadio
from rig.radio.errors import CarFault, HostFault
from rig.radio.link import CarLink, Received
from rig.radio.milestones import LossReason, Milestones
from rig.radio.sighting import Sighting
from rig.soak.reconnect.breaker import LinkBreaker
from rig.soak.reconnect.events import (
    Abandon,
    Action,
    Begin,
    BreakLink,
    Connect,
    Connected,
    CycleResult,
    Event,
    Failed,
    Finish,
    FreshData,
    Join,
    LinkLost,
    LoseAgain,
    LossMade,
    Note,
    Seek,
    Seen,
    ServicesFound,
    Stop,
    Subscribed,
    Tick,
)
from rig.soak.reconnect.machine import RESTING, CarState, step
from rig.soak.reconnect.plan import Loss, Timing
from rig.soak.reconnect.recorder import CycleRecorder
from rig.soak.reconnect.rounds import Slot
from rig.soak.schedule import SoakCar

BREAK_LINK = "break link"
"""The act that a loss is; its detail is the loss."""
_SAFE_STOP_LIMIT_S = 15.0
_BACK_ON_LIMIT_S = 45.0
"""Longer than two looks at the air and a press take."""


class CarRunner:
    """Runs the cycles of one car on one radio. `on_frame` gets every frame of every link."""

    def __init__(
        self,
        car: SoakCar,
        *,
        radio: AnyRadio,
        breaker: LinkBreaker,
        recorder: CycleRecorder,
        timing: Timing,
        on_frame: Callable[[SoakCar, Received], None] | None = None,
    ) -> None:
        self.car = car
        self._radio = radio
        self._breaker = breaker
        self._recorder = recorder
        self._acts = recorder.leg
        self._timing = timing
        self._on_frame = on_frame
        self._state = CarState()
        self._events: asyncio.Queue[Event | BaseException] = asyncio.Queue()
        self._activities: list[asyncio.Task[None]] = []
        self._watch: asyncio.Task[None] | None = None
        self._link: CarLink | None = None
        self._sighting: Sighting | None = None
        self._notes: list[Note] = []
        self._result: CycleResult | None = None
        self.ups = 0
        """How often the car's link came up."""
        self.bench_fault: HostFault | None = None
        """The radio's fault that the last cycle or bringing up met, if any."""
        self.bay_failed = False
        """Whether what failed in the last cycle was the car's bay."""

    async def join(self) -> None:
        """Brings the car's link up, or gives up after the plan's time."""
        await self.switch_back_on()
        await self._drive(Join(_now_s()))
        self._recorder.note(self.car, self._notes)

    async def run(self, slot: Slot, intended_s: float | None = None) -> CycleResult:
        """Runs one cycle to its end and keeps its result; `intended_s` is when the schedule meant its loss to be."""
        await self.switch_back_on()
        await self._drive(Begin(_now_s(), slot.cycle, slot.loss, slot.settle_s, intended_s))
        assert self._result is not None
        return self._result

    async def stop(self) -> bool:
        """Ends whatever is under way and disconnects; harmless when nothing is. Returns whether it is sure
        that no link is left.

        Raises:
            BenchError: the radio refuses, or the results cannot be kept; the link may be left.
        """
        self._breaker.calm(self.car.identifier)
        if not self._activities and self._link is None:
            return True
        try:
            async with asyncio.timeout(_SAFE_STOP_LIMIT_S):
                await self._handle(Stop(_now_s()))
        except TimeoutError:
            return False
        return True

    @property
    def is_left_off(self) -> bool:
        """Whether the car may be switched off by a loss that was not carried through."""
        return self._breaker.is_left_off(self.car.identifier)

    async def switch_back_on(self) -> None:
        """Switches the car on again after a loss that was not carried through; what becomes of it is in `is_left_off`, and
        why in the journal.

        Raises:
            BenchError: the journal cannot be written.
        """
        if not self.is_left_off:
            return
        act = self._acts.intend_on(self.car, None, "switch back on")
        try:
            async with asyncio.timeout(_BACK_ON_LIMIT_S):
                is_on = await self._breaker.switch_back_on(self.car.identifier)
        except (HostFault, FixtureFault, TimeoutError) as error:
            self._acts.done(act, type(error).__name__)
        except asyncio.CancelledError:
            self._acts.done(act, "Cancelled")
            raise
        else:
            self._acts.done(act, None if is_on else "CarNotFound")

    async def _drive(self, first: Event) -> None:
        self._notes, self._result, self.bench_fault, self.bay_failed = [], None, None, False
        while not self._events.empty():  # what happened while the car was left alone
            await self._handle(await self._next())
        await self._handle(first)
        while self._state.phase not in RESTING:
            await self._handle(await self._next())

    async def _next(self) -> Event:
        due_s = self._state.due_s
        try:
            async with asyncio.timeout_at(due_s):
                event = await self._events.get()
        except TimeoutError:
            return Tick(_now_s())
        if isinstance(event, BaseException):
            raise event
        return event

    async def _handle(self, event: Event) -> None:
        self._state, actions = step(self._state, event, self._timing)
        for action in actions:
            await self._execute(action)

    async def _execute(self, action: Action) -> None:
        match action:
            case Seek(timeout_s=timeout_s):
                self._start(self._seek(timeout_s))
            case Connect(timeout_s=timeout_s):
                self._start(self._connect(timeout_s))
            case BreakLink(loss=loss):
                self._start(self._break(loss))
            case LoseAgain(loss=loss):
                self._lose_again(loss)
            case Abandon():
                await self._abandon()
            case Note():
                self._notes.append(action)
            case Finish(result=result):
                self._breaker.calm(self.car.identifier)
                self._recorder.finish(self.car, result, self._notes)
                self._result = result

    def _start(self, activity: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(activity, name=f"soak {self.car.label}")
        self._activities.append(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task in self._activities:
            self._activities.remove(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._events.put_nowait(error)

    async def _seek(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s), self._radio.scan() as scan:
                async for sighting in scan:
                    if sighting.identifier == self.car.identifier:
                        self._sighting = sighting.merged_with(self._sighting)
                        break
        except TimeoutError:
            self._events.put_nowait(Failed(_now_s(), "CarNotFound"))
        except HostFault as error:
            self._bench_failed(error)
        else:
            assert self._sighting is not None
            self._events.put_nowait(Seen(self._sighting.seen_s))

    async def _connect(self, timeout_s: float) -> None:
        assert self._sighting is not None
        act = self._acts.intend_on(self.car, self._state.cycle, "connect")
        try:
            link = await self._radio.connect(
                self._sighting, timeout_s=timeout_s, on_frame=self._frame_listener()
            )
        except CarFault as error:
            name, reached = type(error).__name__, getattr(error, "milestones", None)
            self._acts.done(act, name)
            if len(self._radio.adapters) > 1 and error.adapter:
                self._acts.observed_on(self.car, self._state.cycle, "tried over", error.adapter, error=name)
            self._report(reached)
            # a link that was lost as soon as it had given data was up, however shortly
            was_up = reached is not None and reached.first_data_s is not None
            self._events.put_nowait(LinkLost(_now_s(), name) if was_up else Failed(_now_s(), name))
        except HostFault as error:
            self._acts.done(act, type(error).__name__)
            self._bench_failed(error)
        except asyncio.CancelledError:
            self._acts.done(act, "Cancelled")
            raise
        else:
            self._link = link
            self.ups += 1
            self._watch = asyncio.get_running_loop().create_task(self._watch_over(link))
            self._acts.done(act)
            if len(self._radio.adapters) > 1:
                self._acts.observed_on(self.car, self._state.cycle, "carried by", link.adapter)
            self._learn(self._sighting)
            self._report(link.milestones)

    def _bench_failed(self, error: HostFault) -> None:
        self.bench_fault = error
        self._events.put_nowait(Failed(_now_s(), error.what_happened, bench=True))

    def _report(self, reached: Milestones | None) -> None:
        if reached is None or reached.connected_s is None:
            return
        self._events.put_nowait(Connected(reached.connected_s))
        if reached.services_s is None:
            return
        self._events.put_nowait(ServicesFound(reached.services_s))
        if reached.subscribed_s is None:
            return
        self._events.put_nowait(Subscribed(reached.subscribed_s))
        if reached.first_data_s is not None:
            self._events.put_nowait(FreshData(reached.first_data_s))

    async def _watch_over(self, link: CarLink) -> None:
        loss = await link.lost.wait()
        if loss.reason is LossReason.STACK or self._breaker.took_adapter(loss.at_s):  # no doing of the car's
            self._events.put_nowait(Failed(loss.at_s, str(loss), bench=True))
        else:
            self._events.put_nowait(LinkLost(loss.at_s, str(loss)))

    async def _break(self, loss: Loss) -> None:
        assert self._link is not None
        link = self._link
        act = self._acts.intend_on(self.car, self._state.cycle, BREAK_LINK, loss.value)
        try:
            await self._breaker.prepare(link, loss)
            self._events.put_nowait(LossMade(_now_s()))
            await self._breaker.break_link(link, loss)
        except (CarFault, HostFault, FixtureFault) as error:
            self._acts.done(act, type(error).__name__)
            self.bay_failed = isinstance(error, FixtureFault)
            if (
                loss.is_staged or not link.lost.is_set()
            ):  # else the car was quicker, and the cycle has gone on without us
                self._events.put_nowait(Failed(_now_s(), error.what_happened, bench=True))
        except asyncio.CancelledError:
            self._acts.done(act, "Cancelled")
            raise
        else:
            self._acts.done(act)

    def _lose_again(self, loss: Loss) -> None:
        act = self._acts.intend_on(self.car, self._state.cycle, "lose again", loss.value)
        self._breaker.lose_again(self.car.identifier, loss)
        self._acts.done(act)

    async def _abandon(self) -> None:
        activities, self._activities = self._activities, []
        for activity in activities:
            if not activity.done():
                activity.cancel()
                await asyncio.wait({activity})
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            await asyncio.wait({watch})
        link, self._link = self._link, None
        if link is not None:
            await self._disconnect(link)
        while not self._events.empty():  # of what was just given up
            left = self._events.get_nowait()
            if isinstance(left, BaseException):
                raise left

    async def _disconnect(self, link: CarLink) -> None:
        try:
            act = self._acts.intend_on(self.car, self._state.cycle, "disconnect")
        except BenchError:  # a full disk must not leave a car connected
            await link.disconnect()
            raise
        await link.disconnect()
        self._acts.done(act)

    def _learn(self, sighting: Sighting) -> None:
        car = replace(self.car, model_id=sighting.model_id, firmware=sighting.firmware or self.car.firmware)
        if car != self.car:
            self.car = car
            self._acts.learn(car)

    def _frame_listener(self) -> Callable[[Received], None] | None:
        listener = self._on_frame
        if listener is None:
            return None
        return lambda received: listener(self.car, received)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
