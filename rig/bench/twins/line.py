"""The cable between a host and a simulated board: latency, faults, and what is on its way."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import Protocol

from rig.bench.twins.faults import FaultPlan, LineFault

SPLIT_GAP_S = 0.06
LATE_S = 0.8
"""How late a LATE reply is; drivers drain for longer than this after a silence."""


class Device(Protocol):
    """A board: pure, told the time."""

    def receive(self, data: bytes, now_s: float) -> Sequence[bytes]:
        """Bytes from the host; the replies, one item each."""
        ...

    def tick(self, now_s: float) -> Sequence[bytes]:
        """Time has come to `now_s`: timers run off; what the board says of its own accord."""
        ...

    def due_s(self) -> float | None:
        """When it wants `tick` next; None when it waits for the host."""
        ...

    def restart(self, now_s: float) -> None:
        """Its power was gone for a moment: everything is as after power-up, what it was about to say is lost."""
        ...

    def moves_s(self) -> float | None:
        """When it will next move something by itself though nobody asks, as a dead-man does; None when nothing."""
        ...


class Line:
    """A board at the end of a cable.

    `latency_s` lies between a command and its reply. `on_news` is called when there may be something to
    read sooner than `due_s` last said. `received` keeps what the host sent, for tests.

    `echoes`: what the host sends comes back to it first, as from an RS-485 adapter that hears itself. `baud` is the
    board's rate, None when it takes any; while `misread` (the host has another one), neither understands a byte. A
    board that is `dead` hears nothing and says nothing, yet what it switched goes on.
    """

    def __init__(
        self,
        device: Device,
        *,
        latency_s: float = 0.005,
        plan: FaultPlan | None = None,
        echoes: bool = False,
        baud: int | None = None,
    ) -> None:
        self.device = device
        self.echoes = echoes
        self.baud = baud
        self.misread = False
        self.dead = False
        self.unplugged = False
        self.on_news: Callable[[], None] = lambda: None
        self.received = bytearray()
        self._latency_s = latency_s
        self._faults = (plan or FaultPlan()).faults()
        self._queue: list[tuple[float, int, bytes]] = []
        self._number = 0

    def receive(self, data: bytes, now_s: float) -> None:
        """The host wrote."""
        if self.unplugged:
            return
        self._tick(now_s)
        self.received += data
        if self.dead:
            return
        if self.misread:
            data = _misread(data)
        elif self.echoes:
            self._put(now_s, data)
        for reply in self.device.receive(data, now_s):
            self._post(reply, now_s)
        self.on_news()

    def send(self, now_s: float) -> bytes:
        """What has reached the host by now."""
        self._tick(now_s)
        arrived = bytearray()
        while self._queue and self._queue[0][0] <= now_s and not self.unplugged:
            arrived += heapq.heappop(self._queue)[2]
        return bytes(arrived)

    def due_s(self) -> float | None:
        """When `send` may next have something."""
        times = [self._queue[0][0]] if self._queue else []
        device_s = self.device.due_s()
        if device_s is not None:
            times.append(device_s)
        return min(times, default=None)

    def tick(self, now_s: float) -> None:
        """Time has come to `now_s`, whoever listens: timers run off, also behind a pulled cable."""
        self._tick(now_s)

    def spoil(self, plan: FaultPlan) -> None:
        """From now on replies suffer by this plan."""
        self._faults = plan.faults()

    def brown_out(self, now_s: float) -> None:
        """The board's power was gone for a moment; what it was saying is lost."""
        self.device.restart(now_s)
        self._queue.clear()

    def say(self, data: bytes, now_s: float) -> None:
        """The board speaks of its own accord, now (a gate's beam was broken)."""
        self._post(data, now_s)
        self.on_news()

    def _tick(self, now_s: float) -> None:
        for said in self.device.tick(now_s):
            if not self.dead:
                self._post(said, now_s)

    def _post(self, reply: bytes, now_s: float) -> None:
        at_s = now_s + self._latency_s
        match self._faults.next():
            case LineFault.DROPPED_BYTE:
                place = self._faults.place(len(reply))
                self._put(at_s, reply[:place] + reply[place + 1 :])
            case LineFault.SPLIT:
                half = (len(reply) + 1) // 2
                self._put(at_s, reply[:half])
                self._put(at_s + SPLIT_GAP_S, reply[half:])
            case LineFault.LATE:
                self._put(at_s + LATE_S, reply)
            case LineFault.WRONG_CHECKSUM:
                place = self._faults.place(len(reply))
                self._put(at_s, reply[:place] + bytes([reply[place] ^ 0x10]) + reply[place + 1 :])
            case LineFault.JUNK:
                self._put(at_s, self._faults.noise() + reply)
            case LineFault.SILENT:
                pass
            case LineFault.BROWN_OUT:
                self.device.restart(now_s)
            case LineFault.UNPLUG:
                self.unplugged = True
            case None:
                self._put(at_s, reply)

    def _put(self, at_s: float, data: bytes) -> None:
        if self.misread:
            data = _misread(data)
        if data:
            self._number += 1
            heapq.heappush(self._queue, (at_s, self._number, data))


def _misread(data: bytes) -> bytes:
    """Bytes sampled at the wrong rate: other bytes, the same each time, and never the right ones."""
    return bytes((byte << 3 | 0x05) & 0xFF for byte in data if byte & 0x03)
