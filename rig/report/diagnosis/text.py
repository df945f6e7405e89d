"""The diagnosis in lines for the terminal: only what is worth a look."""

from __future__ import annotations

from collections.abc import Iterator

from rig.report.diagnosis.model import DiagnosisReport


def diagnosis_lines(report: DiagnosisReport | None) -> Iterator[str]:
    """One line for each blame laid, and one for what is flaky over all runs looked at; none when all is well."""
    if report is None:
        return
    for blame in report.telling:
        yield f"diagnosis of {blame.title}: {blame.sentence}"
    for blame in report.longest:
        for part, one in blame.flagged:
            yield (
                f"flaky in {blame.title}: {part} {one.key} failed at first {one.failed_first} of {one.tried} times"
                f" ({one.lower * 100:.0f} … {one.upper * 100:.0f} %, {one.passed_on_retry} passed on a retry)"
            )
