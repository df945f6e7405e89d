"""Whether a brand's colours can be read: contrast by WCAG 2.2 (relative luminance, success criterion 1.4.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

LEAST_TEXT = 4.5
"""For text of any size."""
LEAST_LARGE = 3.0
"""For large text, and for what must be told from its surroundings."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class TooFaint:
    """Two colours that cannot stand on each other. `better` is the nearest shade of the first that can."""

    what: str
    ink: str
    ground: str
    ratio: float
    least: float
    better: str

    def __str__(self) -> str:
        """One sentence."""
        return (
            f"{self.what}: {self.ink} on {self.ground} has a contrast of {self.ratio:.1f} to 1 and needs"
            f" {self.least:g}; {self.better} would do"
        )


def is_colour(text: str) -> bool:
    """Whether this is `#rrggbb`."""
    return _COLOUR.fullmatch(text) is not None


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21, whichever is the lighter."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def too_faint(what: str, ink: str, ground: str, least: float = LEAST_TEXT) -> TooFaint | None:
    """What is wrong with `ink` on `ground`; None when they can be read."""
    ratio = contrast(ink, ground)
    if ratio >= least:
        return None
    return TooFaint(what, ink, ground, ratio, least, readable(ink, ground, least))


def readable(ink: str, ground: str, least: float = LEAST_TEXT) -> str:
    """The nearest shade of `ink`, towards white or black, that has this contrast on `ground`."""
    if contrast(ink, ground) >= least:
        return ink
    ends = sorted(("#ffffff", "#000000"), key=lambda end: -contrast(end, ground))
    for part in range(1, 101):
        mixed = _mixed(ink, ends[0], part / 100)
        if contrast(mixed, ground) >= least:
            return mixed
    return ends[0]


def _mixed(one: str, other: str, share: float) -> str:
    parts = (
        round(int(one[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
