"""How one kind of soak is reported. To add one, see `rig.soak.kind`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from rich.console import RenderableType

from rig.report.model import CarReport, PartReport
from rig.store.queries import StoredRun

PartT = TypeVar("PartT", bound=PartReport)
CarT_contra = TypeVar("CarT_contra", bound=CarReport, contravariant=True)


@dataclass(frozen=True, slots=True)
class PageSection:
    """A kind's section of the HTML page: the template's file in `rig/report/templates`, and what it is given beside
    `report` and `part`."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)


class ReportKind(Protocol[PartT, CarT_contra]):
    """One kind's reports."""

    @property
    def name(self) -> str:
        """As plans write it."""
        ...

    def part_of(self, stored: StoredRun) -> PartT:
        """Judges one part of a run and gathers its figures; `stored` holds that part alone."""
        ...

    def text(self, part: PartT) -> Iterator[RenderableType]:
        """What to print on a rich console, in order, before the reasons."""
        ...

    def remarks(self, part: PartT) -> Iterator[str]:
        """Single lines to print after the reasons."""
        ...

    def document(self, part: PartT) -> dict[str, Any]:
        """What the JSON report says of a part beyond what it says of any."""
        ...

    def car_document(self, car: CarT_contra) -> dict[str, Any]:
        """What the JSON report says of a car beyond what it says of any."""
        ...

    def page(self, part: PartT) -> PageSection:
        """The section of the HTML page."""
        ...
