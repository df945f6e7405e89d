"""A command line that is to run by itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rig.errors import InputError


@dataclass(frozen=True, slots=True)
class Job:
    """`command` begins with an absolute path; `resume` is what goes on with a run that was cut off, and does nothing
    when none was. `user` runs it, None for whoever owns the service manager or crontab.

    Raises:
        InputError: a value holds a line break or another control character, which neither systemd nor cron can carry.
    """

    name: str
    words: str
    command: tuple[str, ...]
    resume: tuple[str, ...]
    folder: str
    environment: Mapping[str, str]
    user: str | None = None

    def __post_init__(self) -> None:
        """Refuses what no unit file or crontab can carry."""
        for value in (self.words, *self.command, *self.resume, self.folder, *self.environment.values()):
            if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in value):
                raise InputError(f"{value!r} holds a control character and cannot be scheduled; rename it")
