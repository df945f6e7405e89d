"""A port through pyserial: local ttys, `socket://` and `rfc2217://`."""

from __future__ import annotations

import errno
import threading
from typing import Any

import serial

from rig.bench.errors import PortBusy, PortGone, PortMissing
from rig.bench.ports.worker import Worker
from rig.errors import InputError
from rig.virtual_time import in_virtual_time

OPEN_LIMIT_S = 8.0
"""An rfc2217 server negotiates for up to 5 s."""
WRITE_LIMIT_S = 1.0
CLOSE_LIMIT_S = 2.0
_SLICE_S = 0.1
_GRACE_S = 1.0


class SerialPort:
    """One open port. What arrives is kept until it is read, so a cancelled read loses nothing."""

    def __init__(self, name: str, device: Any, worker: Worker) -> None:
        self._name = name
        self._device = device
        self._worker = worker
        self._kept = bytearray()
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    async def open(cls, url: str, *, name: str = "", baud: int = 9600) -> SerialPort:
        """Opens a device path or a pyserial URL, 8N1, for us alone; `name` is how messages call it.

        Raises:
            PortMissing, PortBusy: it cannot be opened.
            InputError: the URL is none of pyserial's, or the run is in virtual time.
        """
        name = name or url
        if in_virtual_time():
            raise InputError(f"{name}: a real port needs real time; in virtual time use a simulated bench")
        worker = Worker(name)
        try:
            device = await worker.call(lambda: _open(url, baud), within_s=OPEN_LIMIT_S)
        except TimeoutError as error:
            raise PortMissing(name, f"not open after {OPEN_LIMIT_S:g} s") from error
        except ValueError as error:
            raise InputError(f"'{url}' is no serial port: {error}; write a path or socket://…") from error
        except (OSError, serial.SerialException) as error:
            gone = getattr(error, "errno", None) in (None, errno.ENOENT, errno.ENODEV, errno.ENXIO)
            raise (PortMissing if gone else PortBusy)(name, _words(error)) from error
        else:
            return cls(name, device, worker)
        finally:
            if "device" not in locals():
                worker.stop()

    @property
    def name(self) -> str:
        """How messages name it."""
        return self._name

    async def write(self, data: bytes) -> None:
        """Sends all of it; PortGone when it cannot."""
        await self._call(lambda: self._device.write(data), WRITE_LIMIT_S + _GRACE_S)

    async def read(self, within_s: float) -> bytes:
        """What has arrived, waiting up to `within_s`; PortGone when it went away."""
        taken = self._take()
        if not taken:
            await self._call(lambda: self._collect(within_s), within_s + _SLICE_S + _GRACE_S)
            taken = self._take()
        return taken

    async def close(self) -> None:
        """Closes the port and ends its thread."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._worker.call(self._device.close, within_s=CLOSE_LIMIT_S)
        except (OSError, serial.SerialException, TimeoutError):
            pass  # it is gone already, or hangs in the kernel: nothing more can be done
        finally:
            self._worker.stop()

    async def _call(self, job: Any, within_s: float) -> None:
        if self._closed:
            raise PortGone(self._name, "it was closed")
        try:
            await self._worker.call(job, within_s=within_s)
        except (OSError, serial.SerialException, TimeoutError, TypeError) as error:
            # a TypeError is how pyserial 3.5 says that another thread closed the port under it
            raise PortGone(self._name, _words(error)) from error

    def _collect(self, within_s: float) -> None:
        """On the thread: waits in slices, so that a wait its asker gave up ends soon."""
        slices = max(1, round(within_s / _SLICE_S))
        self._device.timeout = min(within_s, _SLICE_S)
        for _ in range(slices):
            got = self._device.read(1)
            if got:
                got += self._device.read(self._device.in_waiting)
                with self._lock:
                    self._kept += got
            if got or self._closed:
                return

    def _take(self) -> bytes:
        with self._lock:
            taken = bytes(self._kept)
            self._kept.clear()
        return taken


def _open(url: str, baud: int) -> Any:
    options: dict[str, Any] = {"baudrate": baud, "timeout": _SLICE_S}
    if not url.startswith(
        "rfc2217://"
    ):  # pyserial 3.5 knows no such bound there; SerialPort's own still holds
        options["write_timeout"] = WRITE_LIMIT_S
    if "://" not in url:
        options["exclusive"] = True  # two readers of one port look like an unplugged one
    return serial.serial_for_url(url, **options)


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
