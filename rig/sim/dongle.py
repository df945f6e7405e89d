"""A controller driven directly: serial dongle, USB, TCP, pty or whatever else bumble can open."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bumble.transport.common import TransportLostError

from rig.errors import BenchError
from rig.radio.host_stack import HostFailure
from rig.sim.host import BumbleHost, ConnectionPreferences
from rig.sim.transport import open_hci

ANSWER_WITHIN_S = 10.0


@asynccontextmanager
async def open_dongle(
    name: str, preferences: ConnectionPreferences | None = None
) -> AsyncIterator[BumbleHost]:
    """A ready host over the bumble transport `name`, such as `serial:/dev/ttyACM0,1000000`.

    Raises:
        InputError: no such kind of transport, or it lacks its parameters.
        BenchError: it cannot be opened, or nothing answers at its other end.
    """
    async with open_hci(name, radio=f"hci:{name}") as transport:
        host = BumbleHost(f"hci:{name}", own_address(name), transport.source, transport.sink, preferences)
        ended: asyncio.Future[object] | None = getattr(transport.source, "terminated", None)
        if ended is not None:
            ended.add_done_callback(lambda _: host.power_lost(HostFailure.ADAPTER_GONE))
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await host.power_up()
        except (TimeoutError, TransportLostError) as error:
            raise BenchError(
                f"radio hci:{name} opens, but no Bluetooth controller answers there; "
                "check the device's firmware and speed, then plug it in again"
            ) from error
        try:
            yield host
        finally:
            await host.close()


def own_address(name: str) -> str:
    """A random static address that belongs to this transport: the same on every run, different per dongle."""
    digest = bytearray(hashlib.blake2b(name.encode(), digest_size=6).digest())
    digest[0] |= 0xC0
    return ":".join(f"{byte:02X}" for byte in digest)
