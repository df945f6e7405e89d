"""The race process's door: a Unix socket, JSON in lines. Snapshots go out, requests come in, each with a role.

    -> {"role": "crew", "number": 7, "command": {"do": "OpenShow", "by": "tablet 1"}}
    <- {"answer": 7, "refused": null}
    <- {"snapshot": {...}}             at once, then whenever it changed, ten times a second at most

Who may connect is the file's mode (the owner alone); the role is what the screens process found out about whoever asked,
and the show machine judges it. A line that is none ends its connection only; a client that does not read is dropped.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from booth.control.runner import ShowRunner
from booth.errors import BoothBroken
from booth.show.commands import BadCommand, Role, from_json

SNAPSHOT_EVERY_S = 0.1
HEARTBEAT_S = 1.0
"""A snapshot goes out this often also when nothing changed, so that who listens knows that somebody is there."""
MOST_LINE = 64 * 1024
MOST_CLIENTS = 16
_MOST_WAITING = 2_000_000
"""Bytes a client may leave unread."""
_AT_A_TIME = 8
"""Lines of one client; then everybody else has their turn."""
_log = logging.getLogger("pitboard.booth")


class ControlServer:
    """Serves one runner on one socket; an asynchronous context manager.

    Raises:
        BoothBroken: the socket cannot be made.
    """

    def __init__(self, runner: ShowRunner, path: Path) -> None:
        self._runner = runner
        self._path = path
        self._clients: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._teller: asyncio.Task[None] | None = None
        self._latest = b""

    async def __aenter__(self) -> Self:
        """Opens the door."""
        try:
            self._path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MOST_LINE)
            self._path.chmod(0o600)
        except OSError as error:
            raise BoothBroken(
                f"cannot make the socket {self._path} ({error.strerror or error}); choose another folder with --home"
            ) from error
        self._teller = asyncio.get_running_loop().create_task(self._tell(), name="snapshots")
        self._teller.add_done_callback(self._finished)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Closes it, and every connection."""
        if self._teller is not None:
            self._teller.cancel()
            await asyncio.gather(self._teller, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._clients):
            writer.transport.abort()
        await asyncio.sleep(0)
        self._path.unlink(missing_ok=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._runner.fail(error)

    async def _tell(self) -> None:
        turn: object = None
        loop = asyncio.get_running_loop()
        told_s = loop.time() - HEARTBEAT_S
        while True:
            if self._runner.turn is not turn or loop.time() - told_s >= HEARTBEAT_S:
                turn, told_s = self._runner.turn, loop.time()
                self._latest = _line({"snapshot": self._runner.snapshot().to_json()})
                for writer in tuple(self._clients):
                    self._send(writer, self._latest)
            await asyncio.sleep(SNAPSHOT_EVERY_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MOST_CLIENTS:
            writer.transport.abort()
            return
        self._clients.add(writer)
        try:
            if self._latest:
                self._send(writer, self._latest)
            taken = 0
            while line := await reader.readline():  # does not wait while lines are there
                self._take(line, writer)
                taken += 1
                if taken % _AT_A_TIME == 0:
                    await asyncio.sleep(0)
        except (ValueError, RecursionError, OSError) as error:
            # too long a line, no JSON, too deep, no command; a connection that broke
            _log.warning("a client of the race process was sent away: %s", error)
        finally:
            self._clients.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _take(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        body = json.loads(line)
        if not isinstance(body, dict) or type(number := body.get("number")) is not int:
            raise BadCommand("a request has a number")
        role = Role(str(body.get("role")))
        command = from_json(body.get("command"))
        self._runner.put(role, command, self._answerer(number, writer))

    def _answerer(self, number: int, writer: asyncio.StreamWriter) -> Callable[[str | None], None]:
        return lambda refused: self._send(writer, _line({"answer": number, "refused": refused}))

    def _send(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        if writer.transport.get_write_buffer_size() > _MOST_WAITING:
            _log.warning("a client of the race process does not read and was dropped")
            self._clients.discard(writer)
            writer.transport.abort()
        elif not writer.is_closing():
            writer.write(line)


def _line(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":"), default=list).encode() + b"\n"
