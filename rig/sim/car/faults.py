"""The named faults of a car: what a world file or a test may switch on, by name."""

from __future__ import annotations

LASTING_FAULTS: dict[str, str] = {
    "never_localises": "reads no position codes at all; transitions still come",
    "double_finish": "reports the short finish piece twice, 30 ms apart",
    "lost_lane_change": "loses lane change commands with this probability, without any sign",
    "drops_new_links": "ends a new link before it can be used, with this probability",
    "ignored_commands": "ignores any written command with this probability",
    "silent_after_loss": "does not advertise again after an unclean link loss until switched or put on its charger",
}
"""Faults that stay until cleared; each has a value from 0 (off) to 1 (certain)."""

MOMENTARY_FAULTS: dict[str, str] = {
    "asleep": "falls asleep now: link dropped, no adverts until the power button or the charger wakes it",
    "wedged": "stays powered but answers nothing and does not advertise until switched or put on its charger",
    "delocalised": "loses its place on the track and searches for it (0x2b, 0x43, then 0x44)",
    "flies_off": "leaves the track now and lies beside it until a person puts it back",
    "browns_out": "its processor resets: the link falls silent, it advertises again after booting",
    "flat": "its battery is suddenly empty",
    "skids": "reports a skid (0x4d)",
}
"""Faults that happen once, at the moment they are injected."""

CAR_FAULTS: dict[str, str] = LASTING_FAULTS | MOMENTARY_FAULTS
