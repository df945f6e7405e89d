"""Hangs a twin's line on a real pseudo-terminal, moved by the event loop: for a board that acts on what lives there."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rig.bench.twins.line import Line
from rig.bench.twins.pty_baud import misreads

_READ_SIZE = 4096


class LoopMount:
    """A line on a pty; `path` is what to open. Its board's time is the loop's."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._open = True
        self._loop.add_reader(self._master, self._on_bytes)
        line.on_news = self._serve
        self._serve()

    def close(self) -> None:
        """Pulls the cable; harmless twice. The slave end is held open until then, as a dongle outlives its host."""
        if not self._open:
            return
        self._open = False
        self.line.on_news = lambda: None
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._master)
        os.close(self._slave)
        os.close(self._master)

    def _on_bytes(self) -> None:
        with suppress(OSError):
            data = os.read(self._master, _READ_SIZE)
            self.line.misread = misreads(self._slave, self.line.baud)
            self.line.receive(data, self._loop.time())

    def _serve(self) -> None:
        """Sends what is due, and comes back when more will be."""
        if not self._open:
            return
        reply = self.line.send(self._loop.time())
        if reply:
            with suppress(BlockingIOError):  # nobody reads: what does not fit is lost, as on any serial line
                os.write(self._master, reply)
        if self.line.unplugged:
            self.close()
            return
        if self._timer is not None:
            self._timer.cancel()
        due_s = self.line.due_s()
        self._timer = None if due_s is None else self._loop.call_at(due_s, self._serve)


@contextmanager
def on_loop(line: Line) -> Iterator[str]:
    """Serves a line for as long as the block lasts; gives the path to open."""
    mount = LoopMount(line)
    try:
        yield mount.path
    finally:
        mount.close()
