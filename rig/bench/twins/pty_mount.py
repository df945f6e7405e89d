"""Hangs a twin's line on a real pseudo-terminal, so that pyserial opens it like any board."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rig.bench.twins.line import Line
from rig.bench.twins.pty_baud import misreads
from rig.clock import process_time_s

_TURN_S = 0.05
"""How often it looks for what a test changed behind its back; nothing else waits for this."""
_READ_SIZE = 4096


class PtyMount:
    """A line on a pty; `path` is what to open. One thread moves the bytes in real time."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._stopping = False
        self.lock = threading.Lock()
        self._thread = threading.Thread(target=self.run, name=f"twin at {self.path}", daemon=True)

    def start(self) -> None:
        """Begins to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Pulls the cable and ends the thread."""
        self._stopping = True
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)

    def run(self) -> None:
        """Serves until stopped or unplugged; what `start` runs, and a twin's own process calls itself."""
        try:
            while not self._stopping and not self.line.unplugged:
                self._turn()
        finally:
            os.close(self._slave)
            os.close(self._master)

    def _turn(self) -> None:
        due_s = self.line.due_s()
        wait_s = _TURN_S if due_s is None else min(_TURN_S, max(0.0, due_s - process_time_s()))
        readable, _, _ = select.select([self._master], [], [], wait_s)
        data = b""
        if readable:
            with suppress(OSError):
                data = os.read(self._master, _READ_SIZE)
        with self.lock:
            if data:
                self.line.misread = misreads(self._slave, self.line.baud)
                self.line.receive(data, process_time_s())
            reply = self.line.send(process_time_s())
        if reply:
            os.write(self._master, reply)


@contextmanager
def on_pty(line: Line) -> Iterator[str]:
    """Serves a line for as long as the block lasts; gives the path to open."""
    mount = PtyMount(line)
    mount.start()
    try:
        yield mount.path
    finally:
        mount.stop()
