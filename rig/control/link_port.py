"""A car behind a radio link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from protocol import Dialect, Message, ProtocolError
from rig.control.outbox import Outbox
from rig.control.port import Ended, Hear
from rig.errors import RigError
from rig.radio.link import CarLink, Received

_log = logging.getLogger("pitboard.control")


class LinkPort:
    """One car on an open `CarLink`. The link stays the caller's to disconnect.

    Orders go out as writes without response, one at a time; while one is under way, newer ones wait in an
    `Outbox`.
    """

    def __init__(self, link: CarLink) -> None:
        self._link = link
        self._outbox = Outbox()
        self._writing: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] | None = None
        self._hear: Hear
        self.malformed = 0
        self.refused = 0

    @property
    def identifier(self) -> int:
        """The car's 32-bit identifier."""
        return self._link.identifier

    @property
    def dialect(self) -> Dialect:
        """What the car's firmware speaks."""
        return self._link.dialect

    def open(self, hear: Hear, ended: Ended) -> None:
        """Starts to deliver messages, in order."""
        self._hear = hear
        self._stop_listening = self._link.on_frame(self._received)
        self._watching = asyncio.get_running_loop().create_task(self._watch(ended))

    def _received(self, received: Received) -> None:
        if received.message is None:
            self.malformed += 1  # the link has logged it
        else:
            self._hear(received.message, received.mono_s)

    async def _watch(self, ended: Ended) -> None:
        loss = await self._link.lost.wait()
        self._watching = None  # so that close() does not cancel this very task
        self.close()
        ended(loss.reason.value)

    def send(self, message: Message) -> None:
        """Sends, or queues behind the write under way."""
        if self._stop_listening is None:
            self.refused += 1
            return
        self._outbox.put(message)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        while (message := self._outbox.take()) is not None:
            try:
                await self._link.write(message)
            except (RigError, ProtocolError) as error:
                self.refused += 1
                _log.warning("%s: %s not sent: %s", self._link.label, type(message).__name__, error)
        self._writing = None

    def close(self) -> None:
        """Delivers and sends nothing more; the link stays up."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        self._outbox.clear()
        for task in (self._writing, self._watching):
            if task is not None:
                task.cancel()
        self._writing = self._watching = None
