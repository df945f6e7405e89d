"""Scripts, styles and pictures shipped in the package, read once; the build's name in their path lets browsers keep
them, and tells an open page that it is out of date."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

_KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    body: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All of them by path, and `build`, a name that changes with any of them."""

    by_path: Mapping[str, Asset]
    build: str


def read_assets(*more: str) -> Assets:
    """The shipped files; `more` are texts that belong to the build too (the pack's digest, the version)."""
    found = dict(_walk(files("booth.screens").joinpath("static"), ""))
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(path.encode() + b"\0" + found[path].body)
    for text in more:
        digest.update(text.encode() + b"\0")
    return Assets(found, digest.hexdigest()[:12])


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif (kind := _KINDS.get(entry.name[entry.name.rfind(".") :])) is not None:
            found.append((prefix + entry.name, Asset(entry.read_bytes(), kind)))
    return found
