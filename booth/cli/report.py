"""`pitboard booth report`: the day in figures, for account service and for IT."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from booth.cli.show_folder import show_folder
from booth.errors import BadInput, BoothBroken
from booth.handover.report.gathering import read_counts, records_of
from booth.handover.report.html import render_html
from booth.handover.report.json import as_document
from booth.handover.report.model import LogProof, day_report, day_span
from booth.handover.report.returns import PeopleCounts, Pipeline
from booth.handover.report.text import day_text
from booth.log.store import FILE, ShowLog
from booth.pack.files import DEMO, load_pack
from booth.people.store import FILE as PEOPLE_FILE
from booth.people.store import PeopleStore
from rig.clock import SystemClock
from rig.errors import RigError
from rig.store.home import write_atomically


@click.command()
@click.option("--show", default=DEMO, show_default=True, help="Show pack: a file or a shipped name.")
@click.option("--day", metavar="YYYY-MM-DD", help="The day of the show [default: today].")
@click.option(
    "--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write it as one page."
)
@click.option(
    "--counts",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Counts of people, as JSON [default: the booth's].",
)
@click.option(
    "--pipeline",
    type=(float, float, float),
    metavar="BEFORE AFTER WIN_RATE",
    help="Sales' pipeline before and after the show, and the share usually won.",
)
@click.option("--responsiveness", type=float, metavar="MS", help="Measured P95 from input to write.")
@click.option("--home", envvar="PITBOARD_HOME", help="Results folder; also set by PITBOARD_HOME.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def report(
    *,
    show: str,
    day: str | None,
    html_file: Path | None,
    counts: Path | None,
    pipeline: tuple[float, float, float] | None,
    responsiveness: float | None,
    home: str | None,
    as_json: bool,
) -> None:
    r"""The day in figures: two views of one log, for account service and for IT, with a glossary of both.

    People are counted from what they left at the booth. --counts takes the numbers from elsewhere: a JSON object of entries, leads, lead_players, consented, qualified and calls_to_action (scans by code).

    \b
    Examples:
      pitboard booth report
      pitboard booth report --day 2026-11-22 --html day.html
      pitboard booth report --json
    """
    pack = load_pack(show)
    now = SystemClock().utc_now()
    chosen = _day(day) if day is not None else now.astimezone(ZoneInfo(pack.time_zone)).date()
    whole = day_span(chosen, pack.time_zone)
    folder = show_folder(home, pack)
    with ShowLog(folder / FILE) as log:
        records = records_of(log, whole.start, whole.end)
        proof = LogProof(log.last_link, log.fault())
    made = day_report(
        pack,
        chosen,
        records,
        now,
        proof=proof,
        people=_people(folder, chosen) if counts is None else read_counts(counts),
        pipeline=None if pipeline is None else Pipeline(*pipeline),
        responsiveness_p95_ms=responsiveness,
    )
    if html_file is not None:
        _write(html_file, render_html(made))
    if as_json:
        click.echo(json.dumps(as_document(made), indent=2, ensure_ascii=False))
    else:
        click.echo(day_text(made))


def _people(folder: Path, day: date) -> PeopleCounts | None:
    """What the booth knows of its people that day; None: it keeps none."""
    path = folder / PEOPLE_FILE
    if not path.is_file():
        return None
    with PeopleStore(path, SystemClock()) as people:
        return PeopleCounts(**asdict(people.counts(day)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"--day takes a date such as 2026-11-22, not '{text}'") from error


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, text)
    except RigError as error:
        raise BoothBroken(f"{error.what_happened}; name another file with --html") from error
