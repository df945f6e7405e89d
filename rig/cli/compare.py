"""`pitboard compare`: one stored run against another."""

from __future__ import annotations

import click


@click.command("compare")
@click.argument("before", metavar="RUN", required=False, default="previous")
@click.argument("after", metavar="RUN", required=False, default="latest")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--home", envvar="PITBOARD_HOME", default=None, help="Results folder; also set by PITBOARD_HOME."
)
def compare(*, before: str, after: str, as_json: bool, home: str | None) -> int:
    """Say what is different between two runs, how large it is and how sure, and what changed on the bench.

    A run is named by its id or the start of it, by 'latest' or by 'previous'; without names the latest is
    compared with the one before. A figure over all cars is shown with its shift, its bounds from drawing whole
    cars, Cliff's delta and a p-value corrected for all figures; cars that differ by their own attempts or
    battery lives are named. Two runs are two nights: whether a difference lasts is for 'pitboard trend'.
    Exits 0 whatever it finds, 2 when there is nothing to compare.

    \b
    Examples:
      pitboard compare
      pitboard compare 20261121-2200 latest
      pitboard compare previous latest --json
    """  # noqa: D301 - click needs the backspace character itself
    from rig.cli import compare_run  # noqa: PLC0415 - scipy costs a second

    compare_run.show_comparison(before, after, home, as_json=as_json)
    return 0
