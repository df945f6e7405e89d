"""`pitboard trend`: what the nights of one plan show together."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("trend")
@click.argument("run", required=False)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="Only this figure, e.g. battery.* ; repeatable.",
)
@click.option("--car", "cars", multiple=True, metavar="NAME", help="Only this car; repeatable.")
@click.option("--last", type=click.IntRange(1), default=None, metavar="N", help="Only the last N nights.")
@click.option(
    "--nights",
    "nights_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="Take the nights from a file that --json wrote, not from the stored runs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with the figures of every night.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write it as one HTML page."
)
@click.option(
    "--home", envvar="PITBOARD_HOME", default=None, help="Results folder; also set by PITBOARD_HOME."
)
def trend(
    *,
    run: str | None,
    metrics: tuple[str, ...],
    cars: tuple[str, ...],
    last: int | None,
    nights_file: Path | None,
    as_json: bool,
    out: Path | None,
    home: str | None,
) -> int:
    """Say what changed over the nights: batteries that fade, and the night on which something stepped.

    Takes the finished runs of the same plan on the same radio as RUN (the latest; the start of its id, or
    'previous', will do), one a night. A fading and a step are told only when they are large enough to matter,
    held for three nights and would hardly come by chance in any figure of any car; before the tenth night it
    says how many are missing. Exits 0 whatever it finds, 2 when there is nothing to look at.

    \b
    Examples:
      pitboard trend
      pitboard trend --metric 'battery.*' --last 30
      pitboard trend --out trend.html
      pitboard trend --json > trend.json
      pitboard trend --nights trend.json --car 'Skull A1'
    """  # noqa: D301 - click needs the backspace character itself
    from rig.cli import trend_run  # noqa: PLC0415 - scipy and matplotlib cost a second

    wanted = trend_run.Wanted(run, metrics, cars, last)
    trend_run.show_trend(wanted, home, nights_file, as_json=as_json, out=out)
    return 0
