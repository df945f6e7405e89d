"""A car behind a socket: one frame per packet (SOCK_SEQPACKET or SOCK_DGRAM), as a bridge process hands it on."""

from __future__ import annotations

import asyncio
import logging
import socket

from protocol import DecodeError, Dialect, Direction, EncodeError, Message, decoder_for
from protocol.commands import encode_order
from rig.control.outbox import Outbox
from rig.control.port import Ended, Hear

_LONGEST_FRAME = 512
_log = logging.getLogger("pitboard.control")


class SocketPort:
    """One car on a connected packet socket. The socket stays the caller's to close."""

    def __init__(self, identifier: int, sock: socket.socket, dialect: Dialect = Dialect.UNKNOWN) -> None:
        sock.setblocking(False)
        self._identifier = identifier
        self._dialect = dialect
        self._sock = sock
        self._receive = sock.recv
        self._transmit = sock.send
        self._decode = decoder_for(Direction.TO_HOST, dialect)
        self._outbox = Outbox()
        self._is_full = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hear: Hear
        self._ended: Ended
        self.malformed = 0
        self.refused = 0

    @property
    def identifier(self) -> int:
        """The car's 32-bit identifier."""
        return self._identifier

    @property
    def dialect(self) -> Dialect:
        """What the car's firmware speaks."""
        return self._dialect

    def open(self, hear: Hear, ended: Ended) -> None:
        """Starts to deliver messages, in order."""
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time
        self._hear = hear
        self._ended = ended
        self._loop.add_reader(self._sock, self._readable)

    def _readable(self) -> None:
        # one frame per turn of the loop, so that a chattering car does not hold up the others
        try:
            frame = self._receive(_LONGEST_FRAME)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(f"the socket failed: {error.strerror}")
            return
        if not frame:
            self._end("the other side closed the socket")
            return
        try:
            message = self._decode(frame)
        except DecodeError as error:
            self.malformed += 1
            _log.warning("car %08x: %s", self._identifier, error)
            return
        self._hear(message, self._now())

    def send(self, message: Message) -> None:
        """Sends, or queues while the socket is full."""
        if self._loop is None:
            self.refused += 1
        elif self._is_full:
            self._outbox.put(message)
        elif not self._sent(message):
            self._is_full = True
            self._outbox.put(message)
            self._loop.add_writer(self._sock, self._writable)

    def _sent(self, message: Message) -> bool:
        """False when the socket is full."""
        try:
            self._transmit(encode_order(message, self._dialect))
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:  # reading will find out as well, and say so
            self.refused += 1
            _log.warning("car %08x: %s not sent: %s", self._identifier, type(message).__name__, error)
        except EncodeError as error:
            self.refused += 1
            _log.error("car %08x: %s", self._identifier, error)
        return True

    def _writable(self) -> None:
        message = self._outbox.first()
        if message is not None and self._sent(message):
            self._outbox.take()
        if not self._outbox and self._loop is not None:
            self._is_full = False
            self._loop.remove_writer(self._sock)

    def _end(self, reason: str) -> None:
        self.close()
        self._ended(reason)

    def close(self) -> None:
        """Delivers and sends nothing more; the socket stays open."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.remove_reader(self._sock)
            loop.remove_writer(self._sock)
        self._outbox.clear()
        self._is_full = False
