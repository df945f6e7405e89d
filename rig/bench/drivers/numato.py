"""Numato USB relay modules."""

from __future__ import annotations

from rig.bench.capabilities import Confirms, Traits, WhenHostDies
from rig.bench.codecs import numato as codec
from rig.bench.drivers.board import Board
from rig.bench.drivers.conversation import Conversation, Timing
from rig.bench.drivers.relay_channels import check_channel, check_state
from rig.bench.errors import BadReply
from rig.bench.ports.port import Port

TIMING = Timing(reply_s=0.4)


class NumatoRelays(Board):
    """A module of `channels` relays (1, 2, 4, 8, 16, 32 or 64)."""

    traits = Traits(
        confirms=Confirms.READ_BACK,
        readable=True,
        when_host_dies=WhenHostDies.STAYS,
        checksummed=False,
        note="plain text: a garbled reply is known by its shape and its echo; the timers of newer models are not used",
    )

    def __init__(self, port: Port, label: str, *, channels: int = 8, timing: Timing = TIMING) -> None:
        super().__init__(Conversation(port, label, timing), channels)

    async def identify(self) -> str:
        """Its firmware version."""
        await self._talk.tell(codec.RESYNC)  # ends a half command left by whoever was here before
        answer = await self._command("ver")
        if len(answer) != 1:
            raise BadReply(self.label, f"to 'ver': {' / '.join(answer) or 'an empty answer'}")
        return f"Numato relay module, firmware {answer[0]}"

    async def switch(self, channel: int, on: bool) -> None:
        """Switches one relay and reads it back."""
        check_channel(self.label, channel, self._channels)
        verb = "on" if on else "off"
        await self._command(f"relay {verb} {codec.index_of(channel, self._channels)}")
        check_state(self.label, channel, wanted=on, seen=await self.is_on(channel))

    async def is_on(self, channel: int) -> bool:
        """What the module says of one relay."""
        check_channel(self.label, channel, self._channels)
        command = f"relay read {codec.index_of(channel, self._channels)}"
        answer = await self._command(command)
        if answer not in (("on",), ("off",)):
            self._talk.distrust()
            raise BadReply(self.label, f"to '{command}': {' / '.join(answer) or 'an empty answer'}")
        return answer == ("on",)

    async def safe(self) -> None:
        """All relays off, each read back."""
        await self._make_safe(lambda channel: self.switch(channel, on=False), range(1, self._channels + 1))

    async def _command(self, text: str) -> tuple[str, ...]:
        return await self._talk.ask(codec.encode_command(text), lambda got: codec.take_reply(got, text))
