"""What all plots share: the style, the colours, and a drawing turned into inline SVG.

The same figure gives the same bytes: no date, hashed ids with a salt of ours. Series are told apart by the
Okabe-Ito colours, by dashes and by a legend, so that neither colour vision nor a colour printer is needed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

# Okabe & Ito, Color Universal Design (2008); black left out, for it would vanish on a dark page
SERIES_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
SERIES_DASHES: tuple[Any, ...] = (
    "-",
    (0, (6, 2)),
    (0, (2, 1.5)),
    (0, (7, 2, 1.5, 2)),
    (0, (1, 2)),
    (0, (10, 3)),
)
GREEN, YELLOW, ORANGE, PINK, BLUE, GREY = "#009e73", "#e69f00", "#d55e00", "#cc79a7", "#0072b2", "#999999"

# stand-ins that become CSS variables once the SVG is written
INK, FAINT, ALARM, PAPER = "#010203", "#040506", "#070809", "#0a0b0c"
_VARIABLES = {INK: "var(--ink)", FAINT: "var(--faint)", ALARM: "var(--alarm)", PAPER: "var(--paper)"}

GAP_DASHES: Any = (0, (3, 2))

HALF_IN = 5.3
"""Width of a plot of which two stand side by side on a desk and one fills a phone, the words staying readable."""
FULL_IN = 10.8
"""Width of a plot that needs a whole row; on a phone it is scrolled sideways."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a car may be called anything
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": FAINT,
    "grid.alpha": 0.35,
    "grid.linewidth": 0.6,
    "legend.facecolor": PAPER,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.9,
    "hatch.linewidth": 0.6,
}

_LONG_NUMBER = re.compile(r"(-?\d+\.\d\d)\d+")
_GEOMETRY = re.compile(r'( (?:d|x|y|points|transform|width|height)=")([^"]*)"')


def series_style(index: int) -> tuple[str, Any]:
    """Colour and dashes of the n-th series, counted from 0."""
    return SERIES_COLOURS[index % len(SERIES_COLOURS)], SERIES_DASHES[index % len(SERIES_DASHES)]


def draw_svg(
    draw: Callable[[Canvas], None],
    *,
    height_in: float,
    salt: str,
    says: str,
    width_in: float = HALF_IN,
) -> str:
    """What `draw` draws, as an SVG element. `salt` must differ between the plots of one page, since ids are made
    of it; `says` is the plot in words, for those who hear the page."""
    salt = re.sub(r"[^a-z0-9]+", "-", salt.lower()).strip("-") or "plot"
    with mpl.rc_context({**_STYLE, "svg.hashsalt": f"pitboard-{salt}"}):
        canvas = Canvas(figsize=(width_in, height_in), layout="constrained")
        draw(canvas)
        out = io.StringIO()
        canvas.savefig(
            out,
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{salt}-", text)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = _GEOMETRY.sub(_shortened, text)
    text = text.replace("'DejaVu Sans'", "inherit").replace("DejaVu Sans", "inherit")
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, variable)
    text = re.sub(r'<g id="[^"]*">', "<g>", text)  # nobody refers to a group
    text = re.sub(r"\n\s*", "\n", text)
    wide = ' class="full"' if width_in > HALF_IN else ""
    return text.replace("<svg", f'<svg role="img" aria-label="{_attribute(says)}"{wide}', 1)


def _shortened(match: re.Match[str]) -> str:
    """A hundredth of a point is finer than any printer; newlines in paths are but bytes."""
    return f'{match[1]}{_LONG_NUMBER.sub(lambda number: number[1], match[2]).replace(chr(10), "")}"'


def _attribute(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
