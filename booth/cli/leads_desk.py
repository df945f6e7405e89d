"""What every command of `pitboard booth leads` stands on: the show's store, found by name, pack or folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from booth.cli.show_folder import show_folder
from booth.errors import BadInput, BoothError
from booth.pack.files import DEMO, load_pack
from booth.pack.model import ShowPack
from booth.pack.starting import folder_for
from booth.people.office import Office
from booth.people.store import FILE, PeopleStore
from rig.clock import SystemClock
from rig.store.home import find_home

_REGION = "US"


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, its office, who works and how to print. `pack` is known where the show was named by its pack."""

    people: PeopleStore
    office: Office
    pack: ShowPack | None
    by: str
    as_json: bool
    now: datetime

    @property
    def keep_out(self) -> Path:
        """Where no opened lead may be written: the results folder the store is in, or the folder of a copy."""
        folder = self.people.path.resolve().parent
        return folder.parents[1] if folder.parent.name == "booth" else folder

    @property
    def region(self) -> str:
        """Of telephone numbers without a country code."""
        return _REGION if self.pack is None else self.pack.leads.region

    def tell(self, body: Mapping[str, Any], text: str) -> None:
        """Prints one or the other."""
        click.echo(json.dumps(body, indent=2, ensure_ascii=False) if self.as_json else text)


def at_the_desk(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """The options every command takes, handed over as one `Desk`."""

    def run(show: str, home: str | None, by: str, as_json: bool, **options: Any) -> int | None:
        clock = SystemClock()
        path, pack = _find(show, home)
        with PeopleStore(path, clock) as people:
            return command(Desk(people, Office(people, clock), pack, by, as_json, clock.utc_now()), **options)

    made: Callable[..., int | None] = update_wrapper(run, command)
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option(
            "--by", default="crew", show_default=True, help="Who does it: a role or initials, for the log."
        ),
        click.option("--home", envvar="PITBOARD_HOME", help="Results folder; also set by PITBOARD_HOME."),
        click.option(
            "--show",
            default=DEMO,
            show_default=True,
            metavar="NAME_OR_HOME",
            help="The show: its name, its pack, its folder, or a copy of its people.db.",
        ),
    ):
        made = option(made)
    return made


def _find(show: str, home: str | None) -> tuple[Path, ShowPack | None]:
    """The file of a show's people, and its pack where that is what was named.

    Raises:
        BadInput: no such show.
    """
    given = Path(show)
    if (given / FILE).is_file():
        return given / FILE, None
    if given.is_file() and given.suffix != ".toml":
        return given, None
    try:
        pack = load_pack(show)
    except BoothError:
        if given.suffix == ".toml":
            raise
    else:
        return show_folder(home, pack) / FILE, pack
    shows = find_home(home).path / "booth"
    named = shows / folder_for(show) / FILE
    if named.is_file():
        return named, None
    there = sorted(each.parent.name for each in shows.glob(f"*/{FILE}"))
    raise BadInput(f"no show '{show}' has leads in {shows}; there are {', '.join(there) or 'none yet'}")
