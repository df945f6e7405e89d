"""What `pitboard report` does once its options are read."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from rig.report.artefacts import RENDERERS
from rig.report.prometheus import render_prometheus
from rig.report.run_report import report_of
from rig.report.text import renderables
from rig.store.home import Home, find_home, is_held, write_atomically
from rig.store.queries import list_runs, load_run
from rig.store.rows import RunRow


def show_run(home: str | None, run_id: str | None, kind: str, out: Path | None) -> None:
    """Prints a run, or writes it to a file."""
    place = find_home(home)
    stored = load_run(place.database, run_id)
    report = report_of(stored, live=_status(place, stored.run) == "running")
    if out is not None:
        write_atomically(out, RENDERERS[kind](report))
        click.echo(str(out))
    elif kind == "text":
        console = Console(highlight=False)
        for part in renderables(report):
            console.print(part)
    else:
        click.echo(RENDERERS[kind](report), nl=False)


def write_gauges(home: str | None, run_id: str | None, out: Path) -> None:
    """Writes a run's figures for Prometheus, the whole file or none of it."""
    place = find_home(home)
    stored = load_run(place.database, run_id)
    report = report_of(stored, live=_status(place, stored.run) == "running")
    write_atomically(out, render_prometheus(report))
    click.echo(str(out))


def show_runs(home: str | None, *, as_json: bool) -> None:
    """Prints the stored runs, the latest first."""
    place = find_home(home)
    runs = list_runs(place.database)
    if as_json:
        documents = [
            {
                "run": run.run_id,
                "status": _status(place, run),
                "outcome": run.outcome,
                "plan": run.plan_name,
                "radio": run.radio,
                "seed": run.seed,
                "units": units,
                "started_at": run.started_at,
            }
            for run, units in runs
        ]
        click.echo(json.dumps(documents, indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
    for heading in ("run", "status", "outcome", "finished", "seed", "radio"):
        table.add_column(heading, overflow="fold")
    for run, units in runs:
        table.add_row(
            run.run_id, _status(place, run), run.outcome or "", f"{units} units", str(run.seed), run.radio
        )
    Console(highlight=False).print(table)


def _status(place: Home, run: RunRow) -> str:
    """As stored, but a run that says it is running and that nobody holds was killed."""
    if run.status == "running" and not is_held(place.run_folder(run.run_id)):
        return "killed"
    return run.status
