"""The day report as JSON values: every figure, seconds and shares as numbers, instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from booth.handover.report.model import DayReport

FORMAT = "pitboard-day/1"


def as_document(report: DayReport) -> dict[str, Any]:
    """The report; `json.dumps` takes it."""
    races, service = report.races, report.service
    body: dict[str, Any] = _plain(asdict(report))
    body["format"] = FORMAT
    body["races"]["repeat_plays"] = races.repeat_plays
    body["service"]["uptime_share"] = service.uptime_share
    for told, target in zip(body["targets"], report.targets, strict=True):
        told["is_met"] = target.is_met
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
