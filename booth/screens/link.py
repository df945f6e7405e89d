"""The race process as the screens see it: the newest snapshot, how old it is, commands and their answers.

One Unix socket, JSON lines. The link connects again for ever; while it is down the last snapshot stays, marked as old.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from booth.show.commands import Command, Role, to_json

SILENT_S = 3.0
"""The race process sends at least once a second; silent so long, it hangs and the link begins anew."""
ANSWER_S = 2.0
_AGAIN_S = 0.25
_LONGEST_LINE = 4_000_000
_MOST_UNSENT = 64_000
"""Bytes waiting to be taken by the race process; above, steering is dropped: newer words follow at once."""

_log = logging.getLogger("pitboard.booth.screens")


class RaceAwayError(Exception):
    """The race process does not answer now; the link keeps trying."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot as JSON values, and the loop time it came at."""

    snapshot: Mapping[str, Any]
    at_s: float


class RaceLink:
    """The client of the race process's socket. `on_change` is called for every snapshot, and when the link comes or
    goes."""

    def __init__(self, path: Path, on_change: Callable[[], None]) -> None:
        self._path = path
        self._on_change = on_change
        self._writer: asyncio.StreamWriter | None = None
        self._asked: dict[int, asyncio.Future[str | None]] = {}
        self._number = 0
        self.seen: Seen | None = None
        self.breaks = 0
        """How often the link was lost."""

    @property
    def is_up(self) -> bool:
        """Whether the race process is there and has shown a snapshot."""
        return self._writer is not None and self.seen is not None

    @property
    def snapshot(self) -> Mapping[str, Any] | None:
        """The newest snapshot, however old; None before the first."""
        return self.seen.snapshot if self.seen else None

    def age_s(self) -> float | None:
        """How long ago the newest snapshot came, in seconds."""
        return None if self.seen is None else asyncio.get_running_loop().time() - self.seen.at_s

    async def run(self) -> None:
        """Keeps the link, until cancelled."""
        while True:
            with contextlib.suppress(OSError, TimeoutError, ValueError):
                await self._follow()
            await asyncio.sleep(_AGAIN_S)

    async def ask(self, role: Role, command: Command) -> str | None:
        """Asks for something; why it was refused, None when granted.

        Raises:
            RaceAwayError: no answer within two seconds; whether it was done is unknown.
        """
        self._number += 1
        number = self._number
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            if not self._send({"role": role.value, "number": number, "command": to_json(command)}):
                raise RaceAwayError
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError as error:
            raise RaceAwayError from error
        finally:
            self._asked.pop(number, None)

    def tell(self, role: Role, command: Command) -> None:
        """Says something that needs no answer and may be lost, because newer words follow: steering, heartbeats."""
        writer = self._writer
        if writer is not None and writer.transport.get_write_buffer_size() < _MOST_UNSENT:
            self._number += 1
            self._send({"role": role.value, "number": self._number, "command": to_json(command)})

    def _send(self, body: Mapping[str, Any]) -> bool:
        if self._writer is None or self._writer.is_closing():
            return False
        self._writer.write(json.dumps(body, separators=(",", ":")).encode() + b"\n")
        return True

    async def _follow(self) -> None:
        reader, writer = await asyncio.open_unix_connection(str(self._path), limit=_LONGEST_LINE)
        self._writer = writer
        try:
            while True:
                async with asyncio.timeout(SILENT_S):
                    line = await reader.readline()
                if not line:
                    return
                self._heard(json.loads(line))
        finally:
            self._writer = None
            self.breaks += 1
            _log.warning("the race process is away")
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(RaceAwayError())
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            self._on_change()

    def _heard(self, body: object) -> None:
        if not isinstance(body, dict):
            raise ValueError("the race process sends objects")  # noqa: TRY004 - as malformed as what is no JSON
        if isinstance(snapshot := body.get("snapshot"), dict):
            self.seen = Seen(snapshot, asyncio.get_running_loop().time())
            self._on_change()
        elif (answer := self._asked.get(body.get("answer", 0))) is not None and not answer.done():
            refused = body.get("refused")
            answer.set_result(refused if isinstance(refused, str) else None)
