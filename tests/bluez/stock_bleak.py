"""Stock bleak on one event loop, with nothing left over when the loop ends.

bleak keeps one BlueZ manager per event loop, with a D-Bus connection and a task, until a later loop asks for
its own (`bleak.backends.bluezdbus.manager`); a test suite cannot wait for that.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bleak.backends.bluezdbus import manager


@contextlib.asynccontextmanager
async def fresh_manager() -> AsyncIterator[None]:
    """bleak meets D-Bus anew in this loop, and lets go of it at the end."""
    loop = asyncio.get_running_loop()
    assert loop not in manager._global_instances
    try:
        yield
    finally:
        ours = manager._global_instances.pop(loop, None)
        if ours is not None and ours._bus is not None:
            watcher = ours._bus_watcher_task
            ours._bus.disconnect()
            if watcher is not None:
                await asyncio.wait({watcher}, timeout=2)
