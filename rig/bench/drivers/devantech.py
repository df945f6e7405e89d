"""Devantech USB-RLY relay modules."""

from __future__ import annotations

from rig.bench.capabilities import Confirms, Traits, WhenHostDies
from rig.bench.codecs import devantech as codec
from rig.bench.drivers.board import Board
from rig.bench.drivers.conversation import Conversation, Timing
from rig.bench.drivers.relay_channels import check_channel, check_state
from rig.bench.errors import UnknownModel
from rig.bench.ports.port import Port

TIMING = Timing(reply_s=0.3)


class DevantechRelays(Board):
    """A USB-RLY02, 08, 16 or 16L."""

    traits = Traits(
        confirms=Confirms.READ_BACK,
        readable=True,
        when_host_dies=WhenHostDies.STAYS,
        checksummed=False,
        note="one byte per answer: noise on the line cannot be told from a state, so pair it with a meter",
    )

    def __init__(self, port: Port, label: str, *, channels: int = 8, timing: Timing = TIMING) -> None:
        super().__init__(Conversation(port, label, timing), channels)

    async def identify(self) -> str:
        """Its module and version."""
        version = await self._talk.ask(codec.VERSION, codec.take_version)
        module = codec.MODULES.get(version.module)
        if module is None:
            raise UnknownModel(self.label, f"module id {version.module}")
        return f"Devantech {module[0]}, version {version.version}, {module[1]} relays"

    async def switch(self, channel: int, on: bool) -> None:
        """Switches one relay and reads it back."""
        check_channel(self.label, channel, self._channels)
        await self._talk.tell(codec.encode_switch(channel, on))
        check_state(self.label, channel, wanted=on, seen=await self.is_on(channel))

    async def is_on(self, channel: int) -> bool:
        """What the module says of one relay."""
        check_channel(self.label, channel, self._channels)
        states = await self._talk.ask(codec.STATES, codec.take_states)
        return bool(states >> (channel - 1) & 1)

    async def safe(self) -> None:
        """All relays off, read back."""
        await self._make_safe(self._all_off, (1,))

    async def _all_off(self, _channel: int) -> None:
        await self._talk.tell(codec.ALL_OFF)
        for channel in range(1, self._channels + 1):
            check_state(self.label, channel, wanted=False, seen=await self.is_on(channel))
