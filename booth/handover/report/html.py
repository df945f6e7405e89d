"""The day report as one HTML file: two views of one truth, styles and pictures inside, nothing fetched from anywhere."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import jinja2

from booth.handover.report.drawing import by_hour, timeline
from booth.handover.report.glossary import GLOSSARY
from booth.handover.report.model import DayReport
from booth.handover.report.text import headline
from booth.handover.report.words import count, figure_of, money, share, span, verdict


def render_html(report: DayReport) -> str:
    """The page; it reads in light and dark, on paper, and without colours."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("booth.handover.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    zone = ZoneInfo(report.time_zone)
    environment.filters.update(
        count=count,
        share=lambda value: _unbroken(share(value)),
        span=lambda value: _unbroken(span(value)),
        money=lambda value: _unbroken(money(value, report.returns.currency)),
        clock=lambda at: f"{at.astimezone(zone):%H:%M}",
        clock_s=lambda at: f"{at.astimezone(zone):%H:%M:%S}",
        verdict=verdict,
    )
    return environment.get_template("day.html.j2").render(
        report=report,
        races=report.races,
        service=report.service,
        returns=report.returns,
        people=report.returns.people,
        headline=headline(report).capitalize() if not report.opened else headline(report),
        targets=[
            (
                target,
                figure_of(target, target.objective.target, report.returns.currency),
                figure_of(target, target.actual, report.returns.currency),
            )
            for target in report.targets
        ],
        timeline=timeline(report),
        by_hour=by_hour(report),
        glossary=GLOSSARY,
    )


def _unbroken(words: str) -> str:
    return words.replace(" ", "\N{NO-BREAK SPACE}")
