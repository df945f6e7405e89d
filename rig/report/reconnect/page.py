"""What the page's reconnect section is given: plots, and filters for its figures are `rig.report.html`'s."""

from __future__ import annotations

from markupsafe import Markup

from rig.report.kind import PageSection
from rig.report.reconnect.model import ReconnectPart
from rig.report.reconnect.plots import latency_plots, stages_plots, timeline_plots
from rig.soak.outcome import CycleOutcome


def page_of(part: ReconnectPart) -> PageSection:
    """The section `reconnect.html.j2`."""
    return PageSection(
        "reconnect.html.j2",
        {
            "outcomes": CycleOutcome,
            "latency_plots": _trusted(latency_plots(part)),
            "stages_plots": _trusted(stages_plots(part)),
            "timeline_plots": _trusted(timeline_plots(part)),
            "has_samples": any(car.samples for car in part.cars),
        },
    )


def _trusted(plots: list[str]) -> list[Markup]:
    return [Markup(svg) for svg in plots]  # noqa: S704 - our own SVG; labels in it are escaped by matplotlib
