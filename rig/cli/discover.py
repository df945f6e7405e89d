"""Finds every package's command table by entry point, cheaply.

`importlib.metadata` costs about three times a bare interpreter start (it imports `email`, `csv`, `zipfile`),
which alone would break the start-up budget of `pitboard --help`. The entry-points file format is a
plain INI section, so the handful of `*.dist-info/entry_points.txt` files on the path are read directly;
a test proves the answer equals `importlib.metadata`'s.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module

GROUP = "pitboard.commands"


def entry_points(path: list[str] | None = None) -> dict[str, str]:
    """Name -> `module:attribute` of every entry point in the group, first on the path wins."""
    found: dict[str, str] = {}
    for text in _metadata_files(sys.path if path is None else path):
        for name, target in _parse(text):
            found.setdefault(name, target)
    return dict(sorted(found.items()))


def command_tables() -> dict[str, tuple[str, str]]:
    """Command name -> (`module:attribute`, one-line help), of all installed packages."""
    merged: dict[str, tuple[str, str]] = {}
    for target in entry_points().values():
        merged.update(resolve(target))
    return dict(sorted(merged.items()))


def resolve(target: str) -> dict[str, tuple[str, str]]:
    """The object behind `module:attribute`."""
    module, _, attribute = target.partition(":")
    table: dict[str, tuple[str, str]] = getattr(import_module(module), attribute)
    return table


def _metadata_files(path: list[str]) -> Iterator[str]:
    """Of each distribution only the first on the path counts, as for an import."""
    seen: set[str] = set()
    for folder in path:
        try:
            names = sorted(n for n in os.listdir(folder or ".") if n.endswith(".dist-info"))  # noqa: PTH208 - pathlib costs 5 ms here
        except OSError:
            continue
        for name in names:
            distribution = name.partition("-")[0].lower()
            if distribution in seen:
                continue
            seen.add(distribution)
            try:
                with open(f"{folder}/{name}/entry_points.txt", encoding="utf-8") as file:  # noqa: PTH123 - as above
                    text = file.read()
            except OSError:
                continue
            if GROUP in text:
                yield text


def _parse(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            section = line[1:-1]
        elif section == GROUP and "=" in line:
            name, _, target = line.partition("=")
            yield name.strip(), target.strip()
