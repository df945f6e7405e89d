"""Standard output for callbacks, where nobody could catch what a write raises."""

from __future__ import annotations

import asyncio

import click


class Output:
    """Writes lines until a write fails; then keeps that failure, wakes who waits, and writes no more.

    A reader that goes away (`| head`) or a full disk must not keep a car from being stopped, nor fill the
    screen with one complaint per frame.
    """

    def __init__(self) -> None:
        self.failed = asyncio.Event()
        self._failure: OSError | None = None

    def line(self, text: str) -> None:
        """Writes one line, now; quietly does nothing once a write has failed."""
        if self._failure is not None:
            return
        try:
            click.echo(text)
        except OSError as error:
            self.fail(error)

    def fail(self, error: OSError) -> None:
        """For those who write by other means: their write failed."""
        if self._failure is None:
            self._failure = error
            self.failed.set()

    def check(self) -> None:
        """Raises the OSError of the write that failed, if one did; the command's entry point words it."""
        if self._failure is not None:
            raise self._failure
