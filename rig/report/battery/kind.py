"""How battery parts are reported, as `ReportKind` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType

from rig.report.battery.json import car_document, part_document
from rig.report.battery.model import BatteryCar, BatteryPart, part_of
from rig.report.battery.page import page_of
from rig.report.battery.text import remarks_of, table_of
from rig.report.kind import PageSection
from rig.store.queries import StoredRun


class BatteryReports:
    """Battery life, car by car and set by set."""

    name = "battery"

    def part_of(self, stored: StoredRun) -> BatteryPart:
        """Judged and gathered from the rows."""
        return part_of(stored)

    def text(self, part: BatteryPart) -> Iterator[RenderableType]:
        """One table."""
        yield table_of(part)

    def remarks(self, part: BatteryPart) -> Iterator[str]:
        """What stands out about a car."""
        return remarks_of(part)

    def document(self, part: BatteryPart) -> dict[str, Any]:
        """Survival, set by set."""
        return part_document(part)

    def car_document(self, car: BatteryCar) -> dict[str, Any]:
        """Lives, charges and curves."""
        return car_document(car)

    def page(self, part: BatteryPart) -> PageSection:
        """Tables of lives and limits."""
        return page_of(part)
