"""Finds and reads world and track files: the shipped ones by name, others by path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rig.builtin_data import find_data_file
from rig.errors import InputError
from rig.sim.spec import WorldSpec, parse_world
from rig.sim.track_layout import TrackLayout, parse_track


def load_world(name_or_path: str, *, host_faults: Mapping[str, str] | None = None) -> WorldSpec:
    """The world a user means, e.g. `two-sets` or `worlds/mine.toml`.

    Raises:
        InputError: no such file, or something in it is wrong.
    """
    path = find_data_file("worlds", name_or_path)

    def track_beside(track: str) -> TrackLayout:
        beside = path.parent / track
        return load_track(str(beside) if beside.is_file() else track)

    spec = parse_world(_read(path), source=path.name, load_track=track_beside, host_faults=host_faults)
    if spec.bench is not None and (beside := path.parent / spec.bench).is_file():
        return replace(spec, bench=str(beside))
    return spec


def load_track(name_or_path: str) -> TrackLayout:
    """The track a user means, e.g. `starter-oval` or `tracks/mine.toml`.

    Raises:
        InputError: no such file, or something in it is wrong.
    """
    path = find_data_file("tracks", name_or_path)
    return parse_track(_read(path), source=path.name)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
