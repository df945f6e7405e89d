"""The section of the HTML page about a battery part."""

from __future__ import annotations

from rig.report.battery.model import BatteryPart
from rig.report.battery.text import minutes
from rig.report.kind import PageSection
from rig.soak.battery.ends import End


def page_of(part: BatteryPart) -> PageSection:
    """Tables of lives and limits."""
    return PageSection(
        "battery.html.j2",
        {"minutes": minutes, "death": End.BATTERY, "has_lives": any(car.observations for car in part.cars)},
    )
