"""Pololu Maestro: a servo per power button."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from rig.bench.capabilities import Confirms, Traits, WhenHostDies
from rig.bench.codecs import maestro as codec
from rig.bench.codecs.maestro import Command, Frame
from rig.bench.drivers.board import Board
from rig.bench.drivers.conversation import Conversation, Timing
from rig.bench.drivers.relay_channels import check_channel
from rig.bench.errors import NotConfirmed
from rig.bench.ports.port import Port

TIMING = Timing(reply_s=0.3)
TRAVEL_LIMIT_S = 2.0
RETREAT_LIMIT_S = 8.0
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Stroke:
    """Where a servo rests and where it presses (pulse lengths), and how long it may settle at either end."""

    rest_us: float = 1200.0
    press_us: float = 1600.0
    settle_s: float = 0.15


class MaestroButtons(Board):
    """A board with `channels` servos (channel 1 is the board's channel 0). `crc` when that is set on the board."""

    traits = Traits(
        confirms=Confirms.READ_BACK,
        readable=True,
        when_host_dies=WhenHostDies.BOARD_SETTING,
        checksummed=False,
        note="what is read back is the pulse sent, not where the horn is; with its serial timeout set, servos go home",
    )

    def __init__(
        self,
        port: Port,
        label: str,
        *,
        channels: int = 6,
        crc: bool = False,
        strokes: Mapping[int, Stroke] | None = None,
        timing: Timing = TIMING,
    ) -> None:
        super().__init__(Conversation(port, label, timing), channels)
        self._crc = crc
        self._strokes = dict(strokes or {})

    async def identify(self) -> str:
        """That it answers as a Maestro; it has no name to ask for. Reading its errors clears them."""
        errors = await self._errors()
        return f"Pololu Maestro ({', '.join(errors) or 'no errors'})"

    async def press(self, channel: int, hold_s: float) -> None:
        """Presses for `hold_s`, lets go, then stops the pulses so that the servo neither hums nor heats.

        However it ends, cancelled too, the button is let go of first.

        Raises:
            NotConfirmed: the board did not send the servo where it was told, or reports an error.
        """
        check_channel(self.label, channel, self._channels)
        stroke = self._strokes.get(channel, Stroke())
        await self._errors()  # what happened before is not this press's fault
        try:
            await self._go(channel, stroke.press_us)
            await asyncio.sleep(hold_s)
        finally:
            await self._retreat(channel, stroke)
        errors = await self._errors()
        if errors:
            raise NotConfirmed(f"{self.label}, channel {channel}", f"the board reports {', '.join(errors)}")

    async def safe(self) -> None:
        """Every servo that is sent pulses back to rest, then without; one without is limp, and its button springs back."""
        await self._make_safe(self._rest, range(1, self._channels + 1))

    async def _rest(self, channel: int) -> None:
        if await self._ask(Frame(Command.POSITION, channel - 1)):
            await self._retreat(channel, self._strokes.get(channel, Stroke()))

    async def _retreat(self, channel: int, stroke: Stroke) -> None:
        try:
            async with asyncio.timeout(RETREAT_LIMIT_S):
                await self._go(channel, stroke.rest_us)
                await asyncio.sleep(stroke.settle_s)
                await self._tell(Frame(Command.TARGET, channel - 1, 0))
        except TimeoutError as error:
            raise NotConfirmed(
                f"{self.label}, channel {channel}", f"not back at rest in {RETREAT_LIMIT_S:g} s"
            ) from error

    async def _go(self, channel: int, pulse_us: float) -> None:
        target = round(pulse_us * codec.QUARTERS_PER_US)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + TRAVEL_LIMIT_S
        await self._tell(Frame(Command.TARGET, channel - 1, target))
        while (seen := await self._ask(Frame(Command.POSITION, channel - 1))) != target:
            if loop.time() > until_s:
                raise NotConfirmed(
                    f"{self.label}, channel {channel}",
                    f"sent to {pulse_us:g} µs, but it stands at {seen / codec.QUARTERS_PER_US:g} µs",
                )
            await asyncio.sleep(_POLL_S)

    async def _errors(self) -> list[str]:
        word = await self._ask(Frame(Command.ERRORS), tries=1)  # reading clears: a second try would see none
        return [text for bit, text in codec.ERROR_BITS.items() if word >> bit & 1]

    async def _ask(self, frame: Frame, *, tries: int | None = None) -> int:
        return await self._talk.ask(frame.encode(crc=self._crc), codec.take_reply16, tries=tries)

    async def _tell(self, frame: Frame) -> None:
        await self._talk.tell(frame.encode(crc=self._crc))
