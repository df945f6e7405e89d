"""An open link to one car: frames in order, writes, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from bleak import BleakClient

from protocol import DecodeError, Dialect, Direction, Message, decoder_for, dialect_for
from protocol.gatt import TO_CAR_UUID
from rig.errors import RigError
from rig.radio.errors import AttError, LinkClosed, LinkLost, StackMissing
from rig.radio.listeners import Listeners
from rig.radio.milestones import Loss, LossReason, Milestones, Step
from rig.radio.sighting import Sighting
from rig.radio.stack_calls import cancellations, in_our_words, let_a_stop_arrive, was_asked_for
from rig.radio.teardown import see_through
from rig.radio.translate import Doing
from rig.radio.transmit import Buffer, TransmitPolicy, frame_to_send

DISCONNECT_LIMIT_S = 6.0  # BlueZ takes about 2 s; nobody waits for a stack that hangs
ANSWER_LIMIT_S = 31.0  # a write with response; after 30 s the ATT transaction is over (Core 5.4, 3, F, 3.3.3)
QUEUE_LIMIT_S = 5.0  # a write without response is only queued, which a working stack does at once
END_TOLD_WITHIN_S = 0.25  # BlueZ tells a link's end a few milliseconds after it failed the request under way
_UNLIKELY = 0x0E  # the ATT error with which BlueZ 5.66 ends what was under way when the link went down
_BACKLOG = 512  # frames kept for the first listener; the car sends two or three on its own

_log = logging.getLogger("pitboard.radio")


class Received(NamedTuple):
    """One notification: loop time, the bytes, and the message (None when the bytes are no valid frame)."""

    mono_s: float
    frame: bytes
    message: Message | None


class Sent(NamedTuple):
    """One frame the stack took (with response: the car acknowledged): loop time and bytes."""

    mono_s: float
    frame: bytes


class Lost:
    """The end of a link, awaitable: `await link.lost.wait()`."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.loss: Loss | None = None
        self.said = 0
        """How often the stack has said so; more than once, or never, is a fault of the stack."""

    def is_set(self) -> bool:
        """Whether the link is down."""
        return self._event.is_set()

    async def wait(self) -> Loss:
        """Waits until the link is down and says how it ended."""
        await self._event.wait()
        assert self.loss is not None
        return self.loss

    def report(self, loss: Loss) -> None:
        """Records the end; only the first report counts."""
        if self.loss is None:
            self.loss = loss
            self._event.set()


