"""The brand's colours as a style sheet, with tints that stay readable, and the four cars' own colours. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from booth.pack.contrast import LEAST_TEXT, contrast, readable
from booth.pack.model import Brand

CARS = {1: "#3d8bff", 2: "#d55e00", 3: "#f0e442", 4: "#cc79a7"}
"""Fill of each start number; the number stands on it in `CAR_INK`. Vermilion, yellow and reddish purple of the palette
of Okabe and Ito (2008) and a blue: of their kind the four that differ most to every kind of colour vision. Every car
has a shape of its own too."""
CAR_INK = "#101010"
SHAPES = {1: "circle", 2: "square", 3: "triangle", 4: "diamond"}
_TINTS = (0.10, 0.08, 0.06, 0.04, 0.02, 0.0)


@dataclass(frozen=True, slots=True)
class Palette:
    """Brand colours and what follows from them: `panel` is a surface on `ground`, `soft` quieter text that still reads
    on both, `mark` the accent where it must carry text."""

    ground: str
    ink: str
    accent: str
    accent_ink: str
    panel: str
    line: str
    soft: str
    mark: str


def palette_of(brand: Brand) -> Palette:
    """Tints of a brand. Ink reads on `panel` with 4.5 to 1 as on `ground`."""
    panel = next(
        mixed
        for share in _TINTS
        if contrast(mixed := mix(brand.ground, brand.ink, share), brand.ink) >= LEAST_TEXT or not share
    )
    return Palette(
        brand.ground,
        brand.ink,
        brand.accent,
        brand.accent_ink,
        panel,
        mix(brand.ground, brand.ink, 0.3),
        readable(readable(mix(brand.ground, brand.ink, 0.72), panel), brand.ground),
        readable(readable(brand.accent, panel), brand.ground),
    )


def style_sheet(brand: Brand) -> str:
    """CSS custom properties."""
    palette = palette_of(brand)
    names = ("ground", "ink", "accent", "accent_ink", "panel", "line", "soft", "mark")
    lines = [f"--{name.replace('_', '-')}: {getattr(palette, name)};" for name in names]
    lines += [f"--car-{number}: {colour};" for number, colour in CARS.items()]
    lines += [f"--car-ink: {CAR_INK};"]
    return ":root{" + "".join(lines) + "}\n"


def mix(one: str, other: str, share: float) -> str:
    """`share` of `other` in `one`, 0 to 1."""
    parts = (
        round(int(one[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)
