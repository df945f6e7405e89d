"""`pitboard booth card`: the two-minute teaching card."""

from __future__ import annotations

from pathlib import Path

import click

from booth.handover.card.page import card_page
from booth.pack.files import DEMO, load_pack, pack_path
from rig.store.home import write_atomically


@click.command()
@click.argument("show", default=DEMO)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("card.html"),
    show_default=True,
    help="File to write; print it from any browser.",
)
def card(show: str, html: Path) -> None:
    r"""Write the teaching card of a show: crew, the client's people and visitors, a page for each language.

    SHOW is a TOML file or the name of a shipped pack [default: demo].

    \b
    Examples:
      pitboard booth card
      pitboard booth card spring-fair/show.toml --html card.html
    """
    write_atomically(html, card_page(load_pack(show), pack_path(show)))
    click.echo(f"{html} is written; print it from any browser")
