"""A real controller driven directly: serial dongle, USB, TCP, pty or whatever else bumble can open."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bumble.transport import open_transport
from bumble.transport.common import Transport, TransportSpecError

from rig.errors import BenchError, InputError
from rig.radio.host_stack import HostFailure
from rig.sim.host import BumbleHost, ConnectionPreferences

ANSWER_WITHIN_S = 10.0


@asynccontextmanager
async def open_dongle(
    transport: str, preferences: ConnectionPreferences | None = None
) -> AsyncIterator[BumbleHost]:
    """A ready host over the bumble transport `transport`, such as `serial:/dev/ttyACM0,1000000`.

    Raises:
        InputError: no such kind of transport, or it lacks its parameters.
        BenchError: it cannot be opened, or nothing answers at its other end.
    """
    async with await _open(transport) as opened:
        host = BumbleHost(f"hci:{transport}", own_address(transport), opened.source, opened.sink, preferences)
        ended: asyncio.Future[object] | None = getattr(opened.source, "terminated", None)
        if ended is not None:
            ended.add_done_callback(lambda _: host.power_lost(HostFailure.ADAPTER_GONE))
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await host.power_up()
        except TimeoutError as error:
            raise BenchError(
                f"radio hci:{transport} opens, but no Bluetooth controller answers there; "
                "check the device's firmware and speed, then plug it in again"
            ) from error
        try:
            yield host
        finally:
            await host.close()


def own_address(transport: str) -> str:
    """A random static address that belongs to this transport: the same on every run, different per dongle."""
    digest = bytearray(hashlib.blake2b(transport.encode(), digest_size=6).digest())
    digest[0] |= 0xC0
    return ":".join(f"{byte:02X}" for byte in digest)


async def _open(transport: str) -> Transport:
    try:
        return await open_transport(transport)
    except (TransportSpecError, AssertionError, ValueError) as error:
        raise InputError(
            f"'hci:{transport}' names no transport; write for example "
            "'hci:serial:/dev/ttyACM0,1000000', 'hci:usb:0' or 'hci:tcp-client:127.0.0.1:6402'"
        ) from error
    except (OSError, RuntimeError, ImportError) as error:
        raise BenchError(
            f"cannot open radio hci:{transport} ({error}); check that it is plugged in and not in use"
        ) from error
