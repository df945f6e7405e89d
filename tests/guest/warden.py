"""Runs a command and ends all that came of it when the command ends or the starter is gone.

`python -I warden.py COMMAND…` with the starter's end of a pipe as standard input: the pipe closes when the starter
ends in any way, kill -9 included. A process group would not do: User-mode Linux starts a session of its own. So this
process adopts every orphan among its descendants (PR_SET_CHILD_SUBREAPER) and kills until it has no child left.
A script of its own, standard library only, Linux.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None, use_errno=True)


def _children() -> list[int]:
    """The processes whose parent is this one."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = status.read_text(errors="replace").rpartition(")")[2].split()
            if int(after_name[1]) == os.getpid():
                found.append(int(status.parent.name))
    return found


def _end_all() -> None:
    while children := _children():
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        select.select([], [], [], 0.01)


def main() -> int:
    """The command's exit code; 128 + the signal number when a signal ended it."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)  # the starter decides, and closes the pipe
    command = subprocess.Popen(
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0),  # noqa: PLW1509 - no thread yet
    )

    def watch_the_starter() -> None:
        while os.read(0, 4096):
            pass
        command.kill()

    threading.Thread(target=watch_the_starter, daemon=True).start()
    code = command.wait()
    _end_all()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
