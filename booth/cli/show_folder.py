"""Where a show's stores are: HOME/booth/<show>."""

from __future__ import annotations

from pathlib import Path

from booth.pack.model import ShowPack
from booth.pack.starting import folder_for
from rig.store.home import find_home


def show_folder(home: str | None, pack: ShowPack) -> Path:
    """The folder of a show's stores under the results folder the user named, or the usual one.

    Raises:
        BadInput: no folder can be named after the show.
    """
    return find_home(home).path / "booth" / folder_for(pack.name)
