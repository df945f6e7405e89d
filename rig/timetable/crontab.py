"""Lines for `crontab -e`. Pure.

After crontab(5): the sixth field goes to /bin/sh, and a `%` in it ends the command unless a backslash stands before it,
also within quotes.
"""

from __future__ import annotations

import shlex

from rig.timetable.job import Job
from rig.timetable.when import When


def lines_of(job: Job, when: When, *, limit_h: float, log: str) -> tuple[str, str]:
    """The line that starts a run, and the one that goes on after a power cut. Output is appended to `log`.

    `limit_h` hours after its start coreutils' `timeout` sends SIGINT, as systemd would; a SIGTERM it hands on.
    """
    return (
        f"{when.cron_fields} {_shell(job, job.command, limit_h, log)}",
        f"@reboot {_shell(job, job.resume, limit_h, log)}",
    )


def _shell(job: Job, command: tuple[str, ...], limit_h: float, log: str) -> str:
    limit = ("timeout", "--signal=INT", str(round(limit_h * 3600)))
    settings = [f"{name}={shlex.quote(value)}" for name, value in job.environment.items()]
    line = " ".join([*settings, *limit, *(shlex.quote(word) for word in command)])
    return f"cd {shlex.quote(job.folder)} && {line} >> {shlex.quote(log)} 2>&1".replace("%", "\\%")
