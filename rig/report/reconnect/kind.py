"""How reconnect parts are reported, as `ReportKind` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType

from rig.report.kind import PageSection
from rig.report.reconnect.json import car_document, part_document
from rig.report.reconnect.model import ReconnectCar, ReconnectPart, part_of
from rig.report.reconnect.page import page_of
from rig.report.reconnect.text import remarks_of, table_of
from rig.store.queries import StoredRun


class ReconnectReports:
    """Reconnect latency, car by car and set by set."""

    name = "reconnect"

    def part_of(self, stored: StoredRun) -> ReconnectPart:
        """Judged and gathered from the rows."""
        return part_of(stored)

    def text(self, part: ReconnectPart) -> Iterator[RenderableType]:
        """One table."""
        yield table_of(part)

    def remarks(self, part: ReconnectPart) -> Iterator[str]:
        """Links that went by themselves."""
        return remarks_of(part)

    def document(self, part: ReconnectPart) -> dict[str, Any]:
        """Pooled figures set by set."""
        return part_document(part)

    def car_document(self, car: ReconnectCar) -> dict[str, Any]:
        """Figures and samples."""
        return car_document(car)

    def page(self, part: ReconnectPart) -> PageSection:
        """Table, curves, stages, timeline."""
        return page_of(part)
