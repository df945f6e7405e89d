"""Finds and reads a show pack: a TOML file with its pictures beside it, or a shipped one by name."""

from __future__ import annotations

import hashlib
from pathlib import Path

from booth.errors import BadInput
from booth.pack.model import ShowPack
from booth.pack.reading import parse_pack
from rig.builtin_data import find_data_file
from rig.errors import InputError

DEMO = "demo"
_PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
_MOST_BYTES = 2_000_000


def load_pack(name_or_path: str = DEMO) -> ShowPack:
    """A pack, checked with everything it names.

    Raises:
        BadInput: there is no such pack, or what is wrong with it.
    """
    path = pack_path(name_or_path)
    text = _text(path)
    pack = parse_pack(text, source=path.name, digest="")
    digest = hashlib.sha256(text.encode())
    if pack.brand.logo is not None:
        digest.update(logo_of(path, pack.brand.logo)[0])
    return parse_pack(text, source=path.name, digest=digest.hexdigest())


def pack_path(name_or_path: str = DEMO) -> Path:
    """The file of a pack.

    Raises:
        BadInput: there is none.
    """
    try:
        return find_data_file("shows", name_or_path)
    except InputError as error:
        raise BadInput(str(error)) from error


def logo_of(pack: Path, logo: str) -> tuple[bytes, str]:
    """The logo beside a pack: its bytes and media type.

    Raises:
        BadInput: no such picture, no picture, too large, or one that would run or fetch something.
    """
    path = pack.parent / logo
    kind = _PICTURES.get(path.suffix.lower())
    if kind is None:
        raise BadInput(f"{pack.name}: [brand] 'logo' must be an .svg or .png file, not '{logo}'")
    if path.resolve().parent != pack.parent.resolve():
        raise BadInput(f"{pack.name}: [brand] 'logo' must lie beside the pack, not at '{logo}'")
    try:
        picture = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{pack.name}: [brand] 'logo': cannot read '{logo}': {error.strerror}") from error
    if len(picture) > _MOST_BYTES:
        raise BadInput(f"{pack.name}: [brand] 'logo' '{logo}' is larger than 2 MB; make it smaller")
    lowered = picture.lower()
    if kind == "image/svg+xml" and (
        b"<script" in lowered or b"javascript:" in lowered or b"<!entity" in lowered
    ):
        raise BadInput(f"{pack.name}: [brand] 'logo' '{logo}' holds a script; save it as a plain SVG")
    return picture, kind


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read the show pack {path}: {error}") from error
