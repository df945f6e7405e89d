"""How swap parts are reported, as `ReportKind` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType

from rig.report.kind import PageSection
from rig.report.swap.json import car_document, part_document
from rig.report.swap.model import SwapCar, SwapPart, part_of
from rig.report.swap.page import page_of
from rig.report.swap.text import remarks_of, tables_of
from rig.store.queries import StoredRun


class SwapReports:
    """Swap handling: where the time goes, what the nemesis did, what must never happen."""

    name = "swap"

    def part_of(self, stored: StoredRun) -> SwapPart:
        """Judged and gathered from the rows and the journal."""
        return part_of(stored)

    def text(self, part: SwapPart) -> Iterator[RenderableType]:
        """The waterfall, the faults, the invariants."""
        return tables_of(part)

    def remarks(self, part: SwapPart) -> Iterator[str]:
        """How swaps ended, and who had to be taken out."""
        return remarks_of(part)

    def document(self, part: SwapPart) -> dict[str, Any]:
        """Everything."""
        return part_document(part)

    def car_document(self, car: SwapCar) -> dict[str, Any]:
        """The swaps that went through with it."""
        return car_document(car)

    def page(self, part: SwapPart) -> PageSection:
        """Tables."""
        return page_of(part)
