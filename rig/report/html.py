"""A run as one HTML file: styles and plots inside, nothing fetched from anywhere."""

from __future__ import annotations

import jinja2
from markupsafe import Markup

from rig.report.model import LatencyFigures, RunReport
from rig.report.plots import latency_plots, stages_plots, timeline_plots
from rig.soak.outcome import CycleOutcome, Outcome
from rig.soak.statistics import Rate, Reading

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
        reading=_reading, bounds=_bounds, rate=_rate, share=_share, span=_span, air=_air
    )
    template = environment.get_template("report.html.j2")
    return template.render(
        report=report,
        run=report.run,
        plan=report.plan,
        symbols=_SYMBOLS,
        outcomes=CycleOutcome,
        latency_plots=_trusted(latency_plots(report)),
        stages_plots=_trusted(stages_plots(report)),
        timeline_plots=_trusted(timeline_plots(report)),
        has_samples=any(car.samples for car in report.cars),
    )


def _trusted(plots: list[str]) -> list[Markup]:
    return [Markup(svg) for svg in plots]  # noqa: S704 - our own SVG; labels in it are escaped by matplotlib


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


def _span(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {left:02d} s"
