"""Looks at the machine under the booth. Every probe takes the root it looks under, so that tests can make one."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from booth.doctor.facts import Updates

_DAY_S = 86_400
_PROBE_LIMIT_S = 20
_SIOCGIFADDR = 0x8915  # linux/sockios.h
_QUIET = {"LC_ALL": "C", "PATH": os.environ.get("PATH", "/usr/bin:/bin")}


def updates(now: datetime, root: Path = Path("/")) -> Updates | None:
    """The system's packages; None where there is no apt to ask."""
    lists = root / "var/lib/apt/lists"
    said = _said("apt-get", "--simulate", "-o", "Debug::NoLocking=true", "upgrade")
    try:
        days = (now.timestamp() - lists.stat().st_mtime) / _DAY_S
    except OSError:
        return None
    if said is None:
        return None
    waiting = sum(line.startswith("Inst ") for line in said.splitlines())
    wanted = (root / "run/reboot-required").exists() or (root / "var/run/reboot-required").exists()
    return Updates(waiting, max(days, 0.0), wanted)


def on_mains(root: Path = Path("/")) -> bool | None:
    """Whether a mains supply feeds this machine; None on one that has no such supply to tell of."""
    told = []
    for supply in sorted((root / "sys/class/power_supply").glob("*")):
        try:
            if (supply / "type").read_text(encoding="ascii").strip() == "Mains":
                told.append((supply / "online").read_text(encoding="ascii").strip() == "1")
        except OSError:
            continue
    return any(told) if told else None


def clock_synchronised() -> bool | None:
    """Whether the network sets the clock; None where nobody tells."""
    said = _said("timedatectl", "show", "--property=NTPSynchronized", "--value")
    return {"yes": True, "no": False}.get((said or "").strip())


def free_mb(folder: Path) -> int | None:
    """Megabytes free where the show keeps its files."""
    try:
        return shutil.disk_usage(_existing(folder)).free // 1_000_000
    except OSError:
        return None


def why_not_writable(folder: Path) -> str | None:
    """Why nothing can be written there; None when it can. Leaves nothing behind."""
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)):
            return None
    except OSError as error:
        return f"{folder} cannot be written ({error.strerror})"


def addresses() -> tuple[str, ...]:
    """This machine's IPv4 addresses that others could reach, without the loopback's."""
    found = []
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asker:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(asker, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:  # it has none
                continue
            found.append(socket.inet_ntoa(answer[20:24]))
    return tuple(address for address in found if not address.startswith("127."))


def port_taken(port: int) -> bool:
    """Whether a program listens on a TCP port of this machine."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("", port))
        except OSError:
            return True
    return False


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _said(*command: str) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no shell
            command, capture_output=True, text=True, timeout=_PROBE_LIMIT_S, check=False, env=_QUIET
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
