"""Finishing what was begun, even when the caller is cancelled, and never for ever."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger("pitboard.radio")


async def see_through(
    work: Coroutine[Any, Any, None] | asyncio.Future[None], limit_s: float, what: str
) -> None:
    """Runs `work` to its end, at most `limit_s` seconds, then cancels it.

    A cancellation of the caller is held back until then and raised afterwards. What `work` raises is raised,
    unless the caller was cancelled; giving up on the limit raises TimeoutError.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    deadline_s = loop.time() + limit_s
    cancelled: asyncio.CancelledError | None = None
    while not task.done() and (left_s := deadline_s - loop.time()) > 0:
        try:
            await asyncio.wait({task}, timeout=left_s)
        except asyncio.CancelledError as error:
            cancelled = error
    gave_up = not task.done()
    if gave_up:
        _log.warning("%s did not finish in %g s; given up", what, limit_s)
        task.cancel()
        with contextlib.suppress(BaseException):
            await asyncio.wait({task}, timeout=1.0)
    if cancelled is not None:
        if task.done() and not task.cancelled():
            task.exception()
        raise cancelled
    if gave_up:
        raise TimeoutError(what)
    task.result()
