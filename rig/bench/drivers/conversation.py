"""Asking a board something and taking its answer: paced, bounded, and deaf to answers that come too late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from rig.bench.errors import BadReply, NoReply
from rig.bench.ports.port import Port, named

T = TypeVar("T")

QUIET_LIMIT_S = 3.0
"""The longest drain: a board that never falls silent is not the one we were told of."""
_SHOWN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Timing:
    """How to talk to a board, in seconds.

    `pace_s` between the end of one exchange and the next command, `reply_s` for an answer, `late_s` to keep
    draining after a silence, so that an answer to the previous question is never taken for one to the next.
    `tries` counts questions asked before giving up; only ask again what may be said twice.
    """

    pace_s: float = 0.0
    reply_s: float = 0.5
    late_s: float = 1.0
    tries: int = 2


class Conversation:
    """One board's port, used by one question at a time. `repeated` counts questions that had to be asked again."""

    def __init__(self, port: Port, label: str, timing: Timing) -> None:
        self.label = f"{label} ({port.name})"
        self.timing = timing
        self.repeated = 0
        self._port = port
        self._lock = asyncio.Lock()
        self._free_at_s = float("-inf")
        self._suspect = False

    async def ask(
        self,
        request: bytes,
        take: Callable[[bytearray], T | None],
        *,
        tries: int | None = None,
        reply_s: float | None = None,
    ) -> T:
        """Sends `request` and returns what `take` finds in what comes back.

        Raises:
            NoReply, BadReply: also after asking again.
            PortGone: the port went away.
        """
        left = tries or self.timing.tries
        async with self._alone():
            while True:
                left -= 1
                buffer = bytearray()
                found = await self._once(request, take, buffer, reply_s or self.timing.reply_s)
                if found is not None:
                    return found
                if left:
                    self.repeated += 1
                    continue
                sent = f"to {request.hex(' ')}" if request else "in time"
                if not buffer:
                    raise NoReply(self.label, sent)
                raise BadReply(self.label, f"{sent}: {_shown(buffer)}")

    async def ask_for_all(self, request: bytes, *, quiet_s: float) -> bytes:
        """Sends `request` and returns all that comes until the line has been quiet for `quiet_s`; once, no error.

        For protocols whose replies have neither terminator nor length.
        """
        async with self._alone():
            await self._send(request)
            heard = bytearray(await self._port.read(self.timing.reply_s))
            until_s = asyncio.get_running_loop().time() + QUIET_LIMIT_S
            while heard and asyncio.get_running_loop().time() < until_s:
                more = await self._port.read(quiet_s)
                if not more:
                    break
                heard += more
            self._done(suspect=not heard)
            return bytes(heard)

    async def tell(self, request: bytes) -> None:
        """Sends what is never answered."""
        async with self._alone():
            await self._send(request)
            self._done(suspect=False)

    async def close(self) -> None:
        """Closes the port."""
        await self._port.close()

    def distrust(self) -> None:
        """The last answer turned out wrong: drain before the next question."""
        self._suspect = True

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._lock:
            with named(self.label):
                yield

    async def _once(
        self, request: bytes, take: Callable[[bytearray], T | None], buffer: bytearray, reply_s: float
    ) -> T | None:
        self._suspect, suspect = True, self._suspect  # stays so if we are cancelled half-way
        await self._send(request, suspect=suspect)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + reply_s
        seen = bytearray()
        while (left_s := until_s - loop.time()) > 0:
            data = await self._port.read(left_s)
            seen += data
            buffer += data
            found = take(buffer) if data else None
            if found is not None:
                self._done(suspect=False)
                return found
        buffer[:] = seen
        self._done(suspect=True)
        return None

    async def _send(self, request: bytes, *, suspect: bool | None = None) -> None:
        loop = asyncio.get_running_loop()
        if self._suspect if suspect is None else suspect:
            await self._drain()
        else:
            while await self._port.read(0):
                pass
        await asyncio.sleep(max(0.0, self._free_at_s - loop.time()))
        if request:
            await self._port.write(request)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + QUIET_LIMIT_S
        while loop.time() < until_s and await self._port.read(self.timing.late_s):
            pass

    def _done(self, *, suspect: bool) -> None:
        self._suspect = suspect
        self._free_at_s = asyncio.get_running_loop().time() + self.timing.pace_s


def _shown(data: bytearray) -> str:
    more = " …" if len(data) > _SHOWN_BYTES else ""
    return f"{bytes(data[:_SHOWN_BYTES]).hex(' ')}{more}"
