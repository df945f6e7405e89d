"""`pitboard report`: renders a stored run again."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report")
@click.argument("run", required=False)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json", "junit", "html"]),
    default="text",
    help="Which form.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write to this file."
)
@click.option(
    "--prometheus",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help="Write the figures as gauges for Prometheus to this file, and print nothing else.",
)
@click.option("--list", "list_only", is_flag=True, help="Show the stored runs.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--home", envvar="PITBOARD_HOME", default=None, help="Results folder; also set by PITBOARD_HOME."
)
def report(
    *,
    run: str | None,
    kind: str,
    out: Path | None,
    prometheus: Path | None,
    list_only: bool,
    as_json: bool,
    home: str | None,
) -> int:
    """Render a stored soak run again: the latest, or RUN (the start of its id, or 'previous').

    Exits 0 whatever the run's verdict was.

    \b
    Examples:
      pitboard report
      pitboard report --list
      pitboard report 20261122-2215 --format html --out night.html
      pitboard report --prometheus pitboard.prom
    """  # noqa: D301 - click needs the backspace character itself
    from rig.cli import report_run  # noqa: PLC0415 - scipy and matplotlib cost a second

    if list_only:
        report_run.show_runs(home, as_json=as_json)
    elif prometheus is not None:
        report_run.write_gauges(home, run, prometheus)
    else:
        report_run.show_run(home, run, "json" if as_json else kind, out)
    return 0
