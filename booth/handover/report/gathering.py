"""Brings together what the day report is made of: the show's log, and counts of people."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from booth.errors import BadInput
from booth.handover.report.returns import PeopleCounts
from booth.handover.report.spans import Logged
from booth.log.store import ShowLog


def records_of(log: ShowLog, since: datetime, until: datetime) -> tuple[Logged, ...]:
    """The records of a stretch of time, oldest first, whatever a clock that was set did to their order."""
    found: Iterable[Logged] = ((at, record) for at, record in log.read(since) if since <= at < until)
    return tuple(sorted(found, key=lambda each: each[0]))


def read_counts(path: Path) -> PeopleCounts:
    """Counts of people from a JSON file: entries, leads, lead_players, consented, qualified, calls_to_action.

    Raises:
        BadInput: what is wrong with it.
    """
    names = [each.name for each in dataclasses.fields(PeopleCounts)]
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot read the counts {path}: {error}") from error
    if not isinstance(body, dict) or not set(body) <= set(names):
        raise BadInput(f"{path} must be a JSON object with some of {', '.join(names)}")
    scans = body.get("calls_to_action", {})
    numbers = [value for key, value in body.items() if key != "calls_to_action"]
    if not isinstance(scans, dict) or not all(
        type(value) is int and value >= 0 for value in [*numbers, *scans.values()]
    ):
        raise BadInput(f"{path}: counts are whole numbers of 0 and more")
    return PeopleCounts(**body)
