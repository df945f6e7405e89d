"""Finds the data files that ship with pitboard: worlds, soak plans, tracks, benches.

They live once, in `fixtures/builtin/` of the source tree; the wheel carries them as `rig/builtin/`.
"""

from __future__ import annotations

from pathlib import Path

from rig.errors import InputError

_PACKAGE = Path(__file__).parent
_HOMES = (_PACKAGE / "builtin", _PACKAGE.parent / "fixtures" / "builtin")


def builtin_names(kind: str) -> list[str]:
    """Names of the shipped files of one kind (`worlds`, `plans`, `tracks`, `benches`), sorted, without suffix."""
    return sorted({path.stem for home in _HOMES for path in (home / kind).glob("*.toml")})


def find_data_file(kind: str, name_or_path: str) -> Path:
    """The file a user means: a path that exists, or the name of a shipped file of that kind.

    Raises:
        InputError: neither exists; the message lists the shipped names.
    """
    for home in _HOMES:
        shipped = home / kind / f"{name_or_path}.toml"
        if shipped.is_file():
            return shipped
    given = Path(name_or_path).expanduser()
    if given.is_file():
        return given
    known = ", ".join(builtin_names(kind)) or "none"
    one = "bench" if kind == "benches" else kind[:-1]
    msg = f"no {one} named '{name_or_path}' and no such file; built in: {known}"
    raise InputError(msg)
