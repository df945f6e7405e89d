"""What the booth's doctor looks at, as values; None where it could not be looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Updates:
    """The system's packages. `waiting` is how many updates wait, `listed_days` how old the list of them is,
    `restart_wanted` whether one of them asked for a restart that was not made."""

    waiting: int
    listed_days: float
    restart_wanted: bool


@dataclass(frozen=True, slots=True)
class ShowFiles:
    """What the show has left on this machine. `log_fault` and `audit_fault` say where a chain is broken,
    `not_copied` how many leads exist only here, `frozen_without_draw` the days whose list waits for its draw."""

    log_fault: str | None
    audit_fault: str | None
    not_copied: int
    frozen_without_draw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RadioFacts:
    """The verdict of `pitboard doctor` on the radio of the show: usable, its worst words and their remedy."""

    name: str
    usable: bool
    warnings: int
    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class BoothFacts:
    """Everything. `up_s` since the machine started; `free_mb` on the disk of the show; `on_mains` whether it is
    plugged in; `clock_synchronised` by network time; `addresses` under which phones reach it; `port_taken` by
    whom, "" when free, `runs` whether this show runs now."""

    version: str
    updates: Updates | None
    up_s: float
    pack_advice: tuple[str, ...]
    free_mb: int | None
    writable: str | None
    """Why the show's folder cannot be written; None when it can."""
    on_mains: bool | None
    clock_synchronised: bool | None
    addresses: tuple[str, ...]
    port: int
    port_taken: bool
    runs: bool
    files: ShowFiles | None
    radio: RadioFacts
