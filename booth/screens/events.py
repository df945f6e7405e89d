"""Server-sent events: a whole page state at once when a screen connects, then the newest whenever it changes.

A text is made once per change for all readers of a channel. A reader that is slow skips what it missed: every text is
complete in itself. Readers are limited in number, per address and in all, so that no crowd can stop the stage.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator

from starlette.types import Receive, Scope, Send

BEAT_S = 5.0
"""A stream that has nothing to say says so this often; a page that misses it connects again."""
STUCK_S = 15.0
"""A reader that takes nothing for so long is let go."""


class Channel:
    """One audience's page state. `compose` makes the text; it is called at most once per `gap_s` and only for readers."""

    def __init__(self, compose: Callable[[], str], gap_s: float) -> None:
        self._compose = compose
        self._gap_s = gap_s
        self._dirty = asyncio.Event()
        self._news = asyncio.Event()
        self._text: bytes | None = None
        self._is_over = False
        self.readers = 0
        self.composed = 0
        """How many texts were made."""

    def touch(self) -> None:
        """Says that something changed."""
        self._dirty.set()

    def end(self) -> None:
        """Lets every reader go; there will be no more."""
        self._is_over = True
        self._news.set()

    async def run(self) -> None:
        """Makes and hands out texts, until cancelled."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            self._text = None
            if self.readers:
                self._renew()
                news, self._news = self._news, asyncio.Event()
                news.set()
            await asyncio.sleep(self._gap_s)

    async def follow(self) -> AsyncGenerator[bytes]:
        """The events for one reader: the state now, then the newest after each change; beats in between."""
        self.readers += 1
        try:
            yield b"retry: 1000\n\n"
            while not self._is_over:
                news = self._news
                yield self._text or self._renew()
                while not news.is_set():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(BEAT_S):
                            await news.wait()
                    if not news.is_set():
                        yield b"event: beat\ndata: \n\n"
        finally:
            self.readers -= 1

    def _renew(self) -> bytes:
        self.composed += 1
        self._text = f"data: {self._compose()}\n\n".encode()
        return self._text


class Gate:
    """How many streams and sockets are open, in all and per address."""

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._open: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many are open."""
        return self._open.total()

    @contextlib.contextmanager
    def enter(self, address: str) -> Iterator[bool]:
        """Whether one more may come in; it counts until the context ends."""
        if self.total >= self._most or self._open[address] >= self._most_per_address:
            yield False
            return
        self._open[address] += 1
        try:
            yield True
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


class Stream:
    """The ASGI answer that sends one channel to one reader."""

    def __init__(self, channel: Channel, gate: Gate) -> None:
        self._channel = channel
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the reader leaves, takes nothing any more, or the server stops."""
        address = (scope.get("client") or ("?", 0))[0]
        with self._gate.enter(address) as may:
            if not may:
                await _say_full(send)
                return
            sending = asyncio.ensure_future(self._send_all(send))
            leaving = asyncio.ensure_future(_left(receive))
            try:
                await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, leaving):
                    task.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send_all(self, send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with contextlib.aclosing(self._channel.follow()) as events:
            async for event in events:
                async with asyncio.timeout(STUCK_S):
                    await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say_full(send: Send) -> None:
    headers = [(b"content-type", b"text/plain"), (b"retry-after", b"5")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send(
        {"type": "http.response.body", "body": b"too many screens are open; try again in a few seconds"}
    )
