"""The table of the commands under `pitboard booth`: name -> where it lives and its one-line help."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("booth.cli.run:run", "Run a show: races, screens, phones."),
    "new": ("booth.cli.new:new", "Write a new show pack to fill in."),
    "card": ("booth.cli.card:card", "Write the two-minute teaching card to print."),
    "check": ("booth.cli.check:check", "Check a show pack and everything it names."),
    "report": ("booth.cli.report:report", "The day in figures, for account service and for IT."),
    "doctor": ("booth.cli.doctor:doctor", "May this booth open? Three colours, who acts, what to do."),
    "draw": ("booth.cli.draw:draw", "The daily draw: freeze, dice or drand, ranking, evidence, verify."),
    "leads": ("booth.cli.leads:leads", "What visitors left: count, export, hand over, erase."),
    "keys": ("booth.cli.keys:keys", "Make the pair of keys that leads are sealed with."),
}
