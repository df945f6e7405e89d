"""Bundles on disk: a folder, or a .zip whose bytes follow from its files alone (stored, not compressed; no times)."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

from booth.draw.errors import Refused
from booth.draw.rebuild import Spoilt
from booth.errors import BadInput

_MOST_BYTES = 64_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNREADABLE = (
    zipfile.BadZipFile,
    ValueError,
    RuntimeError,
    KeyError,
    EOFError,
    OSError,
    OverflowError,
    struct.error,
)


def packed(files: Mapping[str, bytes]) -> bytes:
    """The .zip of these files; equal files give equal bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return held.getvalue()


def read_bundle(path: Path) -> dict[str, bytes]:
    """The files of a bundle by name.

    Raises:
        BadInput: there is none, or it is far too large for one.
        Spoilt: a .zip that was not packed like this: damaged, or repacked.
    """
    try:
        if path.is_dir():
            return _in_folder(path)
        if path.stat().st_size > _MOST_BYTES:
            raise BadInput(f"{path} is larger than 64 MB; no draw's bundle is")
        return unpacked(path.read_bytes(), path.name)
    except OSError as error:
        raise BadInput(f"cannot read the bundle {path}: {error.strerror or error}") from error


def unpacked(content: bytes, name: str) -> dict[str, bytes]:
    """The files in a .zip.

    Raises:
        Spoilt: it is none, or not packed like this.
    """
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > len(content):
                    raise Spoilt(
                        name, f"'{entry.filename}' in it is packed otherwise; unpack it, verify the folder"
                    )
                files[entry.filename] = _member(archive, entry, name)
    except Refused:
        raise
    except _UNREADABLE as error:
        raise Spoilt(name, f"it is no .zip of a draw any more ({error})") from error
    if packed(files) != content:
        raise Spoilt(
            name, "it is not packed as pitboard packs it; if you repacked it, unpack it and verify the folder"
        )
    return files


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    try:
        return archive.read(entry)
    except _UNREADABLE as error:
        raise Spoilt(f"{name}, {entry.filename}", f"damaged ({error})") from error


def _in_folder(path: Path) -> dict[str, bytes]:
    found = sorted(each for each in path.iterdir() if each.is_file())
    if sum(each.stat().st_size for each in found) > _MOST_BYTES:
        raise BadInput(f"{path} is larger than 64 MB; no draw's bundle is")
    return {each.name: each.read_bytes() for each in found}
