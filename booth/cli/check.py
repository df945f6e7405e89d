"""`pitboard booth check`: is this show pack good?"""

from __future__ import annotations

import json

import click

from booth.pack.advice import advice_on
from booth.pack.files import DEMO, load_pack


@click.command()
@click.argument("show", default=DEMO)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(show: str, as_json: bool) -> None:
    r"""Check a show pack and everything it names; exit 2 with one sentence when it is wrong.

    SHOW is a TOML file or the name of a shipped pack [default: demo].

    \b
    Examples:
      pitboard booth check spring-fair/show.toml
      pitboard booth check --json
    """
    pack = load_pack(show)
    points = advice_on(pack)
    if as_json:
        modes = {mode.name: mode.state.value for mode in pack.modes}
        told = {"name": pack.name, "digest": pack.digest, "modes": modes, "advice": list(points)}
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(f"{pack.name}: good ({pack.brand.client}, {' and '.join(pack.languages)})")
    for group in pack.sets:
        click.echo(f"  set {group.name}   {', '.join(car.label for car in group.cars)}")
    for mode in pack.modes:
        click.echo(f"  mode    {mode.name}: {mode.state.value}")
    click.echo(f"  draw    {pack.draw.prize}, closes {pack.draw.closes:%H:%M} {pack.time_zone}")
    click.echo(f"  digest  {pack.digest}")
    for point in points:
        click.echo(f"  still to do: {point}")
