"""The table of rig's commands: name -> where it lives and its one-line help.

Kept apart from the commands so that `pitboard --help` imports none of them. Other packages plug in
their own table through the entry-point group `pitboard.commands`.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "bench": ("rig.cli.bench:bench", "The bench's own hardware on serial ports: list, probe, selftest."),
    "compare": (
        "rig.cli.compare:compare",
        "One soak run against another: figures, verdicts, what changed on the bench.",
    ),
    "decode": ("rig.cli.decode:decode", "Show what frames mean: hex, recordings, Bluetooth captures."),
    "doctor": ("rig.cli.doctor:doctor", "Say what is wrong with this machine's Bluetooth, and what to do."),
    "drive": ("rig.cli.drive:drive", "Drive one car: speed, lane, lights, U-turn, live telemetry."),
    "encode": ("rig.cli.encode:encode", "Build frames from messages."),
    "report": ("rig.cli.report:report", "Render a stored soak run again: text, JSON, JUnit, HTML."),
    "schedule": ("rig.cli.schedule:schedule", "Print a systemd timer and cron lines that soak every night."),
    "soak": ("rig.cli.soak:soak", "Soak-test a fleet and judge each car; simulated unless told otherwise."),
    "sim": ("rig.cli.sim:sim", "Offer the simulated fleet to other programs: run, serve."),
    "lap": ("rig.cli.lap:lap", "Scan the track, draw it, count and time laps."),
    "record": ("rig.cli.record:record", "Record what one car and we say to each other."),
    "replay": ("rig.cli.replay:replay", "Decode a recording and count its laps, without a radio."),
    "trend": (
        "rig.cli.trend:trend",
        "What the nights of one plan show together: fading batteries, steps, their causes.",
    ),
    "scan": ("rig.cli.scan:scan", "List the cars in reach, from their adverts."),
}
