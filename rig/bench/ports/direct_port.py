"""A port whose other end is a simulated twin in this process: no thread, no file, so it runs in virtual time."""

from __future__ import annotations

import asyncio

from rig.bench.errors import PortGone
from rig.bench.twins.line import Line


class DirectPort:
    """The host's end of a twin's line."""

    def __init__(self, line: Line, *, name: str = "twin") -> None:
        self._line = line
        self._name = name
        self._closed = False
        self._alarm: asyncio.TimerHandle | None = None
        self._news = asyncio.Event()
        line.on_news = self._news.set

    @property
    def name(self) -> str:
        """How messages name it."""
        return self._name

    async def write(self, data: bytes) -> None:
        """Hands it to the twin at this instant."""
        self._check()
        self._line.receive(data, asyncio.get_running_loop().time())
        self._mind()

    async def read(self, within_s: float) -> bytes:
        """What the twin has sent by now, waiting up to `within_s` for its first byte."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + within_s
        while True:
            self._check()
            self._news.clear()
            data = self._line.send(loop.time())
            if data or loop.time() >= until_s:
                return data
            due_s = self._line.due_s()
            wake_s = until_s if due_s is None else min(until_s, due_s)
            try:
                async with asyncio.timeout_at(wake_s):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def close(self) -> None:
        """Nothing holds the twin from now on; it lives on, as a board does."""
        self._closed = True

    def _mind(self) -> None:
        """A board's own timer runs off when it is due, not when the host asks next, or never asks again."""
        moves_s = self._line.device.moves_s()
        if self._alarm is not None:
            if moves_s == self._alarm.when():
                return
            self._alarm.cancel()
            self._alarm = None
        if moves_s is not None:
            self._alarm = asyncio.get_running_loop().call_at(moves_s, self._on_alarm)

    def _on_alarm(self) -> None:
        self._alarm = None
        self._line.tick(asyncio.get_running_loop().time())
        self._mind()

    def _check(self) -> None:
        if self._closed:
            raise PortGone(self._name, "it was closed")
        if self._line.unplugged:
            raise PortGone(self._name, "unplugged")
