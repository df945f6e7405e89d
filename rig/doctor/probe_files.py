"""Reads small files of /sys, /proc and /etc; what cannot be read becomes a fact that says why."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

from rig.doctor.facts import Unknown

LONGEST = 65536  # bytes; none of the files we read is longer
_WORDS = {
    errno.ENOENT: "not there",
    errno.EACCES: "not readable: permission denied",
    errno.EPERM: "not readable: permission denied",
}


def why_not(error: OSError) -> Unknown:
    """An OSError as a fact, in few words."""
    return Unknown(_WORDS.get(error.errno or 0, (error.strerror or str(error)).lower()))


def text_of(path: Path) -> str | Unknown:
    """The stripped text of a small file; odd bytes are replaced."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST).decode("utf-8", "replace").strip("\x00 \t\r\n")
    except OSError as error:
        return why_not(error)


def entries(folder: Path) -> list[Path] | Unknown:
    """The folder's entries, sorted by name with numbers as numbers (hci2 before hci10)."""
    try:
        return sorted(folder.iterdir(), key=lambda path: (len(path.name), path.name))
    except OSError as error:
        return why_not(error)


def link_name(path: Path) -> str | None:
    """The last part of what a link leads to; None when it is no link."""
    try:
        return path.readlink().name
    except OSError:
        return None


def lines_of(text: str | Unknown) -> Iterator[str]:
    """The lines of a text that may be unknown."""
    return iter(()) if isinstance(text, Unknown) else iter(text.splitlines())
