"""Runs the session machine over an open link: the hands of `rig.driving.session`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from protocol import Message
from protocol.commands import USUAL_ACCEL_MM_S2
from rig.driving import session
from rig.driving import session_events as told
from rig.driving.session import SessionState
from rig.driving.session_events import Action, Finished, Phase, Request, Send
from rig.errors import RigError
from rig.radio.link import CarLink, Received

_log = logging.getLogger("pitboard.driving")


class Driver:
    """Drives one car over one link; an async context manager.

    Entering sets the car up (SDK mode, offset, version); leaving lets go of the link without stopping the car,
    so call `finish()` first. `on_action` hears everything the machine reports. Writes go out one at a time, in
    order; one that fails is logged, as the machine says again what matters.
    """

    def __init__(self, link: CarLink, on_action: Callable[[Action], None] | None = None) -> None:
        self.link = link
        self.state = SessionState()
        self._on_action = on_action
        self._loop = asyncio.get_running_loop()
        self._writes: asyncio.Queue[Send] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        self._done = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._remove: Callable[[], None] | None = None

    async def __aenter__(self) -> Self:
        """Begins the conversation."""
        self._remove = self.link.on_frame(self._heard)
        self._tasks = [
            asyncio.create_task(self._write_on(), name=f"writes to {self.link.label}"),
            asyncio.create_task(self._watch_link(), name=f"link to {self.link.label}"),
        ]
        self._tell(told.LinkUp(self._loop.time(), self.link.firmware))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of the link."""
        if self._timer is not None:
            self._timer.cancel()
        if self._remove is not None:
            self._remove()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def want_speed(self, speed_mm_s: int, accel_mm_s2: int = USUAL_ACCEL_MM_S2) -> None:
        """From now on the car shall drive at this speed; said again until it agrees."""
        self._tell(told.WantSpeed(self._loop.time(), speed_mm_s, accel_mm_s2))

    def change_lane(self, offset_mm: float) -> None:
        """Moves the car to an offset from the road's centre, right positive, about ±68; it must be moving."""
        self._tell(told.WantLane(self._loop.time(), offset_mm))

    def ask(self, request: Request) -> None:
        """Asks the car; the answer comes through `on_action`."""
        self._tell(told.Ask(self._loop.time(), request))

    def send(self, message: Message) -> None:
        """Queues one message behind what is already on its way: lights, a turn."""
        self._writes.put_nowait(Send(message))

    async def finish(self) -> bool:
        """Stops the car and waits until it agrees, at most `session.STOP_LIMIT_S`; whether it did.

        A cancelled caller waits all the same, so that an interrupted program leaves a car that stands.
        """
        self._tell(told.Finish(self._loop.time()))
        cancelled: asyncio.CancelledError | None = None
        while not self._done.is_set():
            try:
                await self._done.wait()
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        return self.stopped

    @property
    def stopped(self) -> bool:
        """Whether the car has confirmed a stop."""
        speed = self.state.speed
        return self.state.phase is Phase.DONE and speed is not None and not speed.speed_mm_s and speed.agreed

    def _heard(self, received: Received) -> None:
        if received.message is not None:
            self._tell(told.Heard(received.mono_s, received.message))

    def _tell(self, event: told.Event) -> None:
        self.state, actions = session.step(self.state, event)
        if self.state.firmware is not None and self.state.firmware != self.link.firmware:
            self.link.learn_firmware(self.state.firmware)
        for action in actions:
            if isinstance(action, Send):
                self._writes.put_nowait(action)
            if isinstance(action, Finished):
                self._done.set()
            if self._on_action is not None:
                self._on_action(action)
        self._wind()

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = self.state.next_s
        if due_s is not None:
            self._timer = self._loop.call_at(due_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._tell(told.Tick(self._loop.time()))

    async def _write_on(self) -> None:
        while True:
            order = await self._writes.get()
            try:
                await self.link.write(order.message, response=order.response)
            except RigError as error:
                _log.warning("%s", error)

    async def _watch_link(self) -> None:
        await self.link.lost.wait()
        self._tell(told.LinkDown(self._loop.time()))
