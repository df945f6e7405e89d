"""`pitboard booth keys`: the pair that leads are sealed with."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import click

from booth.errors import BadInput
from booth.people.sealing import make_key, read_key
from rig.store.home import find_home


@click.group()
def keys() -> None:
    r"""The pair of keys of a show: the public one in its pack seals leads, the private one opens them.

    \b
    Examples:
      pitboard booth keys new /media/stick/fair.key
      pitboard booth keys show /media/stick/fair.key
    """


@keys.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--home", envvar="PITBOARD_HOME", help="Results folder; also set by PITBOARD_HOME.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def new(file: Path, home: str | None, as_json: bool) -> None:
    r"""Make a pair: the private key goes to FILE, for its owner alone; the public key is printed, for the pack.

    FILE belongs on a stick or another machine, never on the booth's: whoever has both has the leads. Without it
    nobody can ever read them, so keep two copies.

    \b
    Examples:
      pitboard booth keys new /media/stick/fair.key
    """
    results = find_home(home).path.resolve()
    if file.resolve().is_relative_to(results):
        raise BadInput(
            f"{file} lies in the results folder {results}, beside the leads; put the key on a stick"
        )
    public = make_key(file)
    if as_json:
        click.echo(json.dumps({"private_key_file": str(file), "public_key": public}))
        return
    click.echo(
        f'the private key is in {file}; keep two copies, none of them at the booth\n\n[leads]\npublic_key = "{public}"'
    )


@keys.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(file: Path, as_json: bool) -> None:
    r"""Print the public key that belongs to a private one, and its id.

    \b
    Examples:
      pitboard booth keys show /media/stick/fair.key
    """
    opener = read_key(file)
    public = base64.b64encode(opener.public).decode()
    if as_json:
        click.echo(json.dumps({"public_key": public, "key_id": opener.key_id}))
    else:
        click.echo(f'public_key = "{public}"\nkey id     {opener.key_id}')
