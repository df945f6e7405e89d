"""One LE connection as the link layer sees it: connection events, acknowledgement, supervision.

Data moves only at connection events. A PDU that is not acknowledged is sent again at the next event, so
loss shows as latency and in the end as a supervision timeout on each side, never as a missing PDU
(Bluetooth Core 5.4, Vol 6, Part B, 4.5). Events that carry nothing are not computed: an idle connection in
good air has no timer at all.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

ESTABLISHMENT_EVENTS = 6
"""A connection that sees no packet within this many intervals never was one (Core 5.4, Vol 6, Part B, 4.5.2)."""

CONNECTION_TIMEOUT = 0x08
REMOTE_USER_TERMINATED = 0x13
LOCAL_HOST_TERMINATED = 0x16
FAILED_TO_BE_ESTABLISHED = 0x3E

_RARE = 1e-6
"""Below this chance of a run of lost events long enough for a timeout, idle events are not simulated."""


@dataclass(slots=True)
class Pdu:
    """What a connection event carries: called at the receiver when heard, at the sender when acknowledged."""

    deliver: Callable[[], None]
    acknowledged: Callable[[], None] | None = None
    terminate_reason: int | None = None


class LinkEnd:
    """One side of a connection. `on_closed` is called once with the HCI reason when this side gives the
    connection up; `hold_s` stretches its supervision timeout (a ghost)."""

    __slots__ = ("_head_delivered", "heard_s", "hold_s", "name", "on_closed", "open", "queue", "terminating")

    def __init__(self, name: str, heard_s: float, on_closed: Callable[[int], None]) -> None:
        self.name = name
        self.queue: deque[Pdu] = deque()
        self.open = True
        self.heard_s = heard_s
        self.hold_s = 0.0
        self.terminating = False
        self.on_closed = on_closed
        self._head_delivered = False

    @property
    def has_news(self) -> bool:
        """Whether something in the queue has not reached the other side yet."""
        return len(self.queue) > self._head_delivered

    def take_acknowledgement(self) -> None:
        """The other side was heard: what it had received may go."""
        if self._head_delivered:
            self._head_delivered = False
            pdu = self.queue.popleft()
            if pdu.acknowledged is not None:
                pdu.acknowledged()

    def heard_by_peer(self) -> Pdu | None:
        """The other side hears this one: the PDU that is new to it, if any."""
        if self.queue and not self._head_delivered:
            self._head_delivered = True
            return self.queue[0]
        return None

    def drop_queue(self) -> None:
        """Forgets what was not sent."""
        self.queue.clear()
        self._head_delivered = False


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """Connection parameters in the units of the air: 1.25 ms, events, 10 ms."""

    interval_1250us: int
    latency_events: int
    supervision_timeout_10ms: int

    @property
    def is_legal(self) -> bool:
        """Whether a controller accepts them (Core 5.4, Vol 4, Part E, 7.8.12): 7.5 ms to 4 s, at most 499
        events, 100 ms to 32 s and longer than two intervals of the peripheral."""
        return (
            6 <= self.interval_1250us <= 3200
            and self.latency_events <= 499
            and 10 <= self.supervision_timeout_10ms <= 3200
            and self.timeout_s > 2 * (1 + self.latency_events) * self.interval_s
        )

    @property
    def interval_s(self) -> float:
        """Seconds from one connection event to the next."""
        return self.interval_1250us * 1.25e-3

    @property
    def timeout_s(self) -> float:
        """Supervision timeout in seconds."""
        return self.supervision_timeout_10ms * 1e-2


class AirConnection:
    """Two ends and the air between them.

    `loss` is the chance that one packet is not heard, `in_reach` whether any can be; `conditions_changed`
    must be called after either may have changed. `on_over` is called once, when both ends are closed.
    """

    def __init__(
        self,
        central: LinkEnd,
        peripheral: LinkEnd,
        timing: LinkTiming,
        *,
        anchor_s: float,
        pdus_per_event: int,
        random: Random,
        loss: Callable[[], float],
        in_reach: Callable[[], bool],
        on_over: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.central = central
        self.peripheral = peripheral
        self.timing = timing
        self._anchor_s = anchor_s
        self._last_event = -1
        self._pdus_per_event = pdus_per_event
        self._random = random
        self._loss_now = loss
        self._in_reach_now = in_reach
        self._on_over = on_over
        self._established = False
        self._loss = loss()
        self._in_reach = in_reach()
        self._update: tuple[int, LinkTiming, Callable[[], None]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reschedule()

    # What the two controllers do with it.

    def send(self, end: LinkEnd, pdu: Pdu) -> None:
        """Queues a PDU at one end; a closed or closing end sends nothing more."""
        if end.open and not end.terminating:
            end.queue.append(pdu)
            if len(end.queue) <= 2:
                self._reschedule()

    def terminate(self, end: LinkEnd, reason: int) -> None:
        """LL_TERMINATE_IND behind what is queued; this end closes when it is acknowledged or times out."""
        if end.open and not end.terminating:
            self._settle()
            end.queue.append(Pdu(deliver=_nothing, terminate_reason=reason))
            end.terminating = True
            end.heard_s = max(end.heard_s, self._loop.time())  # the procedure has a timeout of its own
            self._reschedule()

    def fall_silent(self, end: LinkEnd) -> None:
        """This end is gone without a word: power loss, reset. The other finds out by its timeout."""
        if end.open:
            self._settle()
            end.open = False
            end.drop_queue()
            self._reschedule()

    def conditions_changed(self) -> None:
        """Loss or reach may be different from now on."""
        self._settle()
        self._loss, self._in_reach = self._loss_now(), self._in_reach_now()
        self._reschedule()

    def update_timing(self, timing: LinkTiming, on_instant: Callable[[], None]) -> None:
        """LL_CONNECTION_UPDATE_IND from the central: both sides change six events from now."""
        self._settle()
        instant = self._next_index(self._loop.time()) + ESTABLISHMENT_EVENTS
        self._update = (instant, timing, on_instant)
        self.send(self.central, Pdu(deliver=_nothing))

    def tx_pending(self, end: LinkEnd) -> int:
        """PDUs an end has not had acknowledged."""
        return len(end.queue)

    # Time.

    def _event_s(self, index: int) -> float:
        return self._anchor_s + index * self.timing.interval_s

    def _next_index(self, now_s: float) -> int:
        index = math.floor((now_s - self._anchor_s) / self.timing.interval_s + 1e-6) + 1
        return max(index, self._last_event + 1, 0)

    def _limit_s(self, end: LinkEnd) -> float:
        if not self._established:
            return ESTABLISHMENT_EVENTS * self.timing.interval_s
        return max(self.timing.timeout_s, end.hold_s)

    @property
    def _both_alive(self) -> bool:
        return self.central.open and self.peripheral.open

    @property
    def _watched(self) -> bool:
        """Whether idle events matter: not born yet, changing, or lossy enough to die of."""
        if not self._established or self._update is not None:
            return True
        if self._loss <= 0:
            return False
        events = self.timing.timeout_s / self.timing.interval_s
        return bool(self._loss**events > _RARE)

    def _settle(self) -> None:
        """Books the events that were not computed because nothing could happen in them."""
        if self._established and self._both_alive and self._in_reach and not self._watched:
            last_s = self._event_s(self._next_index(self._loop.time()) - 1)
            for end in (self.central, self.peripheral):
                end.heard_s = max(end.heard_s, last_s)

    def _reschedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not (self.central.open or self.peripheral.open):
            self._on_over()
        elif not (self._both_alive and self._in_reach):
            due_s = min(e.heard_s + self._limit_s(e) for e in (self.central, self.peripheral) if e.open)
            self._timer = self._loop.call_at(due_s, self._check_supervision)
        elif self._watched or self.central.has_news or self.peripheral.has_news:
            index = self._next_index(self._loop.time())
            latency = self.timing.latency_events
            if latency and not self._watched and not self.peripheral.has_news:
                index += -index % (latency + 1)  # the peripheral sleeps through the others
            self._timer = self._loop.call_at(self._event_s(index), self._run_event, index)

    def _check_supervision(self) -> None:
        self._timer = None
        now_s = self._loop.time()
        for end in (self.central, self.peripheral):
            if end.open and now_s >= end.heard_s + self._limit_s(end) - 1e-9:
                self._close(end, self._timeout_reason(end))
        self._reschedule()

    def _timeout_reason(self, end: LinkEnd) -> int:
        if end.terminating:
            return LOCAL_HOST_TERMINATED
        return CONNECTION_TIMEOUT if self._established else FAILED_TO_BE_ESTABLISHED

    def _close(self, end: LinkEnd, reason: int) -> None:
        end.open = False
        end.drop_queue()
        end.on_closed(reason)

    # One connection event.

    def _run_event(self, index: int) -> None:
        self._timer = None
        self._settle()
        self._last_event = index
        self._apply_update(index)
        for _ in range(self._pdus_per_event):
            if not (self._both_alive and self._exchange()):
                break
            if not (self.central.has_news or self.peripheral.has_news):
                break
        if self._both_alive and self._loss > 0:
            self._check_supervision()
        else:
            self._reschedule()

    def _exchange(self) -> bool:
        """The central's packet and the peripheral's answer; False when one was lost."""
        now_s = self._loop.time()
        if self._lost():
            return False
        self.peripheral.heard_s = now_s
        self.peripheral.take_acknowledgement()
        self._hand_over(self.central, self.peripheral)
        if self._lost():
            return False
        self.central.heard_s = now_s
        self._established = True
        if self.central.terminating and not self.peripheral.open:
            self._close(self.central, LOCAL_HOST_TERMINATED)
            return False
        self.central.take_acknowledgement()
        self._hand_over(self.peripheral, self.central)
        if self.peripheral.terminating and not self.central.open:
            self._close(self.peripheral, LOCAL_HOST_TERMINATED)
        return True

    def _hand_over(self, sender: LinkEnd, receiver: LinkEnd) -> None:
        pdu = sender.heard_by_peer()
        if pdu is None:
            return
        if pdu.terminate_reason is not None:
            self._close(receiver, pdu.terminate_reason)
        else:
            pdu.deliver()

    def _lost(self) -> bool:
        return self._loss > 0 and self._random.random() < self._loss

    def _apply_update(self, index: int) -> None:
        if self._update is not None and index >= self._update[0]:
            _, self.timing, on_instant = self._update
            self._update = None
            self._anchor_s, self._last_event = self._loop.time(), 0
            on_instant()


def _nothing() -> None:
    """An empty PDU does nothing where it arrives."""
