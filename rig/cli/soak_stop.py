"""Stops a soak safely on Ctrl-C, SIGTERM and SIGHUP, also where a shell had SIGINT ignored (`pitboard soak &`)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rig.soak.schedule import SoakCar
from rig.store.rows import ABORTED, TERMINATED

_ASKED_FOR = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopper:
    """Turns signals into the cancellation of the leg under way, whose end disconnects every car. A second
    signal cancels that as well; cars of which nobody knows then are in `left`, those that the soak switched off and not on
    again in `left_off`, and what could not be made safe on the
    bench in `unsafe`."""

    def __init__(self) -> None:
        self.left: list[str] = []
        self.left_off: list[str] = []
        self.unsafe: list[str] = []
        self._task: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deaf = False
        self._first: int | None = None

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Listens for the signals; one that whoever started us had ignored stays so, but for SIGTERM."""
        before = {}
        for number in _ASKED_FOR:
            if number is signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def watch(self) -> None:
        """From now on, a signal cancels the current task."""
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Around a leg: its cancellation becomes a KeyboardInterrupt; from there to `listen_again`, further
        signals change nothing.

        Raises:
            KeyboardInterrupt: a signal stopped the leg.
        """
        try:
            yield
        except asyncio.CancelledError as stopped:
            self._deaf = True
            self.unsafe += getattr(stopped, "__notes__", ())
            raise KeyboardInterrupt from None
        finally:
            self._task = self._loop = None

    def be_deaf(self) -> None:
        """Lets signals change nothing until `listen_again`."""
        self._deaf = True

    def listen_again(self) -> None:
        """Lets signals interrupt as before."""
        self._deaf = False

    def note_left(self, car: SoakCar, *, switched_off: bool = False) -> None:
        """Takes a car that may have been left connected, or switched off."""
        (self.left_off if switched_off else self.left).append(car.label)

    @property
    def status(self) -> str:
        """What the run that was stopped is from now on, as its row says: SIGTERM is how a machine that shuts down asks."""
        return TERMINATED if self._first == signal.SIGTERM else ABORTED

    @property
    def farewell(self) -> str:
        """What to tell whoever stopped the run."""
        words = "stopped: every car is disconnected"
        if self.left:
            words = f"stopped, but these cars may still be connected: {', '.join(self.left)}; switch them off"
        off = [f"these cars may be switched off: {', '.join(self.left_off)}; press their power buttons"]
        return "; ".join(
            [
                words,
                *(off if self.left_off else ()),
                *dict.fromkeys(self.unsafe),
                "'pitboard soak --resume' goes on",
            ]
        )

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._first = number if self._first is None else self._first
        if self._task is not None and self._loop is not None:
            self._task.cancel()
            self._loop.call_soon_threadsafe(lambda: None)  # it may be waiting for its sockets
        elif not self._deaf:
            raise KeyboardInterrupt
