"""The table of the booth's commands, found through the entry-point group `pitboard.commands`."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "booth": ("booth.cli:booth", "Run the show (not built yet; says what is missing)."),
}
