"""Modbus RTU relay boards, with Waveshare's timed write as a dead-man."""

from __future__ import annotations

import asyncio

from rig.bench.capabilities import Confirms, Traits, WhenHostDies
from rig.bench.codecs import modbus as codec
from rig.bench.drivers.board import Board
from rig.bench.drivers.conversation import Conversation, Timing
from rig.bench.drivers.modbus_master import ModbusMaster
from rig.bench.drivers.relay_channels import check_channel, check_state
from rig.bench.ports.port import Port

TIMING = Timing(pace_s=0.02, reply_s=0.3)

_PLAIN = Traits(
    confirms=Confirms.READ_BACK,
    readable=True,
    when_host_dies=WhenHostDies.STAYS,
    checksummed=True,
    note="every write is echoed under a CRC and the coil read back; without holds_s its timer is not used",
)
_TIMED = Traits(
    confirms=Confirms.READ_BACK,
    readable=True,
    when_host_dies=WhenHostDies.FALLS_OFF,
    checksummed=True,
    note="Waveshare's timed write; that a renewal restarts the timer is for 'bench selftest' to prove on the board",
)


class ModbusRelays(Board):
    """A board of `channels` coils at `unit`.

    With `holds_s` (0.1 to 3276 s; Waveshare's boards) a channel is only ever switched on for that long: it
    must be renewed, and falls off by the board's own timer when nobody does.
    """

    def __init__(
        self,
        port: Port,
        label: str,
        *,
        channels: int = 8,
        unit: int = 1,
        holds_s: float = 0.0,
        timing: Timing = TIMING,
    ) -> None:
        super().__init__(Conversation(port, label, timing), channels)
        self._master = ModbusMaster(self._talk, unit)
        self._tenths = min(codec.MOST_TENTHS, max(1, round(holds_s * 10))) if holds_s else 0
        self._on: set[int] = set()
        self._order = asyncio.Lock()

    @property
    def traits(self) -> Traits:
        """Depend on whether the timer is in use."""
        return _TIMED if self._tenths else _PLAIN

    @property
    def holds_s(self) -> float:
        """Seconds until an unrenewed channel falls off; 0 without the timer."""
        return self._tenths / 10

    async def identify(self) -> str:
        """That it answers as a coil board with these channels."""
        await self._master.read_coils(0, self._channels)
        return f"Modbus RTU relay board with {self._channels} coils or more"

    async def switch(self, channel: int, on: bool) -> None:
        """Writes one coil, waits for the echo and reads it back."""
        check_channel(self.label, channel, self._channels)
        async with self._order:  # a renewal under way must not switch on again what this switches off
            if on:
                self._on.add(channel)
                await self._write_on(channel)
            else:
                self._on.discard(channel)
                await self._master.write_coil(channel - 1, codec.COIL_OFF)
            check_state(self.label, channel, wanted=on, seen=await self.is_on(channel))

    async def is_on(self, channel: int) -> bool:
        """What the board says of one coil."""
        check_channel(self.label, channel, self._channels)
        return (await self._master.read_coils(channel - 1, 1))[0]

    async def renew(self) -> None:
        """Writes every channel that is on once more; nothing without the timer."""
        async with self._order:
            for channel in sorted(self._on) if self._tenths else ():
                await self._write_on(channel)

    async def safe(self) -> None:
        """All coils off, read back."""
        await self._make_safe(lambda channel: self.switch(channel, on=False), range(1, self._channels + 1))

    async def _write_on(self, channel: int) -> None:
        if self._tenths:
            await self._master.write_coil(codec.TIMED_ON + channel - 1, self._tenths)
        else:
            await self._master.write_coil(channel - 1, codec.COIL_ON)
