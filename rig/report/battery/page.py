"""The section of the HTML page about a battery part."""

from __future__ import annotations

from rig.report.battery.figures import charging_figures, survival_figure, voltage_figures
from rig.report.battery.model import BatteryPart
from rig.report.battery.text import minutes
from rig.report.kind import PageSection
from rig.report.plots.survival import survival_plot
from rig.report.plots.traces import traces_plot
from rig.soak.battery.ends import End


def page_of(part: BatteryPart) -> PageSection:
    """Plots, and tables of lives and limits."""
    name = f"part-{part.row.part}"
    survival = survival_figure(part)
    volts, charging = voltage_figures(part), charging_figures(part)
    return PageSection(
        "battery.html.j2",
        {
            "minutes": minutes,
            "death": End.BATTERY,
            "has_lives": any(car.observations for car in part.cars),
            "survival_plots": [survival_plot(survival, f"{name}-alive")] if survival else [],
            "voltage_plots": [traces_plot(each, f"{name}-volts-{n}") for n, each in enumerate(volts)],
            "charging_plots": [traces_plot(each, f"{name}-charging-{n}") for n, each in enumerate(charging)],
        },
    )
