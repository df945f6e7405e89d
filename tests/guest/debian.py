"""Debian packages: which are missing, and installing them where that is possible. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable

FOR_TESTS = ("chromium", "tshark")
FOR_GUEST = (
    "linux-source-6.12", "bc", "bison", "bluez", "dbus", "flex", "gcc", "libc6-dev", "make", "xz-utils",
)  # fmt: skip
"""What building the guest's kernel and running BlueZ in it takes (docs/real-bluetooth.md)."""
FOR_QEMU = ("bluez", "busybox-static", "dbus", "qemu-system-x86")
"""What the fallback takes; its kernel is only unpacked, never installed."""
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}


class CannotInstallError(Exception):
    """Packages are missing and cannot be installed here; the sentence says which and what to do."""


def version(package: str) -> str | None:
    """The installed version of a package; None when it is not installed or this is no Debian."""
    if shutil.which("dpkg-query") is None:
        return None
    asked = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package]
    shown = subprocess.run(asked, capture_output=True, text=True, check=False, env={**os.environ, **QUIET})
    status, _, found = shown.stdout.partition(" ")
    return found if shown.returncode == 0 and status == "installed" else None


def missing(packages: Iterable[str]) -> list[str]:
    """Those of the packages that are not installed, in order."""
    return [package for package in packages if version(package) is None]


def why_not() -> str | None:
    """What keeps this process from installing packages; None when nothing does."""
    if shutil.which("apt-get") is None:
        return "this system has no apt-get"
    if os.geteuid() != 0:
        return "installing needs root"
    return None


def install(packages: Iterable[str]) -> list[str]:
    """Installs what is missing and returns it; asks apt-get only when something is.

    Raises:
        CannotInstallError: something is missing and apt-get is absent, barred, or failed.
    """
    wanted = missing(packages)
    if not wanted:
        return []
    listed = " ".join(wanted)
    if reason := why_not():
        raise CannotInstallError(f"missing Debian packages: {listed} ({reason}); install them and try again")
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted],
    ):
        print("+", " ".join(command), flush=True)
        done = subprocess.run(
            command, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
            raise CannotInstallError(f"apt-get could not install {listed}: {last[0]}")
    if still := missing(wanted):
        raise CannotInstallError(f"apt-get reported success but {' '.join(still)} is not installed")
    return wanted
