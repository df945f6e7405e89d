"""What this machine allows: the answers that `engine.choose` decides on."""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.guest.engine import Probed

PROBE = Path(__file__).with_name("probe.py")


def memory_folder(needed_bytes: int) -> str | None:
    """The first folder that takes the guest's memory: room enough, and executable mappings allowed."""
    for folder in dict.fromkeys(("/dev/shm", tempfile.gettempdir(), "/var/tmp")):
        try:
            room = os.statvfs(folder)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.truncate(mmap.PAGESIZE)
                mmap.mmap(
                    file.fileno(), mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
                ).close()
        except OSError:
            continue
        if room.f_bavail * room.f_frsize >= needed_bytes:
            return folder
    return None


def probed(memory_bytes: int) -> Probed:
    """Asks the machine, in a process of its own."""
    asked = [sys.executable, "-I", str(PROBE)]
    shown = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
    answer = json.loads(shown.stdout) if shown.returncode == 0 else {
        "machine": os.uname().machine, "ptrace": False, "xstate_bytes": 0,
        "refusal": "the ptrace probe was killed",
    }  # fmt: skip
    return Probed(**answer, memory_folder=memory_folder(memory_bytes))