class CarLink:
    """A link to one car, made by `Radio.connect`. Belongs to the event loop that made it.

    `dialect` follows the advertised firmware until `learn_firmware` knows better. `bad_frames` counts
    notifications that were no valid frame. `adapter` names the radio that carries the link.
    """

    def __init__(
        self,
        sighting: Sighting,
        policy: TransmitPolicy,
        on_end: Callable[[CarLink], None] | None = None,
        adapter: str = "",
    ) -> None:
        self.adapter = adapter
        self.sighting = sighting
        self.identifier = sighting.identifier
        self.label = sighting.label
        self._loop = asyncio.get_running_loop()
        self._last_frame_s = self._loop.time()
        self.milestones = Milestones(seen_s=sighting.seen_s, asked_s=self._last_frame_s)
        self.lost = Lost()
        self.bad_frames = 0
        self.firmware: int | None = None
        self.dialect = Dialect.UNKNOWN
        self._decode = decoder_for(Direction.TO_HOST, self.dialect)
        if sighting.firmware is not None:
            self.learn_firmware(sighting.firmware)
        self._policy = policy
        self._on_end = on_end
        self._client: BleakClient | None = None
        self._letting_go: asyncio.Task[None] | None = None
        self._closing = False
        self._listeners: Listeners[Received] = Listeners()
        self._overhearers: Listeners[Sent] = Listeners()
        self._backlog: deque[Received] | None = deque(maxlen=_BACKLOG)
        self._first_data = asyncio.Event()
        self._deadlines: set[asyncio.Timeout] = set()

    @property
    def is_open(self) -> bool:
        """Whether frames can flow: up, and not being closed."""
        return self._client is not None and not self._closing and not self.lost.is_set()

    @property
    def last_frame_s(self) -> float:
        """Loop-clock second of the last frame received (of the connect, before the first)."""
        return self._last_frame_s

    def learn_firmware(self, firmware: int) -> None:
        """Sets the firmware number (from a version reply) and with it the dialect of both directions."""
        self.firmware = firmware
        self.dialect = dialect_for(firmware)
        self._decode = decoder_for(Direction.TO_HOST, self.dialect)

    def on_frame(self, listener: Callable[[Received], None]) -> Callable[[], None]:
        """Calls `listener` for every notification, in order, from the event loop; returns its remover.

        The first listener ever added also gets what arrived before it. A listener must not raise: one that
        does is removed and reported.
        """
        remove = self._listeners.add(listener)
        if self._backlog is not None:
            earlier, self._backlog = self._backlog, None
            for received in earlier:
                self._listeners.tell(received)
        return remove

    def on_sent(self, listener: Callable[[Sent], None]) -> Callable[[], None]:
        """Calls `listener` for every frame that went out from now on; returns its remover."""
        return self._overhearers.add(listener)

    async def frames(self) -> AsyncIterator[Received]:
        """Every notification from now on, in order; ends when the link does."""
        queue: asyncio.Queue[Received] = asyncio.Queue()
        remove = self.on_frame(queue.put_nowait)
        ended = asyncio.ensure_future(self.lost.wait())
        getter: asyncio.Future[Received] | None = None
        try:
            while True:
                getter = asyncio.ensure_future(queue.get())
                await asyncio.wait({getter, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not getter.done():
                    return
                yield getter.result()
        finally:
            remove()
            for future in (ended, getter):
                if future is not None:
                    future.cancel()

    async def first_data(self) -> None:
        """Waits for the first frame of this link."""
        await self._first_data.wait()

    async def write(self, message: Message | Buffer, *, response: bool = False) -> None:
        """Sends a message, or a ready frame, to the car.

        Without `response` it returns when queued and may be lost; with it, when the car has acknowledged. At
        most `QUEUE_LIMIT_S` or `ANSWER_LIMIT_S` seconds, and no longer than the link lives.

        Raises:
            LinkClosed: after `disconnect()`.  LinkLost, or StackMissing: the link is down.  NoAnswer, AttError: as named.
            HostFault: the stack failed.  TransmitRefused: not on the allow-list for a real car.
        """
        frame = frame_to_send(self.label, message, self.dialect, self._policy)
        if self._closing:
            raise LinkClosed(self.label)
        if self._client is None or self.lost.is_set():
            raise self._down()
        await let_a_stop_arrive()
        before = cancellations()
        try:
            async with self.while_up(ANSWER_LIMIT_S if response else QUEUE_LIMIT_S):
                await self._client.write_gatt_char(TO_CAR_UUID, frame, response=response)
        except asyncio.CancelledError as error:
            if was_asked_for(before):
                raise
            raise self._why_not_sent(error) from error
        except Exception as error:
            ours = self._why_not_sent(error)
            if _may_be_the_links_end(ours):
                ours = await self._after_the_end(ours)
            raise ours from error
        self._overhearers.tell(Sent(self._loop.time(), frame))

    def _why_not_sent(self, error: BaseException) -> RigError:
        if self._closing:
            return LinkClosed(self.label)
        if self.lost.is_set():
            return self._down()
        return in_our_words(error, Doing.TALKING, car=self.label, adapter=self.adapter)

    def _down(self) -> RigError:
        loss = self.lost.loss
        if loss is not None and loss.reason is LossReason.STACK:
            return StackMissing(self.adapter, f"it ended under the link to {self.label}")
        return LinkLost(self.label, reason=str(loss or ""))

    async def _after_the_end(self, ours: RigError) -> RigError:
        """The error of a request that the end of the link may have cut off."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_TOLD_WITHIN_S):
                await self.lost.wait()
                return self._down()
        return ours

    @contextlib.asynccontextmanager
    async def while_up(self, limit_s: float) -> AsyncIterator[None]:
        """Lets a call into the stack take `limit_s` seconds at most, and no longer than the link lives.

        Raises:
            TimeoutError: either is over; `lost` tells which.
        """
        before = cancellations()
        deadline = asyncio.timeout(limit_s)
        try:
            async with deadline:
                self._deadlines.add(deadline)
                try:
                    yield
                finally:
                    self._deadlines.discard(deadline)
        except asyncio.CancelledError:
            if deadline.expired() and not was_asked_for(before):  # Python 3.11, in a task cancelled before
                raise TimeoutError from None
            raise

    async def disconnect(self) -> Loss:
        """Ends the link and returns how it ended. Harmless when it is already down.

        Never hangs: a stack that does not answer in `DISCONNECT_LIMIT_S` is given up on. A cancelled
        caller is served after the teardown, so that nothing is left behind.
        """
        self._closing = True
        client, self._client = self._client, None
        try:
            if client is not None:
                await close_client(client)
            elif self._letting_go is not None:
                await asyncio.wait({self._letting_go})
        finally:
            self.ended(LossReason.ASKED)
        assert self.lost.loss is not None
        return self.lost.loss

    def let_go(self) -> asyncio.Task[None] | None:
        """For `Radio`, when the link went down by itself: closes the bleak client, within `DISCONNECT_LIMIT_S`.

        bleak keeps its line to BlueZ until it is told to disconnect, and while BlueZ sees a subscriber it
        subscribes again by itself at the next connect, before that program can hear what the car says first.
        None when there is nothing to close.
        """
        client, self._client = self._client, None
        if client is not None:
            self._letting_go = self._loop.create_task(close_client(client))
        return self._letting_go

    def attach(self, client: BleakClient) -> None:
        """For `Radio.connect`: the bleak client that carries this link."""
        self._client = client

    def reached(self, step: Step, at_s: float | None) -> None:
        """For `Radio.connect`: records a milestone, or takes it back."""
        self.milestones = self.milestones.reaching(step, at_s)

    def received(self, _characteristic: object, data: bytearray) -> None:
        """For `Radio.connect`: one notification from bleak."""
        now_s = self._loop.time()
        self._last_frame_s = now_s
        frame = bytes(data)
        message: Message | None
        try:
            message = self._decode(frame)
        except DecodeError as error:
            message = None
            self.bad_frames += 1
            _log.warning("%s: bad frame: %s", self.label, error)
        item = Received(now_s, frame, message)
        if not self._first_data.is_set():
            self.reached("first_data_s", now_s)
            if self.milestones.subscribed_s is None:  # data may overtake the answer to the subscription
                self.reached("subscribed_s", now_s)
            self._first_data.set()
        if self._backlog is not None and not self._listeners:
            self._backlog.append(item)
        self._listeners.tell(item)

    def ended(self, reason: LossReason) -> None:
        """For `Radio.connect` and bleak's callback: the link is down."""
        now_s = self._loop.time()
        actual = LossReason.ASKED if self._closing else reason
        self.lost.report(Loss(now_s, actual, now_s - self._last_frame_s))
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(now_s)
        if self._on_end is not None:
            self._on_end(self)


def _may_be_the_links_end(error: RigError) -> bool:
    return isinstance(error, AttError) and error.code == _UNLIKELY


async def close_client(client: BleakClient) -> None:
    """Disconnects a bleak client within `DISCONNECT_LIMIT_S`, whatever it raises; survives cancellation."""
    try:
        await see_through(client.disconnect(), DISCONNECT_LIMIT_S, "disconnecting")
    except Exception as error:  # noqa: BLE001 - the link is given up either way; what failed is worth a line
        _log.debug("disconnecting: %r", error)
