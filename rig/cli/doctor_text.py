"""How a diagnosis reads on a terminal, and as JSON."""

from __future__ import annotations

import dataclasses
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import click

from rig.doctor.diagnose_adapters import description
from rig.doctor.diagnosis import Diagnosis
from rig.doctor.facts import Facts, LinkDefaults, OpenedFacts, Unknown, every, known
from rig.doctor.findings import Finding, Level

_COLOURS = {Level.OK: "green", Level.NOTE: "cyan", Level.WARN: "yellow", Level.BAD: "red"}
_MARGIN = " " * 8
_COMMAND = re.compile(r"`([^`]+)`")  # commands in remedies are marked as in Markdown, and never broken
_KEPT = "\x1f"
_WIDEST = 100


def report_lines(facts: Facts, diagnoses: Sequence[Diagnosis]) -> Iterator[str]:
    """Each radio's verdict and findings by subject, then the machine in a few lines; styled where it is a terminal."""
    for diagnosis in diagnoses:
        yield from _diagnosis_lines(diagnosis)
        yield ""
    yield click.style("this machine", bold=True)
    for words in _machine(facts):
        yield from _wrapped(words, "  ", "    ")


def _diagnosis_lines(diagnosis: Diagnosis) -> Iterator[str]:
    for line in _wrapped(_verdict(diagnosis), "", "  "):
        yield click.style(line, bold=True)
    subject = None
    for finding in _ordered(diagnosis.findings):
        if finding.subject != subject:
            subject = finding.subject
            yield ""
            yield click.style(subject, bold=True)
        yield from _finding_lines(finding)


def _verdict(diagnosis: Diagnosis) -> str:
    if not diagnosis.usable:
        first = next(finding for finding in diagnosis.findings if finding.level is Level.BAD)
        return f"radio {diagnosis.asked}: cannot be used: {first.found}"
    warnings = sum(finding.level is Level.WARN for finding in diagnosis.findings)
    tail = "" if not warnings else f", with {warnings} warning{'s' if warnings > 1 else ''}"
    return f"radio {diagnosis.asked}: usable{tail}"


def _ordered(findings: tuple[Finding, ...]) -> list[Finding]:
    """Subjects with the worst first; otherwise, and within a subject, as diagnosed."""
    worst: dict[str, int] = {}
    for finding in findings:
        worst[finding.subject] = max(worst.get(finding.subject, 0), finding.level.weight)
    places = {subject: place for place, subject in enumerate(worst)}
    return sorted(findings, key=lambda finding: (-worst[finding.subject], places[finding.subject]))


def _finding_lines(finding: Finding) -> Iterator[str]:
    badge = click.style(f"{finding.level.value:<4}", fg=_COLOURS[finding.level])
    first, *rest = _wrapped(f"{finding.found} [{finding.id}]", _MARGIN, _MARGIN)
    yield f"  {badge}  {first.strip()}"
    yield from rest
    if finding.remedy:
        whole = _COMMAND.sub(lambda found: found[0].replace(" ", _KEPT), finding.remedy)
        for line in _wrapped(f"do: {whole}", _MARGIN, _MARGIN + "    "):
            yield _COMMAND.sub(lambda found: click.style(found[1], bold=True), line.replace(_KEPT, " "))


def _wrapped(words: str, first: str, further: str) -> list[str]:
    """At the terminal's width, at most 100 columns; not wrapped at all in a pipe, so that it can be searched."""
    if not sys.stdout.isatty():
        return [first + words]
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.wrap(
        words, max(width, 40), initial_indent=first, subsequent_indent=further,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _machine(facts: Facts) -> Iterator[str]:
    system = facts.system
    where = [text for text in (known(system.model), known(system.distribution)) if text]
    yield ", ".join(
        [*where, f"{system.platform} {system.kernel.release} {system.kernel.architecture}".strip()]
    )
    yield f"kernel build: {system.kernel.build}"
    bluez = known(facts.stack.bluez_version)
    packages = [f"{name} {version}" for name, version in system.packages]
    yield ", ".join([*([f"BlueZ {bluez}"] if bluez else []), f"Python {system.python}", *packages])
    rights = "root" if facts.user.is_root else f"user {facts.user.name}"
    groups = f", groups {' '.join(facts.user.groups)}" if facts.user.groups and not facts.user.is_root else ""
    yield f"{rights}{groups}; control loop: {system.realtime or 'priority unknown'}"
    for adapter in every(facts.adapters):
        yield f"{adapter.name}: {description(adapter)}"
        if isinstance(adapter.link, LinkDefaults):
            link = adapter.link
            yield (
                f"{adapter.name} connects at {link.interval_min_ms:g} to {link.interval_max_ms:g} ms, latency"
                f" {link.latency}, and gives up after {link.supervision_timeout_ms} ms of silence"
            )
    settings = known(facts.stack.link_settings)
    if settings:
        yield "main.conf [LE]: " + ", ".join(f"{key}={value}" for key, value in settings)


def radio_record(radio: str, diagnosis: Diagnosis, opened: OpenedFacts | None) -> dict[str, Any]:
    """One radio as JSON: its moniker, diagnosis and, when it was opened, how that went."""
    return {
        "radio": radio,
        "usable": diagnosis.usable,
        "exit_code": diagnosis.exit_code,
        "findings": [finding_record(finding) for finding in diagnosis.findings],
        "opened": _plain(opened),
    }


def finding_record(finding: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    record = dataclasses.asdict(finding)
    record["level"] = finding.level.value
    record["sources"] = list(finding.sources)
    return record


def facts_record(facts: Facts) -> dict[str, Any]:
    """The machine's facts as JSON: fields as named in rig.doctor.facts."""
    record: dict[str, Any] = _plain(facts)
    del record["opened"]  # is a radio's, not the machine's
    return record


def _plain(value: object) -> Any:
    if isinstance(value, Unknown):
        return {"unknown": value.why}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        if value and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
            return {str(pair[0]): _plain(pair[1]) for pair in value}
        return [_plain(member) for member in value]
    return value
