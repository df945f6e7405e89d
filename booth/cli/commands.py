"""The table of the commands under `pitboard booth`: name -> where it lives and its one-line help."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {}
