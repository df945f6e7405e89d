"""Finds the recorded sessions of real cars, when this checkout has them beside it."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).parents[1]
_NEAR = (_ROOT / "../shared/captures", _ROOT / "../../shared/captures")


def find_capture(name: str) -> Path | None:
    """The recording of that file name, or None where it is not available."""
    return next((home / name for home in _NEAR if (home / name).is_file()), None)
