"""/dev/vhci: the kernel's door for a controller that lives in a program. Linux, root.

Whatever is opened there is an adapter of this machine (`hciN`) until it is closed. The protocol is that of
`drivers/bluetooth/hci_vhci.c`: one HCI packet with its type byte for each read and write; vendor packet
`ff 00` makes the adapter, and the kernel's answer `ff 00 NN NN` tells its number, little-endian (bumble's own
transport reads it the other way round and keeps it to itself). That answer may come after the kernel's first
commands, which wait for it here.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from rig.radio.errors import AdapterMissing, HostFault, HostTrouble, NotPermitted

VHCI = Path("/dev/vhci")

_VENDOR_PACKET = 0xFF
_PRIMARY_CONTROLLER = 0x00
_MOST_PACKET_BYTES = 2048
"""The kernel's HCI_MAX_FRAME_SIZE and more."""
_MOST_PER_TURN = 64


class NoVhci(AdapterMissing):
    """The kernel offers no virtual adapters here."""

    happened = "the kernel cannot make virtual adapters here"
    next_step = "run 'modprobe hci_vhci' as root, or use --radio sim"


class VhciForbidden(NotPermitted):
    """Only root may make an adapter."""

    happened = "the system lets only root make virtual adapters"
    next_step = "run it with sudo, or use --radio sim"


class VhciDevice:
    """An adapter of this machine, from `VhciDevice.open` to `close`; a bumble `TransportSink` for its controller.

    `on_number` is called once with the N of `hciN`, then `on_packet` with every packet of the kernel's.
    """

    def __init__(
        self, file: int, on_number: Callable[[int], None], on_packet: Callable[[bytes], None]
    ) -> None:
        self._file: int | None = file
        self._on_number = on_number
        self._on_packet = on_packet
        self._early: list[bytes] = []
        self.numbered = asyncio.Event()
        asyncio.get_running_loop().add_reader(file, self._readable)

    @classmethod
    def open(
        cls, on_number: Callable[[int], None], on_packet: Callable[[bytes], None], path: Path = VHCI
    ) -> VhciDevice:
        """A new adapter.

        Raises:
            NoVhci: not Linux, or its driver is not loaded.
            VhciForbidden: not root.
            HostTrouble: anything else the kernel says.
        """
        if sys.platform != "linux":
            raise NoVhci("vhci", f"it is part of Linux, and this is {sys.platform}")
        file = -1
        try:
            file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            os.write(file, bytes((_VENDOR_PACKET, _PRIMARY_CONTROLLER)))
        except OSError as error:
            if file >= 0:
                os.close(file)
            raise _fault(error, path) from error
        return cls(file, on_number, on_packet)

    @property
    def is_open(self) -> bool:
        """Whether the adapter exists."""
        return self._file is not None

    def on_packet(self, packet: bytes) -> None:
        """To the kernel; an adapter that is gone says nothing."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):  # the kernel takes none while it shuts an adapter down
            os.write(self._file, packet)

    def close(self) -> None:
        """The adapter is pulled out. Harmless a second time."""
        file, self._file = self._file, None
        if file is not None:
            asyncio.get_running_loop().remove_reader(file)
            os.close(file)

    def _readable(self) -> None:
        for _ in range(_MOST_PER_TURN):
            if self._file is None:
                return
            try:
                packet = os.read(self._file, _MOST_PACKET_BYTES)
            except OSError:  # nothing more for now
                return
            if not packet:
                return
            self._take(packet)

    def _take(self, packet: bytes) -> None:
        if packet[0] != _VENDOR_PACKET:
            if self.numbered.is_set():
                self._on_packet(packet)
            else:
                self._early.append(packet)
        elif not self.numbered.is_set():
            self._on_number(int.from_bytes(packet[2:4], "little"))
            self.numbered.set()
            early, self._early = self._early, []
            for earlier in early:
                self._on_packet(earlier)


def _fault(error: OSError, path: Path) -> HostFault:
    if error.errno in {errno.EACCES, errno.EPERM}:
        return VhciForbidden("vhci", f"{path}: {error.strerror}")
    if error.errno in {errno.ENOENT, errno.ENODEV, errno.ENXIO}:
        return NoVhci("vhci", f"{path}: {error.strerror}")
    return HostTrouble("vhci", f"{path}: {error.strerror}")
