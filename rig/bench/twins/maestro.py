"""A simulated Pololu Maestro."""

from __future__ import annotations

from collections.abc import Sequence

from rig.bench.codecs import maestro
from rig.bench.codecs.maestro import Command, Frame
from rig.bench.twins.plant import BenchPlant, Plant

_US_PER_S_PER_SPEED = 25.0
_CRC_ERROR = 1 << 3


class MaestroTwin:
    """Servos that travel at their speed. With `timeout_s` it sends them home when nobody commands it (its serial
    timeout setting); `stalled` channels keep their pulse where it is."""

    def __init__(
        self,
        *,
        fixture: str = "servo",
        plant: Plant | None = None,
        channels: int = 6,
        crc: bool = False,
        speed: int = 400,
        timeout_s: float | None = None,
        home_us: float = 1200.0,
        stalled: frozenset[int] = frozenset(),
    ) -> None:
        self._fixture = fixture
        self._plant = plant or BenchPlant({})
        self._crc = crc
        self._timeout_s = timeout_s
        self._home_us = home_us
        self._stalled = stalled
        self._speeds = [speed] * channels
        self._from_us = [0.0] * channels
        self._to_us = [0.0] * channels
        self._since_s = [0.0] * channels
        self._errors = 0
        self._commanded_s: float | None = None
        self._buffer = bytearray()

    def receive(self, data: bytes, now_s: float) -> Sequence[bytes]:
        """Bytes from the host."""
        self._buffer += data
        replies: list[bytes] = []
        before = len(self._buffer)
        while (frame := maestro.take_command(self._buffer, crc=self._crc)) is not None:
            before -= maestro.SIZES[frame.command] + self._crc
            self._commanded_s = now_s
            reply = self._obey(frame, now_s) if frame.channel < len(self._speeds) else None
            if reply is not None:
                replies.append(reply)
        if before > len(self._buffer):
            self._errors |= _CRC_ERROR
        return replies

    def tick(self, now_s: float) -> Sequence[bytes]:
        """Goes home when its patience is over."""
        due_s = self.due_s()
        if due_s is not None and now_s >= due_s:
            self._commanded_s = None
            self._errors |= maestro.TIMEOUT_ERROR
            self._go_home(now_s)
        return ()

    def due_s(self) -> float | None:
        """When its patience is over."""
        if self._timeout_s is None or self._commanded_s is None:
            return None
        return self._commanded_s + self._timeout_s

    def restart(self, now_s: float) -> None:
        """No pulses on any channel, no errors."""
        self._buffer.clear()
        self._errors, self._commanded_s = 0, None
        for channel in range(1, len(self._speeds) + 1):
            self._send(channel, 0.0, now_s)

    def moves_s(self) -> float | None:
        """When it sends its servos home."""
        return self.due_s()

    def pulse_us(self, channel: int, now_s: float) -> float:
        """The pulse it sends on a channel (from 1) now."""
        start, end = self._from_us[channel - 1], self._to_us[channel - 1]
        speed = self._speeds[channel - 1] * _US_PER_S_PER_SPEED
        if not speed or not start or not end:
            return end
        way = speed * (now_s - self._since_s[channel - 1])
        return min(end, start + way) if end >= start else max(end, start - way)

    def _obey(self, frame: Frame, now_s: float) -> bytes | None:
        channel = frame.channel + 1
        match frame.command:
            case Command.TARGET:
                self._send(channel, frame.value / maestro.QUARTERS_PER_US, now_s)
            case Command.SPEED:
                self._speeds[channel - 1] = frame.value
            case Command.POSITION:
                return maestro.encode_reply16(round(self.pulse_us(channel, now_s) * maestro.QUARTERS_PER_US))
            case Command.MOVING:
                return b"\x00"  # what a Micro Maestro says whether it moves or not
            case Command.ERRORS:
                word, self._errors = self._errors, 0
                return maestro.encode_reply16(word)
            case Command.GO_HOME:
                self._go_home(now_s)
            case _:
                pass
        return None

    def _go_home(self, now_s: float) -> None:
        for channel in range(1, len(self._speeds) + 1):
            self._send(channel, self._home_us, now_s)

    def _send(self, channel: int, pulse_us: float, now_s: float) -> None:
        if channel in self._stalled:
            return
        self._from_us[channel - 1] = self.pulse_us(channel, now_s)
        self._to_us[channel - 1] = pulse_us
        self._since_s[channel - 1] = now_s
        self._plant.servo_moved(self._fixture, channel, pulse_us, now_s)
