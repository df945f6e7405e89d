"""A new show pack to fill in: the demo's, under the show's own name."""

from __future__ import annotations

import json
import re
from pathlib import Path

from booth.errors import BadInput, BoothBroken
from booth.pack.files import DEMO, pack_path

_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def new_pack(name: str, folder: Path) -> Path:
    """Writes `folder/show.toml` and its logo, and returns the pack's path. Never writes over anything.

    Raises:
        BadInput: something is there already, or the name cannot name a show.
        BoothBroken: the system refuses.
    """
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise BadInput(f"'{name}' cannot name a show; take 1 to 80 printable characters")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is there already and not empty; name a new folder with --dir")
    demo = pack_path(DEMO)
    lines = demo.read_text(encoding="utf-8").splitlines()
    body = "\n".join(line for line in lines if not line.startswith("#")).lstrip()
    body = re.sub(r'^name = "[^"]*"', lambda _: f"name = {json.dumps(name)}", body, count=1)
    head = (
        "# The show pack: everything a show is, as data. 'pitboard booth check' says what is wrong with it.\n"
        "# Change the client, the words, the colours and the cars; give [leads] the public_key that\n"
        "# 'pitboard booth keys new' prints. docs/booth-pack.md explains every key.\n\n"
    )
    pack = folder / "show.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "demo.svg").write_bytes((demo.parent / "demo.svg").read_bytes())
        pack.write_text(head + body + "\n", encoding="utf-8")
    except OSError as error:
        raise BoothBroken(f"cannot write {folder} ({error.strerror}); choose another with --dir") from error
    return pack


def folder_for(name: str) -> str:
    """A folder's name for a show's.

    Raises:
        BadInput: none of its characters can stand in one.
    """
    made = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.").lower()
    if not _FOLDER.fullmatch(made):
        raise BadInput(f"no folder can be named after '{name}'; name one with --dir")
    return made
