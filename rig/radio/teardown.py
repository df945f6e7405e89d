"""Finishing what was begun, even when the caller is cancelled, and never for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bleak.exc import BleakError

from rig.radio.stack_calls import CANCELLED_ITSELF

LETTING_GO_S = 1.0
"""How long work that was given up may take to end; after that it is left to itself."""

_log = logging.getLogger("pitboard.radio")


async def see_through(
    work: Coroutine[Any, Any, None] | asyncio.Future[None], limit_s: float, what: str
) -> None:
    """Runs `work` to its end, at most `limit_s` seconds, then cancels it: `limit_s + LETTING_GO_S` in all.

    A cancellation of the caller is held back until then and raised afterwards. What `work` raises is raised,
    unless the caller was cancelled; giving up on the limit raises TimeoutError, and work that cancels itself
    BleakError.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    cancelled = await _wait(task, loop.time() + limit_s)
    gave_up = not task.done()
    if gave_up:
        _log.warning("%s did not finish in %g s; given up", what, limit_s)
        task.cancel()
        cancelled = await _wait(task, loop.time() + LETTING_GO_S) or cancelled
    if task.done() and not task.cancelled():
        task.exception()  # seen, whether or not it is raised below
    if cancelled is not None:
        raise cancelled
    if gave_up:
        raise TimeoutError(what)
    if task.cancelled():
        raise BleakError(CANCELLED_ITSELF)
    task.result()


async def _wait(task: asyncio.Future[None], until_s: float) -> asyncio.CancelledError | None:
    """Waits for the task; a cancellation of the caller is returned instead of raised."""
    loop = asyncio.get_running_loop()
    cancelled: asyncio.CancelledError | None = None
    while not task.done() and (left_s := until_s - loop.time()) > 0:
        try:
            await asyncio.wait({task}, timeout=left_s)
        except asyncio.CancelledError as error:
            cancelled = error
    return cancelled
