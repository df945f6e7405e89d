"""Opens bumble's HCI transports with errors a user can act on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from bumble.transport import open_transport
from bumble.transport.common import Transport, TransportSpecError

from rig.errors import BenchError, InputError

_log = logging.getLogger("pitboard.sim")
_EXAMPLES = "'serial:/dev/ttyACM0,1000000', 'usb:0', 'tcp-client:127.0.0.1:6402' or 'pty:/tmp/fleet'"


@asynccontextmanager
async def open_hci(name: str, *, radio: str = "") -> AsyncIterator[Transport]:
    """An open transport, closed at the end with whatever it listens on; `radio` is the moniker that named it.

    Raises:
        InputError: no such kind of transport, or it lacks its parameters.
        BenchError: it cannot be opened.
    """
    async with await _open(name, radio) as transport:
        try:
            with _losses_told_once():
                yield transport
        finally:
            server = getattr(transport, "server", None)  # bumble leaves the listening socket open
            if server is not None:
                server.close()


@contextmanager
def _losses_told_once() -> Iterator[None]:
    """A transport that is pulled out is told by its `terminated`; the loop need not print a traceback as well."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if "transport" in context and isinstance(error, OSError):
            _log.debug("%s: %r", context.get("message"), error)
        elif before is not None:
            before(loop, context)
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        if loop.get_exception_handler() is handle:
            loop.set_exception_handler(before)


async def _open(name: str, radio: str) -> Transport:
    with opening(name, radio=radio):
        return await open_transport(name)


@contextmanager
def opening(name: str, *, radio: str = "") -> Iterator[None]:
    """What goes wrong while a transport is opened, as errors a user can act on, in the words the user gave: the
    moniker `radio` where one named it.

    Raises:
        InputError: no such kind of transport, or it lacks its parameters.
        BenchError: it cannot be opened.
    """
    try:
        yield
    except (TransportSpecError, AssertionError, ValueError) as error:
        raise InputError(f"'{radio or name}' is no HCI transport; write for example {_EXAMPLES}") from error
    except Exception as error:  # each kind of transport raises its own library's errors
        further = f", or run 'pitboard doctor --radio {radio}'" if radio else ""
        raise BenchError(
            f"cannot open HCI transport '{radio or name}' ({error}); "
            f"check that it is there and nobody else uses it{further}"
        ) from error
