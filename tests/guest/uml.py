"""The command line of a User-mode-Linux guest. Pure."""

from __future__ import annotations

from pathlib import Path

from tests.guest.job import Exchange

MEMORY_MB = 1024


def exchange(folder: Path) -> Exchange:
    """The exchange folder as a second view into the host's files, the only writable one."""
    return Exchange("hostfs", "none", str(folder))


def command(kernel: Path, folder: Path) -> list[str]:
    """Boots `folder/init` on the host's root, mounted read-only.

    `umid` files go into the run's folder (the default is ~/.uml); a panic ends the process at once.
    """
    return [
        str(kernel), f"mem={MEMORY_MB}M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
        f"init={folder}/init", f"uml_dir={folder}", "umid=uml", "con=null", "con0=null,fd:1", "ssl=null",
        "quiet", "panic=-1",
    ]  # fmt: skip
