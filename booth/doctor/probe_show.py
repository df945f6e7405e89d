"""Looks at what a show has left on this machine, and at its radio."""

from __future__ import annotations

import asyncio
from pathlib import Path

from booth.doctor.facts import RadioFacts, ShowFiles
from booth.draw.ceremony import Phase
from booth.draw.store import DrawStore
from booth.errors import BoothError
from booth.log.store import FILE, ShowLog
from booth.people.office import Office
from booth.people.store import PeopleStore
from rig.clock import Clock
from rig.doctor.diagnosis import Asked, diagnose
from rig.doctor.findings import Level
from rig.doctor.probe import collect
from rig.radio.moniker import parse_moniker
from rig.store.home import is_held

_WAITING = frozenset({Phase.FROZEN, Phase.ENTERING, Phase.READY})


def show_files(folder: Path, clock: Clock) -> ShowFiles | None:
    """The show's records, read only; None where there are none yet."""
    log, people = folder / FILE, folder / "people.db"
    if not log.is_file() and not people.is_file():
        return None
    not_copied = 0
    audit_fault = None
    if people.is_file():
        try:
            with PeopleStore(people, clock) as store:
                not_copied = store.not_copied()
                _, broken = Office(store, clock).audit()
                audit_fault = None if broken is None else str(broken)
        except BoothError as error:
            audit_fault = str(error)
    return ShowFiles(_log_fault(log), audit_fault, not_copied, _undrawn(folder / "draws"))


def _log_fault(path: Path) -> str | None:
    if not path.is_file():
        return None
    try:
        with ShowLog(path) as log:
            return log.fault()
    except BoothError as error:
        return str(error)


def _undrawn(folder: Path) -> tuple[str, ...]:
    store = DrawStore(folder, "")
    try:
        return tuple(name for name in store.names() if store.load(name).phase in _WAITING)
    except BoothError:  # the draw's own commands say what is wrong with it
        return ()


def runs(folder: Path) -> bool:
    """Whether the race process of this show runs now."""
    return is_held(folder)


def radio_facts(moniker_text: str) -> RadioFacts:
    """What `pitboard doctor` says of the radio; a simulated one needs nothing.

    Raises:
        InputError: no such radio.
    """
    moniker = parse_moniker(moniker_text)
    target = "" if moniker.has_world else moniker.target
    diagnosis = diagnose(asyncio.run(collect()), Asked(moniker.kind, target))
    off = [finding for finding in diagnosis.findings if finding.level in {Level.WARN, Level.BAD}]
    off.sort(key=lambda finding: -finding.level.weight)
    words, remedy = (off[0].found, off[0].remedy.replace("`", "'")) if off else ("", "")
    return RadioFacts(str(moniker), diagnosis.usable, len(off), words, remedy or "run 'pitboard doctor'")
