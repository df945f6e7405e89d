"""The table of the booth's commands, found through the entry-point group `pitboard.commands`."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "booth": ("booth.cli.group:booth", "Run the show: races on two sets, screens, leads, the daily draw."),
}
