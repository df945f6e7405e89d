"""The LCUS relay family, whatever its dialect."""

from __future__ import annotations

from dataclasses import replace

from rig.bench.capabilities import Confirms, Traits, WhenHostDies
from rig.bench.codecs import lcus as codec
from rig.bench.codecs.lcus import Dialect, Frame, Operation
from rig.bench.drivers.board import Board
from rig.bench.drivers.conversation import Conversation, Timing
from rig.bench.drivers.relay_channels import check_channel, check_state
from rig.bench.errors import NoReply
from rig.bench.ports.port import Port

TIMING = Timing(pace_s=0.1, reply_s=0.3)
"""Drivers leave 50 ms between commands and 100 ms before they ask for the status; this is the longer."""
QUIET_S = 0.1

_MUTE = Traits(
    confirms=Confirms.NOTHING,
    readable=False,
    when_host_dies=WhenHostDies.STAYS,
    checksummed=False,
    note="it never answers: only the meter or the car can tell, so a bay on it needs one",
)
_TRAITS = {
    Dialect.FEEDBACK: Traits(
        confirms=Confirms.READ_BACK,
        readable=True,
        when_host_dies=WhenHostDies.STAYS,
        checksummed=True,
        note="the sum over four bytes notices any single garbled one",
    ),
    Dialect.STATUS_TEXT: Traits(
        confirms=Confirms.READ_BACK,
        readable=True,
        when_host_dies=WhenHostDies.STAYS,
        checksummed=False,
        note="commands are not answered; the status text is read after each",
    ),
    Dialect.STATUS_BYTES: Traits(
        confirms=Confirms.READ_BACK,
        readable=True,
        when_host_dies=WhenHostDies.STAYS,
        checksummed=False,
        note="commands are not answered; the status bytes are read after each",
    ),
    Dialect.MUTE: _MUTE,
    Dialect.D0: replace(
        _MUTE, note="a one-channel clone that never answers: only the meter or the car can tell"
    ),
}


class LcusRelays(Board):
    """A board of `channels` relays (1 to 8) that speaks `dialect`."""

    def __init__(
        self,
        port: Port,
        label: str,
        *,
        channels: int = 4,
        dialect: Dialect = Dialect.FEEDBACK,
        timing: Timing = TIMING,
    ) -> None:
        super().__init__(Conversation(port, label, timing), 1 if dialect is Dialect.D0 else channels)
        self.dialect = dialect

    @property
    def traits(self) -> Traits:
        """Depend on the dialect."""
        return _TRAITS[self.dialect]

    async def identify(self) -> str:
        """Asks in the dialect it was given; a mute board is believed.

        Raises:
            NoReply: it should answer in this dialect and does not.
        """
        if self.traits.readable:
            await self.is_on(1)
        return f"LCUS relay board, dialect {self.dialect.value}"

    async def probe(self) -> Dialect:
        """Finds the dialect with queries that switch nothing, and speaks it from now on.

        A board that answers none is taken for MUTE. A D0 clone cannot be told from it without switching:
        the wiring map names it, or the self-test finds it with the meter's help.
        """
        try:
            await self._query(1)
        except NoReply:
            pass
        else:
            self.dialect = Dialect.FEEDBACK
            return self.dialect
        answer = await self._talk.ask_for_all(codec.STATUS, quiet_s=QUIET_S)
        text = answer.count(b"CH")
        if text and codec.take_status_text(bytearray(answer), text) is not None:
            self.dialect, self._channels = Dialect.STATUS_TEXT, text
        elif 1 <= len(answer) <= codec.MOST_CHANNELS and set(answer) <= {0, 1}:
            self.dialect, self._channels = Dialect.STATUS_BYTES, len(answer)
        else:
            self.dialect = Dialect.MUTE
        return self.dialect

    async def switch(self, channel: int, on: bool) -> None:
        """Switches one relay, and compares the board's answer where its dialect has one."""
        check_channel(self.label, channel, self._channels)
        if self.dialect is Dialect.FEEDBACK:
            operation = Operation.ON_ANSWERED if on else Operation.OFF_ANSWERED
            seen = await self._talk.ask(
                Frame(channel, operation).encode(), lambda got: codec.take_state(got, channel)
            )
            check_state(self.label, channel, wanted=on, seen=seen)
            return
        if self.dialect is Dialect.D0:
            await self._talk.tell(codec.encode_d0(on))
        else:
            await self._talk.tell(Frame(channel, Operation.ON if on else Operation.OFF).encode())
        said = await self.is_on(channel)
        if said is not None:
            check_state(self.label, channel, wanted=on, seen=said)

    async def is_on(self, channel: int) -> bool | None:
        """What the board says of one relay; None in the mute dialects."""
        check_channel(self.label, channel, self._channels)
        match self.dialect:
            case Dialect.FEEDBACK:
                return await self._query(channel)
            case Dialect.STATUS_TEXT:
                states = await self._talk.ask(
                    codec.STATUS, lambda got: codec.take_status_text(got, self._channels)
                )
                return states[channel - 1]
            case Dialect.STATUS_BYTES:
                states = await self._talk.ask(
                    codec.STATUS, lambda got: codec.take_status_bytes(got, self._channels)
                )
                return states[channel - 1]
            case _:
                return None

    async def safe(self) -> None:
        """All relays off, each checked as far as the dialect allows."""
        await self._make_safe(lambda channel: self.switch(channel, on=False), range(1, self._channels + 1))

    async def _query(self, channel: int) -> bool:
        return await self._talk.ask(
            Frame(channel, Operation.QUERY).encode(), lambda got: codec.take_state(got, channel)
        )
