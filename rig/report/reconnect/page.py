"""What the page's reconnect section is given: plots; filters for its figures are `rig.report.html`'s."""

from __future__ import annotations

from rig.report.kind import PageSection
from rig.report.plots.latency import latency_plot
from rig.report.plots.stages import stages_plot
from rig.report.plots.timeline import timeline_plot
from rig.report.reconnect.figures import latency_figures, omission_figures, stages_figures, timeline_figures
from rig.report.reconnect.model import ReconnectPart
from rig.soak.outcome import CycleOutcome


def page_of(part: ReconnectPart) -> PageSection:
    """The section `reconnect.html.j2`."""
    name = f"part-{part.row.part}"
    timeout_s = part.plan.timing.cycle_timeout_s
    latency = latency_figures(part.sets, part.plan.limits, timeout_s)
    omission = omission_figures(part.sets, timeout_s)
    stages = stages_figures(part.cars)
    cycles = timeline_figures(part.sets, part.gaps)
    return PageSection(
        "reconnect.html.j2",
        {
            "outcomes": CycleOutcome,
            "latency_plots": [latency_plot(each, f"{name}-latency-{n}") for n, each in enumerate(latency)],
            "omission_plots": [latency_plot(each, f"{name}-omission-{n}") for n, each in enumerate(omission)],
            "stages_plots": [stages_plot(each, f"{name}-stages-{n}") for n, each in enumerate(stages)],
            "timeline_plots": [timeline_plot(each, f"{name}-cycles-{n}") for n, each in enumerate(cycles)],
            "has_samples": any(car.samples for car in part.cars),
        },
    )
