"""Linux timerfd: `os.timerfd_*` where Python has it (3.13), the C library through ctypes before."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any

_CLOCK_MONOTONIC = 1
_TFD_TIMER_ABSTIME = 1
_TFD_NONBLOCK = os.O_NONBLOCK if sys.platform != "win32" else 0
_TFD_CLOEXEC = getattr(os, "O_CLOEXEC", 0)


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


@cache
def _c_library() -> Any:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    return library if hasattr(library, "timerfd_create") else None


def timerfd_available() -> bool:
    """Whether this system has timerfd at all."""
    return hasattr(os, "timerfd_create") or _c_library() is not None


class ExpiryTimer:
    """A timer that expires at `first_s` on CLOCK_MONOTONIC and every `period_s` seconds from then on.

    `fd` is readable while there are expirations to collect. The kernel keeps the schedule in whole
    nanoseconds, so it does not drift whenever they are collected.
    """

    def __init__(self, first_s: float, period_s: float) -> None:
        """Raises:
        OSError: no file descriptor left, or timerfd is not available.
        """
        self.fd = _create()
        try:
            _set_schedule(self.fd, max(1, round(first_s * 1e9)), round(period_s * 1e9))
        except OSError:
            os.close(self.fd)
            raise

    def expirations(self) -> int:
        """How often the timer expired since the last call; 0 when not at all."""
        try:
            return int.from_bytes(os.read(self.fd, 8), sys.byteorder)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Frees the file descriptor."""
        os.close(self.fd)


if sys.version_info >= (3, 13) and sys.platform == "linux":

    def _create() -> int:
        return os.timerfd_create(_CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)

    def _set_schedule(fd: int, first_ns: int, period_ns: int) -> None:
        os.timerfd_settime_ns(fd, flags=os.TFD_TIMER_ABSTIME, initial=first_ns, interval=period_ns)

else:

    def _create() -> int:
        library = _c_library()
        if library is None:
            raise OSError("this system has no timerfd")
        fd: int = library.timerfd_create(_CLOCK_MONOTONIC, _TFD_NONBLOCK | _TFD_CLOEXEC)
        if fd < 0:
            raise _last_error()
        return fd

    def _set_schedule(fd: int, first_ns: int, period_ns: int) -> None:
        schedule = _Itimerspec(
            interval=_Timespec(*divmod(period_ns, 1_000_000_000)),
            value=_Timespec(*divmod(first_ns, 1_000_000_000)),
        )
        if _c_library().timerfd_settime(fd, _TFD_TIMER_ABSTIME, ctypes.byref(schedule), None) < 0:
            raise _last_error()

    def _last_error() -> OSError:
        number = ctypes.get_errno()
        return OSError(number, os.strerror(number))
