"""A trend as one HTML file: styles and plots inside, nothing fetched from anywhere."""

from __future__ import annotations

import jinja2
from markupsafe import Markup

from rig.history.findings import Trend
from rig.history.shapes import Shape
from rig.history.trend_plots import finding_plots
from rig.history.trend_text import bars, figure, subjects_of
from rig.history.trend_words import finding_words, headline, outcome_words, pending_words


def render_trend_page(trend: Trend) -> str:
    """The page; it reads in light and dark, on paper, and without colours."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rig.history"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    cars = subjects_of(trend)
    plots = finding_plots(trend)
    return environment.get_template("trend.html.j2").render(
        trend=trend,
        headline=headline(trend),
        findings=[
            (finding_words(finding, cars), [Markup(svg) for svg in plots[place]])  # noqa: S704 - our own SVG
            for place, finding in enumerate(trend.findings)
        ],
        pending=[pending_words(finding, cars) for finding in trend.pending],
        rows=[
            (
                judgement.series,
                figure(judgement.series.values[0], judgement.series),
                figure(judgement.series.values[-1], judgement.series),
                bars(judgement.series),
                outcome_words(judgement),
                judgement.shape in {Shape.DRIFT, Shape.STEP},
            )
            for judgement in sorted(trend.judgements, key=lambda each: each.series.metric)
        ],
    )
