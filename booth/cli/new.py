"""`pitboard booth new`: a show pack to fill in."""

from __future__ import annotations

import json
from pathlib import Path

import click

from booth.pack.starting import folder_for, new_pack


@click.command()
@click.argument("name")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), help="Folder to make [default: after NAME]."
)
@click.option("--json", "as_json", is_flag=True, help="Print the path as JSON.")
def new(name: str, folder: Path | None, as_json: bool) -> None:
    r"""Write a new show pack, complete and valid, to fill in.

    \b
    Examples:
      pitboard booth new "Spring fair"
      pitboard booth new "Spring fair" --dir shows/spring
    """
    pack = new_pack(name, folder or Path(folder_for(name)))
    if as_json:
        click.echo(json.dumps({"pack": str(pack)}))
        return
    click.echo(f"{pack} is written. Next:")
    click.echo("  1. change the client, words, colours and cars in it")
    click.echo("  2. pitboard booth keys new client.key      and put the public key it prints into [leads]")
    click.echo(f"  3. pitboard booth check {pack}")
    click.echo(f"  4. pitboard booth run {pack}")
