"""Opens bumble's HCI transports with errors a user can act on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bumble.transport import open_transport
from bumble.transport.common import Transport, TransportSpecError

from rig.errors import BenchError, InputError

_EXAMPLES = "'serial:/dev/ttyACM0,1000000', 'usb:0', 'tcp-client:127.0.0.1:6402' or 'pty:/tmp/fleet'"


@asynccontextmanager
async def open_hci(name: str) -> AsyncIterator[Transport]:
    """An open transport, closed at the end with whatever it listens on.

    Raises:
        InputError: no such kind of transport, or it lacks its parameters.
        BenchError: it cannot be opened.
    """
    async with await _open(name) as transport:
        try:
            yield transport
        finally:
            server = getattr(transport, "server", None)  # bumble leaves the listening socket open
            if server is not None:
                server.close()


async def _open(name: str) -> Transport:
    try:
        return await open_transport(name)
    except (TransportSpecError, AssertionError, ValueError) as error:
        raise InputError(f"'{name}' is no HCI transport; write for example {_EXAMPLES}") from error
    except Exception as error:  # each kind of transport raises its own library's errors
        raise BenchError(
            f"cannot open HCI transport '{name}' ({error}); check that it is there and nobody else uses it"
        ) from error
