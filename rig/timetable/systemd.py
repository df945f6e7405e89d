"""Unit files for systemd. Pure.

Quoting after systemd.service(5) "Command lines", systemd.exec(5) and systemd.unit(5): `%` begins a specifier in every
value, `$` a variable in the arguments of a command (never in its path), and a double-quoted word knows backslash escapes.
"""

from __future__ import annotations

import re

from rig.errors import InputError
from rig.timetable.job import Job
from rig.timetable.when import When

STOP_LIMIT_S = 240
"""Longer than a safe end takes: links are let go of, chargers switched off and seen off by their meter."""
_NOT_IN_A_PATH = frozenset("\"'\\")
_PLAIN = re.compile(r"[A-Za-z0-9_./:=,+@-]+")


def units_of(job: Job, when: When, *, limit_h: float, for_user: bool) -> dict[str, str]:
    """File name -> text: the service, its timer, and the service that resumes at boot.

    `limit_h` hours after its start a run is told to end (SIGINT, as a person would: it is not to go on at the next boot, as
    after the SIGTERM of a machine that shuts down), which leaves a safe bench and a run that can be resumed.
    `for_user` makes them units of the user's own service manager.
    """
    return {
        f"{job.name}.service": _service(job, limit_h, for_user),
        f"{job.name}.timer": _timer(job, when),
        f"{job.name}-resume.service": _resume(job, limit_h, for_user),
    }


def _service(job: Job, limit_h: float, for_user: bool) -> str:
    return _unit(
        job,
        f"pitboard: {job.words}",
        # a run that was cut off is gone on with first; one after the other, never both on one bench
        after=f"{job.name}-resume.service",
        more=[f"OnFailure={job.name}-resume.service"],
        command=job.command,
        limit_h=limit_h,
        for_user=for_user,
        # 1 and 4 are verdicts about cars, 130 a stop that was asked for: the service itself did its work
        exits="1 4 130",
    )


def _resume(job: Job, limit_h: float, for_user: bool) -> str:
    text = _unit(
        job,
        f"pitboard: go on with a run that a power cut ended ({job.words})",
        after="",
        more=[],
        command=job.resume,
        limit_h=limit_h,
        for_user=for_user,
        exits="1 4 130",
    )
    return f"{text}\n[Install]\nWantedBy={'default' if for_user else 'multi-user'}.target\n"


def _timer(job: Job, when: When) -> str:
    return "\n".join(
        [
            "[Unit]",
            f"Description={_value(f'pitboard: when to run {job.words}')}",
            "",
            "[Timer]",
            f"OnCalendar={when.calendar}",
            "Persistent=true",  # a start missed while the machine was off is made up for
            "AccuracySec=1s",
            f"Unit={job.name}.service",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    )


def _unit(
    job: Job,
    description: str,
    *,
    after: str,
    more: list[str],
    command: tuple[str, ...],
    limit_h: float,
    for_user: bool,
    exits: str,
) -> str:
    behind = "bluetooth.target" if for_user else "bluetooth.target bluetooth.service time-sync.target"
    lines = [
        "[Unit]",
        f"Description={_value(description)}",
        f"After={' '.join(part for part in (behind, after) if part)}",
        "Wants=bluetooth.target",
        *more,
        "",
        "[Service]",
        "Type=oneshot",  # the next one waits until this one is through
        *([] if job.user is None or for_user else [f"User={_value(job.user)}"]),
        f"WorkingDirectory={_folder(job.folder)}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in job.environment.items()),
        f"ExecStart={_command(command)}",
        f"SuccessExitStatus={exits}",
        f"TimeoutStartSec={round(limit_h * 3600)}",
        "TimeoutStartFailureMode=abort",
        "WatchdogSignal=SIGINT",
        f"TimeoutStopSec={STOP_LIMIT_S}",
        "KillMode=mixed",
        "KillSignal=SIGTERM",
        "",
    ]
    return "\n".join(lines)


def _command(command: tuple[str, ...]) -> str:
    path, *arguments = command
    if not path.startswith("/"):
        raise InputError(f"'{path}' is no absolute path; systemd needs one")
    if set(path) & _NOT_IN_A_PATH:
        raise InputError(
            f"systemd starts no program with quotes or backslashes in its path: {path}; install it elsewhere"
        )
    return " ".join([_quoted(path), *(_quoted(word.replace("$", "$$")) for word in arguments)])


def _quoted(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _value(text: str) -> str:
    return text.replace("%", "%%").rstrip("\\")


def _folder(path: str) -> str:
    if path != path.strip() or path.endswith("\\"):
        raise InputError(
            f"systemd cannot work in the folder {path!r}; rename it, or call this from another one"
        )
    return path.replace("%", "%%")
