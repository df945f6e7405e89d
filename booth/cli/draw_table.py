"""Where the commands of a draw work: one show, its draws, and the options they all take."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import update_wrapper
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import click

from booth.cli.draw_text import as_document, draw_text
from booth.cli.show_folder import show_folder
from booth.draw.acts import What
from booth.draw.ceremony import Ceremony
from booth.draw.store import DrawStore
from booth.errors import BadInput
from booth.pack.files import DEMO, load_pack
from booth.pack.model import ShowPack
from rig.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Table:
    """Where a command works: the show, its draws, the draw named or today's, who signs, and how to print."""

    pack: ShowPack
    draws: DrawStore
    named: str | None
    by: str
    as_json: bool
    now: datetime

    @property
    def today(self) -> date:
        """The show's day."""
        return self.now.astimezone(ZoneInfo(self.pack.time_zone)).date()

    @property
    def name(self) -> str:
        """The draw this command is about.

        Raises:
            BadInput: there is none today.
        """
        if self.named is not None:
            return self.named
        name = self.draws.latest(self.today)
        if name is None:
            raise BadInput(
                f"no draw on {self.today}; 'pitboard booth draw declare' begins one, --draw names another"
            )
        return name

    def do(self, what: What) -> None:
        """Does one act and prints the draw after it."""
        self.tell(self.draws.do(self.name, what, self.now, self.by))

    def tell(self, ceremony: Ceremony) -> None:
        """Prints a draw."""
        if self.as_json:
            click.echo(json.dumps(as_document(self.name, ceremony, self.now), indent=2, ensure_ascii=False))
        else:
            click.echo(draw_text(self.name, ceremony, self.now))


def at_the_table(command: Callable[..., None]) -> Callable[..., None]:
    """The options every command of a draw takes, handed over as one `Table`."""

    def run(
        show: str, home: str | None, draw_name: str | None, by: str, as_json: bool, **options: Any
    ) -> None:
        pack = load_pack(show)
        draws = DrawStore(show_folder(home, pack) / "draws", version("pitboard"))
        command(Table(pack, draws, draw_name, by, as_json, SystemClock().utc_now()), **options)

    made: Callable[..., None] = update_wrapper(run, command)
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option(
            "--by", default="crew", show_default=True, help="Who does it: a role or initials, no name."
        ),
        click.option(
            "--draw", "draw_name", metavar="DAY", help="The draw, e.g. 2026-11-22 [default: today's]."
        ),
        click.option("--home", envvar="PITBOARD_HOME", help="Results folder; also set by PITBOARD_HOME."),
        click.option("--show", default=DEMO, show_default=True, help="Show pack: a file or a shipped name."),
    ):
        made = option(made)
    return made
