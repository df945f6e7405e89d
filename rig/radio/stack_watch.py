"""Hears of the end of the host's Bluetooth service and its adapters, which bleak does not.

When bluetoothd is killed its objects go without a word: bleak keeps every device `Connected`, its callbacks
never come, and a scan stays silent. D-Bus does say that the name `org.bluez` has lost its owner
(`NameOwnerChanged`, D-Bus specification). And an adapter that is switched off or pulled out while bleak connects
leaves BlueZ's answer to `Connect` out until bleak gives up.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Protocol

from rig.errors import BenchError
from rig.radio.bluez import Bluez, BluezChange
from rig.radio.teardown import see_through

CLOSE_LIMIT_S = 2.0  # a line to D-Bus closes at once
_log = logging.getLogger("pitboard.radio")

Changed = Callable[[BluezChange, str], None]
"""Called with what happened, and the adapter's name where it is about one."""


class StackWatch(Protocol):
    """Tells of the end of a stack. `begin` and `end` may be called again without harm."""

    async def begin(self, changed: Changed) -> None:
        """Watches from now on, as far as that is possible; bounded, and never an error."""
        ...

    async def end(self) -> None:
        """Watches no more; bounded."""
        ...


class NoWatch:
    """For stacks that tell of their end themselves."""

    async def begin(self, changed: Changed) -> None:
        """Nothing."""

    async def end(self) -> None:
        """Nothing."""


class BluezWatch:
    """A `StackWatch` of bluetoothd and its adapters, over a line of its own to the system bus. Begins anew after the bus was lost."""

    def __init__(self) -> None:
        self._lines = AsyncExitStack()
        self._beginning = asyncio.Lock()
        self._watching = False

    async def begin(self, changed: Changed) -> None:
        """See `StackWatch`."""
        async with self._beginning:
            if self._watching:
                return
            await self._close()
            try:
                bluez = await self._lines.enter_async_context(Bluez.connect())
                await bluez.on_change(lambda what, adapter: self._tell(what, adapter, changed))
            except BenchError as error:  # whoever uses the stack now learns it better than from here
                _log.debug("not watching bluetoothd: %s", error)
                await self._close()
            else:
                self._watching = True

    def _tell(self, what: BluezChange, adapter: str, changed: Changed) -> None:
        if what is BluezChange.BUS_LOST:  # and this line with it
            self._watching = False
        changed(what, adapter)

    async def end(self) -> None:
        """See `StackWatch`."""
        self._watching = False
        await self._close()

    async def _close(self) -> None:
        lines, self._lines = self._lines, AsyncExitStack()
        await see_through(lines.aclose(), CLOSE_LIMIT_S, "closing the line to D-Bus")


def usual_watch(own_backend: bool) -> StackWatch:
    """What suits the backend: the system's own one is BlueZ on Linux."""
    return BluezWatch() if not own_backend and sys.platform == "linux" else NoWatch()
