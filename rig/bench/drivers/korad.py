"""Korad KA3005P supplies and their kin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from rig.bench.capabilities import Confirms, Reading, Traits, WhenHostDies
from rig.bench.codecs import korad as codec
from rig.bench.drivers.board import Board
from rig.bench.drivers.conversation import Conversation, Timing
from rig.bench.drivers.relay_channels import check_channel, check_state
from rig.bench.errors import BadReply, NoReply, NotConfirmed
from rig.bench.ports.port import Port

T = TypeVar("T")

TIMING = Timing(pace_s=0.08, reply_s=0.3)
QUIET_S = 0.1
BREATH_S = 0.3
"""Before a setting that did not take is told again."""
_SHORTEST_NAME = 5
_TRIES = 3


class KoradSupply(Board):
    """One supply; its output is channel 1. `line_feed` for the newer ones, found out by `identify`."""

    traits = Traits(
        confirms=Confirms.READ_BACK,
        readable=True,
        when_host_dies=WhenHostDies.STAYS,
        checksummed=False,
        note="it drops commands that come too soon and confirms none, so every setting is read back; no counters",
    )

    def __init__(self, port: Port, label: str, *, line_feed: bool = False, timing: Timing = TIMING) -> None:
        super().__init__(Conversation(port, label, timing), 1)
        self._line_feed = line_feed

    async def identify(self) -> str:
        """Its own words, asked without and then with a line feed."""
        name = await self._name()
        if not name and not self._line_feed:
            self._line_feed = True
            await self._talk.tell(b"\n")  # ends the command that a newer model is still waiting to see ended
            self._talk.distrust()
            name = await self._name()
            self._line_feed = bool(name)
        if not name:
            raise NoReply(self.label, "to '*IDN?', without and with a line feed")
        if len(name) < _SHORTEST_NAME or not (name.isascii() and name.isprintable()):
            raise BadReply(self.label, f"to '*IDN?': {name!r}")
        return f"{name}, commands {'end with a line feed' if self._line_feed else 'without terminator'}"

    async def switch(self, channel: int, on: bool) -> None:
        """Switches the output and reads it back, telling it up to three times."""
        check_channel(self.label, channel, self.channels)
        seen = not on
        for _ in range(_TRIES):
            await self._tell(f"OUT{int(on)}")
            seen = await self.is_on(channel)
            if seen == on:
                return
            await asyncio.sleep(BREATH_S)
        check_state(self.label, channel, wanted=on, seen=seen)

    async def is_on(self, channel: int) -> bool:
        """Whether the output is on."""
        check_channel(self.label, channel, self.channels)
        return (await self._ask("STATUS?", codec.take_status)).output

    async def measure(self, channel: int) -> Reading:
        """Voltage and current of this instant."""
        check_channel(self.label, channel, self.channels)
        volts = await self._ask("VOUT1?", codec.take_volts)
        amperes = await self._ask("IOUT1?", codec.take_amperes)
        return Reading(current_ma=amperes * 1000, voltage_mv=volts * 1000)

    async def set_limits(self, *, voltage_mv: float, current_ma: float) -> None:
        """Sets output voltage and current limit, each read back, each told up to three times."""
        await self._set(codec.set_volts(voltage_mv / 1000), "VSET1?", codec.take_volts)
        await self._set(codec.set_amperes(current_ma / 1000), "ISET1?", codec.take_amperes)

    async def safe(self) -> None:
        """Output off."""
        await self._make_safe(lambda channel: self.switch(channel, on=False), (1,))

    async def _set(self, command: str, question: str, take: Callable[[bytearray], float | None]) -> None:
        wanted = float(command.partition(":")[2])
        seen = float("nan")
        for _ in range(_TRIES):
            await self._tell(command)
            seen = await self._ask(question, take)
            if seen == wanted:
                return
            await asyncio.sleep(BREATH_S)
        raise NotConfirmed(self.label, f"told {command}, but it says {seen:g}")

    async def _name(self) -> str:
        command = codec.encode_command(codec.IDENTIFY, line_feed=self._line_feed)
        answer = await self._talk.ask_for_all(command, quiet_s=QUIET_S)
        return answer.rstrip(b"\r\n\0").decode("latin-1")

    async def _tell(self, text: str) -> None:
        await self._talk.tell(codec.encode_command(text, line_feed=self._line_feed))

    async def _ask(self, text: str, take: Callable[[bytearray], T | None]) -> T:
        return await self._talk.ask(codec.encode_command(text, line_feed=self._line_feed), take, tries=_TRIES)
