"""Facts in, findings out, the two oldest questions first: are updates installed, when was it last restarted. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from booth.doctor.facts import BoothFacts
from booth.doctor.findings import Colour, Finding, Owner

_DAY_S = 86_400
_LONG_UP_DAYS = 3
_OLD_LIST_DAYS = 14
_LITTLE_MB, _FULL_MB = 2_000, 300

Findings = Iterator[Finding]


def judged(facts: BoothFacts) -> tuple[Finding, ...]:
    """Every finding, in the order people ask."""
    return tuple(finding for judge in _JUDGES for finding in judge(facts))


def _updates(facts: BoothFacts) -> Findings:
    subject = "updates"
    if facts.updates is None:
        yield Finding(
            subject, Colour.YELLOW, "this system does not tell whether updates wait", Owner.IT, "look by hand"
        )
        return
    waiting, days = facts.updates.waiting, facts.updates.listed_days
    if facts.updates.restart_wanted:
        yield Finding(
            subject,
            Colour.YELLOW,
            "updates are installed and want a restart",
            Owner.CREW,
            "restart this machine before opening",
        )
    elif days > _OLD_LIST_DAYS:
        yield Finding(
            subject,
            Colour.YELLOW,
            f"nobody has looked for updates for {days:.0f} days",
            Owner.IT,
            "update at home, then soak again; not on the show floor",
        )
    elif waiting:
        yield Finding(
            subject,
            Colour.YELLOW,
            f"{waiting} system updates wait",
            Owner.IT,
            "leave them until after the show: what runs now is what was tested",
        )
    else:
        yield Finding(subject, Colour.GREEN, f"installed; pitboard {facts.version}")


def _restarted(facts: BoothFacts) -> Findings:
    days = facts.up_s / _DAY_S
    when = f"{facts.up_s / 3600:.1f} hours ago" if days < 2 else f"{days:.0f} days ago"
    if days > _LONG_UP_DAYS:
        yield Finding(
            "restart",
            Colour.YELLOW,
            f"last restarted {when}",
            Owner.CREW,
            "restart this machine before opening",
        )
    else:
        yield Finding("restart", Colour.GREEN, f"last restarted {when}")


def _radio(facts: BoothFacts) -> Findings:
    radio = facts.radio
    if not radio.usable:
        yield Finding("radio", Colour.RED, f"{radio.name}: {radio.words}", Owner.IT, radio.remedy)
    elif radio.warnings:
        yield Finding("radio", Colour.YELLOW, f"{radio.name}: {radio.words}", Owner.IT, radio.remedy)
    else:
        yield Finding("radio", Colour.GREEN, f"{radio.name} can be used")


def _power(facts: BoothFacts) -> Findings:
    if facts.on_mains is False:
        yield Finding("power", Colour.RED, "this machine runs on its battery", Owner.CREW, "plug it in")
    elif facts.on_mains:
        yield Finding("power", Colour.GREEN, "plugged in")


def _clock(facts: BoothFacts) -> Findings:
    if facts.clock_synchronised is False:
        yield Finding(
            "clock",
            Colour.YELLOW,
            "the clock is not set by the network, and the draw's closing time hangs on it",
            Owner.CREW,
            "compare it with a phone; if it differs by a minute, set it",
        )
    elif facts.clock_synchronised:
        yield Finding("clock", Colour.GREEN, "set by the network")


def _disk(facts: BoothFacts) -> Findings:
    if facts.writable is not None:
        yield Finding("disk", Colour.RED, facts.writable, Owner.IT, "choose another folder with --home")
    elif facts.free_mb is None:
        yield Finding("disk", Colour.YELLOW, "free space is unknown", Owner.IT, "look by hand")
    elif facts.free_mb < _LITTLE_MB:
        colour = Colour.RED if facts.free_mb < _FULL_MB else Colour.YELLOW
        yield Finding(
            "disk", colour, f"{facts.free_mb} MB are free", Owner.IT, "free some space before opening"
        )
    else:
        yield Finding("disk", Colour.GREEN, f"{facts.free_mb // 1000} GB are free")


def _network(facts: BoothFacts) -> Findings:
    if facts.runs:
        yield Finding("screens", Colour.GREEN, f"the show runs on port {facts.port}")
    elif facts.port_taken:
        yield Finding(
            "screens",
            Colour.RED,
            f"port {facts.port} is taken by another program",
            Owner.CREW,
            "close it, or start the show with --port and another number",
        )
    if facts.addresses:
        yield Finding("phones", Colour.GREEN, f"reach this machine at {' or '.join(facts.addresses)}")
    else:
        yield Finding(
            "phones",
            Colour.RED,
            "this machine is in no network that phones could join",
            Owner.CREW,
            "join the booth's Wi-Fi or switch a hotspot on; AI drivers race meanwhile",
        )


def _pack(facts: BoothFacts) -> Findings:
    if not facts.pack_advice:
        yield Finding("show pack", Colour.GREEN, "complete")
    for point in facts.pack_advice:
        yield Finding("show pack", Colour.YELLOW, point, Owner.CREW, "mend it in the show pack")


def _files(facts: BoothFacts) -> Findings:
    if facts.files is None:
        yield Finding("records", Colour.GREEN, "nothing recorded yet")
        return
    for subject, fault in (("show log", facts.files.log_fault), ("audit", facts.files.audit_fault)):
        if fault:
            yield Finding(
                subject, Colour.RED, fault, Owner.IT, "keep a copy of the folder, then ask IT before opening"
            )
        else:
            yield Finding(subject, Colour.GREEN, "its chain is whole")
    count = facts.files.not_copied
    if count:
        one = "1 contact is" if count == 1 else f"{count} contacts are"
        yield Finding(
            "contacts",
            Colour.YELLOW,
            f"{one} on this machine only",
            Owner.CREW,
            "export them and hand them over: pitboard booth leads export",
        )
    else:
        yield Finding("contacts", Colour.GREEN, "all copied off this machine")
    for day in facts.files.frozen_without_draw:
        yield Finding(
            "draw",
            Colour.YELLOW,
            f"the list of {day} is frozen and not drawn",
            Owner.CREW,
            "hold the draw on the crew's screen",
        )


_JUDGES: tuple[Callable[[BoothFacts], Findings], ...] = (
    _updates, _restarted, _radio, _power, _clock, _disk, _network, _pack, _files,
)  # fmt: skip
