"""Exclusions with the same reason drawn together, none of them lost. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rig.report.model import Exclusion


@dataclass(frozen=True, slots=True)
class ExclusionGroup:
    """`times` exclusions of one subject for one reason; `units` which they were, e.g. `3, 7 to 9`."""

    label: str
    reason: str
    times: int
    units: str


def grouped(exclusions: Sequence[Exclusion]) -> list[ExclusionGroup]:
    """In the order in which each reason first came up."""
    together: dict[tuple[str, str], list[int | None]] = {}
    for item in exclusions:
        together.setdefault((item.label, item.reason), []).append(item.unit)
    return [
        ExclusionGroup(label, reason, len(units), _stretches(units))
        for (label, reason), units in together.items()
    ]


def _stretches(units: Sequence[int | None]) -> str:
    found: list[list[int]] = []
    for unit in sorted(unit for unit in units if unit is not None):
        if found and unit == found[-1][1] + 1:
            found[-1][1] = unit
        else:
            found.append([unit, unit])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in found)
