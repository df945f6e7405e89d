"""A TCP port that stands for a dongle: it has power while a host is attached, and takes one host at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bumble.transport.common import StreamPacketSink, StreamPacketSource

from rig.sim.controller import AirController

HANG_UP_AFTER_S = 0.3  # a program that ends and one that begins may cross


class _Attached(StreamPacketSource):
    """A host's connection; a second one is hung up on, unless the first is just leaving."""

    def __init__(self, port: _Port) -> None:
        super().__init__()
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._port.transport is None:
            self._port.attach(self, transport)
        else:
            transport.pause_reading()
            asyncio.get_running_loop().call_later(HANG_UP_AFTER_S, self._try_again, transport)

    def _try_again(self, transport: asyncio.Transport) -> None:
        if self._port.transport is None and not transport.is_closing():
            self._port.attach(self, transport)
            transport.resume_reading()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._port.host is self:
            self._port.pull_out()


class _Port:
    def __init__(self, controller: AirController) -> None:
        self._controller = controller
        self.host: _Attached | None = None
        self.transport: asyncio.Transport | None = None

    def attach(self, host: _Attached, transport: asyncio.Transport) -> None:
        self.host, self.transport = host, transport
        host.set_packet_sink(self._controller)
        self._controller.host = StreamPacketSink(transport)
        self._controller.power_up()

    def pull_out(self) -> None:
        """The cars find out by their supervision timeouts."""
        self.host = self.transport = None
        self._controller.host = None
        self._controller.power_cut()


@asynccontextmanager
async def served_port(address: str, controller: AirController) -> AsyncIterator[None]:
    """Offers the controller at `HOST:PORT` (host `_`: every interface) until the context ends.

    Raises:
        ValueError: this is no address.
        OSError: the port is taken.
    """
    host, _, number = address.rpartition(":")
    port = _Port(controller)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Attached(port), None if host == "_" else host, int(number)
    )
    try:
        yield
    finally:
        server.close()
        if port.transport is not None:
            port.transport.abort()
            await asyncio.sleep(0)
