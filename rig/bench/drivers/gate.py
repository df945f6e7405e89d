"""Lap gates: our own framed one, and PC Lap Counter's lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from rig.bench.capabilities import Confirms, Passage, Traits, WhenHostDies
from rig.bench.codecs import gate as codec
from rig.bench.codecs.gate import GateFrame, Kind
from rig.bench.errors import NoReply
from rig.bench.ports.port import Port, named

SILENCE_S = 3.5
"""Three heartbeats missed, and the gate's silence no longer means an empty track."""
CLOCK_JUMP_S = 5.0
_US = 1_000_000
_READ_S = 1.0


class GateClock:
    """Turns the gate's wrapping clock and counter into a running time and a count of lost frames. Pure."""

    def __init__(self) -> None:
        self._total_us = 0
        self._last: GateFrame | None = None
        self._last_heard_s = 0.0
        self.restarts = 0

    def heard(self, frame: GateFrame, now_s: float) -> tuple[int, int | None] | None:
        """(running time in µs, frames lost before this one) of a frame heard at `now_s` of the host's clock.

        None for a frame heard twice. After a restart of the board the time goes on by the host's clock, and
        the loss is unknown.
        """
        last, elapsed_s = self._last, now_s - self._last_heard_s
        if last == frame:
            return None
        self._last, self._last_heard_s = frame, now_s
        if last is None:
            return 0, 0
        step_us = (frame.at_us - last.at_us) % codec.WRAP_US
        if abs(step_us / _US - elapsed_s) > CLOCK_JUMP_S:
            self.restarts += 1
            self._total_us += round(elapsed_s * _US)
            return self._total_us, None
        self._total_us += step_us
        return self._total_us, (frame.sequence - last.sequence - 1) % codec.WRAP_SEQUENCE


class LapGate:
    """Our gate: board timestamps, numbered frames, a heartbeat each second."""

    traits = Traits(
        confirms=Confirms.NOTHING,
        readable=True,
        when_host_dies=WhenHostDies.NO_OUTPUTS,
        checksummed=True,
        note="every frame is numbered and under a CRC, so a lost passage is known to be lost",
    )

    def __init__(self, port: Port, label: str) -> None:
        self._port = port
        self._label = f"{label} ({port.name})"
        self._buffer = bytearray()
        self._clock = GateClock()

    @property
    def label(self) -> str:
        """How messages name it."""
        return self._label

    async def identify(self) -> str:
        """That its frames arrive."""
        with named(self._label):
            await self._port.write(codec.IDENTIFY)
        frame = await self._next()
        self._clock.heard(frame, asyncio.get_running_loop().time())
        return f"pitboard lap gate, clock {frame.at_us / _US:.3f} s, {'a' if frame.blocked else 'no'} beam blocked"

    async def passages(self) -> AsyncIterator[Passage]:
        """Passages as they come; a beam that opens again is none.

        Raises:
            NoReply: three heartbeats are missing.
        """
        loop = asyncio.get_running_loop()
        missed: int | None = 0
        while True:
            frame = await self._next()
            heard = self._clock.heard(frame, loop.time())
            if heard is None:
                continue
            at_us, lost = heard
            missed = None if missed is None or lost is None else missed + lost
            if frame.kind is Kind.EDGE and frame.blocked:
                yield Passage(frame.beam, at_us, missed)
                missed = 0

    async def close(self) -> None:
        """Lets go of the port."""
        await self._port.close()

    async def _next(self) -> GateFrame:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + SILENCE_S
        while (frame := codec.take_frame(self._buffer)) is None:
            left_s = until_s - loop.time()
            if left_s <= 0:
                raise NoReply(self._label, f"no heartbeat for {SILENCE_S:g} s")
            with named(self._label):
                self._buffer += await self._port.read(min(left_s, _READ_S))
        return frame


class LapLines:
    """A gate that speaks PC Lap Counter's lines. `at_us` runs per lane, from its first line."""

    traits = Traits(
        confirms=Confirms.NOTHING,
        readable=False,
        when_host_dies=WhenHostDies.NO_OUTPUTS,
        checksummed=False,
        note="no heartbeat, number or checksum: silence may be an empty track, and many sketches miss a second car",
    )

    def __init__(self, port: Port, label: str) -> None:
        self._port = port
        self._label = f"{label} ({port.name})"
        self._lanes_us: dict[int, int] = {}

    @property
    def label(self) -> str:
        """How messages name it."""
        return self._label

    async def identify(self) -> str:
        """Nothing can be asked: only a car proves it."""
        return "PC Lap Counter dialect: answers nothing, only a passage proves it"

    async def passages(self) -> AsyncIterator[Passage]:
        """Passages as they come; their loss is never known."""
        buffer = bytearray()
        while True:
            with named(self._label):
                buffer += await self._port.read(_READ_S)
            while (line := codec.take_lap_line(buffer)) is not None:
                before_us = self._lanes_us.get(line.lane)
                at_us = 0 if before_us is None else before_us + line.lap_ms * 1000
                self._lanes_us[line.lane] = at_us
                yield Passage(line.lane, at_us, None)

    async def close(self) -> None:
        """Lets go of the port."""
        await self._port.close()
