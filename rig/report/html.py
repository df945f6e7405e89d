"""A run as one HTML file: styles and plots inside, nothing fetched from anywhere."""

from __future__ import annotations

import hashlib
import json

import jinja2
from markupsafe import Markup

from rig.report.cards import cards_of
from rig.report.exclusion_groups import grouped
from rig.report.json_report import as_document
from rig.report.kinds import kind_named
from rig.report.model import RunReport
from rig.report.night_figure import night_figure
from rig.report.plots.timeline import timeline_plot
from rig.report.reconnect.model import LatencyFigures
from rig.report.text_words import span_text
from rig.soak.outcome import Outcome
from rig.statistics.quantiles import Reading
from rig.statistics.rates import Rate

_SYMBOLS = {
    Outcome.PASS: "✔",
    Outcome.FAIL: "✘",
    Outcome.ERROR: "⚠",
    Outcome.INCONCLUSIVE: "?",
    Outcome.ABORTED: "■",
}


def render_html(report: RunReport) -> str:
    """The page; it reads in light and dark, on paper, and without colours."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rig.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        reading=_reading,
        bounds=_bounds,
        rate=_rate,
        share=_share,
        span=span_text,
        air=_air,
        svg=_svg,
        grouped=grouped,
    )
    sections = []
    for part in report.parts:
        section = kind_named(part.row.kind).page(part)
        text = environment.get_template(section.template).render(
            report=report, part=part, run=report.run, symbols=_SYMBOLS, **section.values
        )
        sections.append((part, Markup(text)))  # noqa: S704 - rendered with autoescape just now
    template = environment.get_template("report.html.j2")
    night = night_figure(report)
    return template.render(
        report=report,
        run=report.run,
        symbols=_SYMBOLS,
        sections=sections,
        cards=cards_of(report),
        night_plot=None if night is None else timeline_plot(night, "night"),
        digest=_digest(report),
    )


def _digest(report: RunReport) -> str:
    """Of all that the rows say, but for the wall clock: the same for the same seed."""
    document = {name: value for name, value in as_document(report).items() if name != "wall_clock"}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _svg(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - our own SVG; labels in it are escaped by matplotlib


def _reading(reading: Reading | None) -> str:
    return "?" if reading is None else str(reading)


def _bounds(figures: LatencyFigures, q: float) -> str:
    (figure,) = (figure for figure in figures.quantiles if figure.q == q)
    lower, upper = figure.bounds.lower, figure.bounds.upper
    return "" if not figures.n else f"{_seconds(lower)} … {_seconds(upper)}"


def _seconds(reading: Reading | None) -> str:
    return "?" if reading is None else str(reading).removesuffix(" s")


def _rate(rate: Rate) -> str:
    return f"{rate.successes} of {rate.trials}" if rate.trials else "none run"


def _share(rate: Rate) -> str:
    return f"{rate.lower * 100:.0f} … {rate.upper * 100:.0f} %"


def _air(radio: str) -> str:
    """The radio without the folders a world file lies in."""
    kind, colon, target = radio.partition(":")
    return f"{kind}{colon}{target.rpartition('/')[2]}" if target.startswith("/") else radio
