"""A race process for tests: serves the Unix socket, shows the snapshots it is given, keeps what was asked of it."""

from __future__ import annotations

import asyncio
import contextlib
import json

from booth.show.commands import Steer, from_json


@contextlib.asynccontextmanager
async def served(path, handler):
    """A Unix-socket server whose connections are all closed at the end."""
    writers = []

    async def take(reader, writer):
        writers.append(writer)
        await handler(reader, writer)

    server = await asyncio.start_unix_server(take, str(path))
    try:
        yield
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        for writer in writers:
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        await server.wait_closed()
        await asyncio.sleep(0)


class FakeRace:
    """`show` puts a snapshot on the screens; `asked` are the commands that came, with the role that sent them; a
    command whose name is in `refuse` is answered with its sentence. `is_mute` answers nothing, `deaf` takes no
    connection. `alias` are players who joined, by the made-up id they have in a snapshot."""

    def __init__(self, path):
        self.path = path
        self.asked = []
        self.steered = []
        self.refuse = {}
        self.alias = {}
        self.is_mute = False
        self.deaf = False
        self._latest = None
        self._writers = set()
        self._news = asyncio.Event()

    @contextlib.asynccontextmanager
    async def run(self):
        beating = asyncio.create_task(self._beat())
        try:
            async with served(self.path, self._serve):
                yield self
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            self.path.unlink(missing_ok=True)

    def show(self, snapshot):
        text = json.dumps({"snapshot": snapshot.to_json()})
        for made_up, player in self.alias.items():
            text = text.replace(f'"{made_up}"', f'"{player}"')
        self._latest = text.encode() + b"\n"
        for writer in self._writers:
            writer.write(self._latest)

    def drop(self):
        """Ends every connection; the screens connect again."""
        for writer in self._writers:
            writer.close()

    async def until(self, condition):
        """Waits until something asked makes `condition(self)` true."""
        async with asyncio.timeout(10):
            while not condition(self):
                self._news.clear()
                await self._news.wait()

    async def _beat(self):
        while True:
            await asyncio.sleep(1)
            for writer in self._writers:
                if self._latest:
                    writer.write(self._latest)

    async def _serve(self, reader, writer):
        if self.deaf:
            writer.close()
            return
        self._writers.add(writer)
        try:
            if self._latest:
                writer.write(self._latest)
            while line := await reader.readline():
                self._take(json.loads(line), writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    def _take(self, body, writer):
        command = from_json(body["command"])
        if isinstance(command, Steer):
            self.steered.append(command)
        else:
            self.asked.append((body["role"], command))
            if not self.is_mute:
                refused = self.refuse.get(type(command).__name__)
                writer.write(json.dumps({"answer": body["number"], "refused": refused}).encode() + b"\n")
        self._news.set()
