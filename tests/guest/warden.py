"""Runs a command in this process's group and ends the whole group when the starter is gone.

`python -I warden.py COMMAND…` with the starter's end of a pipe as standard input: the pipe closes when the starter
ends in any way, kill -9 included, and then nothing of the group is left. A script of its own, standard library only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def _watch_the_starter() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> int:
    """The command's exit code; 128 + the signal number when a signal ended it."""
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_watch_the_starter, daemon=True).start()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)  # the starter decides, then closes the pipe
    code = command.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
