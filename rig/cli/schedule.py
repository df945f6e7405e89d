"""`pitboard schedule`: what to give systemd or cron so that a soak runs every night."""

from __future__ import annotations

import getpass
import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rig.errors import BenchError, InputError

if TYPE_CHECKING:
    from rig.timetable.job import Job

_SAFE_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("soak_arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PLAN] [SOAK OPTIONS]")
@click.option("--at", required=True, metavar="HH:MM", help="When, by this machine's local clock.")
@click.option("--days", default="", metavar="DAYS", help="On which days, e.g. mon-fri or mon,wed; every day.")
@click.option("--limit-h", type=click.FloatRange(0.1, 168), default=11.0, show_default=True,
              help="Hours after which a run is told to end, with a safe bench.")  # fmt: skip
@click.option("--name", default="pitboard-soak", show_default=True, help="Name of the units.")
@click.option("--systemd", "form", flag_value="systemd", help="Only the systemd units.")
@click.option("--cron", "form", flag_value="cron", help="Only the crontab lines.")
@click.option("--for-user", is_flag=True, help="Units for 'systemctl --user' instead of the system's.")
@click.option("--write", "folder", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Write the unit files to this folder instead of printing them.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
def schedule(
    *,
    soak_arguments: tuple[str, ...],
    at: str,
    days: str,
    limit_h: float,
    name: str,
    form: str | None,
    for_user: bool,
    folder: Path | None,
    as_json: bool,
) -> int:
    r"""Print what makes a soak run by itself: a systemd timer with its services, and crontab lines.

    What follows the options is given to 'pitboard soak' and checked now. The service runs in the current folder, as the
    current user, with the results folder of today. SIGTERM ends a run with a safe bench; what a power cut or a
    reboot ended is gone on with at boot; a start missed meanwhile is made up for, after that.

    JSON keys: command, resume, folder, environment, user, calendar, units (file name -> text), crontab.

    \b
    Examples:
      pitboard schedule --at 22:00
      pitboard schedule --at 21:30 --days mon-fri --radio ble:hci1 --cars 0880eadb,1b52d09f
      pitboard schedule reconnect --at 22:00 --write /etc/systemd/system
      pitboard schedule --at 22:00 --cron
    """
    from rig.timetable.crontab import lines_of  # noqa: PLC0415 - the help must not wait for them
    from rig.timetable.systemd import units_of  # noqa: PLC0415
    from rig.timetable.when import parse_when  # noqa: PLC0415

    if not name or set(name) - _SAFE_NAME or name.startswith("."):
        raise InputError(f"'{name}' is no unit name; use letters, digits, '-', '_' and '.'")
    when = parse_when(at, days)
    job = _job(name, soak_arguments)
    units = units_of(job, when, limit_h=limit_h, for_user=for_user)
    log = str(Path(job.environment["PITBOARD_HOME"]) / "schedule.log")
    lines = lines_of(job, when, limit_h=limit_h, log=log)
    if folder is not None:
        from rig.store.home import write_atomically  # noqa: PLC0415

        for file, text in units.items():
            write_atomically(folder / file, text)
    if as_json:
        record = {
            "command": list(job.command),
            "resume": list(job.resume),
            "folder": job.folder,
            "environment": dict(job.environment),
            "user": job.user,
            "calendar": when.calendar,
            "units": units,
            "crontab": list(lines),
        }
        click.echo(json.dumps(record))
        return 0
    if form != "cron":
        _print_units(job, units, folder, for_user=for_user)
    if form != "systemd" and folder is None:
        click.echo(f"# for 'crontab -e' of {job.user or 'this user'}")
        for line in lines:
            click.echo(line)
    return 0


def _print_units(job: Job, units: dict[str, str], folder: Path | None, *, for_user: bool) -> None:
    systemctl = "systemctl --user" if for_user else "systemctl"
    home = folder or Path("~/.config/systemd/user" if for_user else "/etc/systemd/system")
    for file, text in units.items():
        if folder is None:
            click.echo(f"# {home / file}\n{text}")
        else:
            click.echo(f"written: {folder / file}")
    linger = f"; loginctl enable-linger {shlex.quote(job.user or getpass.getuser())}" if for_user else ""
    click.echo(
        f"# then: {systemctl} daemon-reload; {systemctl} enable --now {job.name}.timer;"
        f" {systemctl} enable {job.name}-resume.service{linger}"
    )


def _job(name: str, arguments: tuple[str, ...]) -> Job:
    from rig.cli.soak import soak  # noqa: PLC0415 - as above
    from rig.soak.run_plan import load_run_plan  # noqa: PLC0415
    from rig.store.home import find_home  # noqa: PLC0415
    from rig.timetable.job import Job  # noqa: PLC0415

    given = soak.make_context("soak", list(arguments)).params  # refuses what soak would refuse at night
    if given["resume"] is not None or given["list_plans"]:
        raise InputError("a schedule starts new runs; leave --resume and --list-plans out")
    if given["plan"]:
        load_run_plan(given["plan"])
    home = str(find_home(given["home"]).path.absolute())
    program = pitboard_program()
    words = given["plan"] or "soak"
    return Job(
        name=name,
        words=words,
        command=(program, "soak", *arguments),
        resume=(program, "soak", "--resume", "--if-cut", "--home", home),
        folder=str(Path.cwd()),
        environment={"PITBOARD_HOME": home},
        user=getpass.getuser(),
    )


def pitboard_program() -> str:
    """The absolute path of the installed `pitboard`: the one beside this interpreter, else the one that was called.

    Raises:
        BenchError: there is none.
    """
    beside = Path(sys.executable).with_name("pitboard")
    called = Path(sys.argv[0]).absolute()
    for program in (beside, called if called.name == "pitboard" else None, shutil.which("pitboard")):
        if program and os.access(program, os.X_OK) and Path(program).is_file():
            return str(Path(program).absolute())
    raise BenchError("there is no pitboard program beside this Python; install pitboard, then schedule it")
