"""The narrow interface drivers speak through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rig.bench.errors import PortGone


class Port(Protocol):
    """An open byte stream. Every call is bounded in time and none blocks the event loop."""

    @property
    def name(self) -> str:
        """How messages name it: a stable identity, never a ttyUSB number."""
        ...

    async def write(self, data: bytes) -> None:
        """Sends all of it.

        Raises:
            PortGone: it went away, or took nothing for a second.
        """
        ...

    async def read(self, within_s: float) -> bytes:
        """What has arrived, waiting up to `within_s` seconds for the first byte; b"" when none came.

        Raises:
            PortGone: it went away.
        """
        ...

    async def close(self) -> None:
        """Lets go of it; harmless twice."""
        ...


@contextmanager
def named(label: str) -> Iterator[None]:
    """A port knows only its own name: a loss within the block is said of the fixture `label`."""
    try:
        yield
    except PortGone as gone:
        raise PortGone(label, gone.detail) from gone
