import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.pack.contrast import contrast
from booth.pack.model import Brand
from booth.screens.colours import CAR_INK, CARS, SHAPES, mix, palette_of, style_sheet

# protanopia, deuteranopia and tritanopia at full severity: Machado, Oliveira, Fernandes (2009), table 1, on linear RGB
SEEN_BY = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}  # fmt: skip


def linear(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def lab(rgb):
    weights = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    x, y, z = (
        root(max(0.0, sum(w * c for w, c in zip(row, rgb, strict=True))) / n)
        for row, n in zip(weights, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def root(t):
    return t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116


@pytest.mark.parametrize("who", SEEN_BY)
def test_the_four_cars_differ_to_every_eye(who):
    seen = {
        number: lab([sum(w * c for w, c in zip(row, linear(colour), strict=True)) for row in SEEN_BY[who]])
        for number, colour in CARS.items()
    }
    for one, other in itertools.combinations(seen.values(), 2):
        assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 30


def test_each_car_has_a_shape_and_a_number_that_reads():
    assert len(set(SHAPES.values())) == len(SHAPES) == len(CARS) == 4
    for colour in CARS.values():
        assert contrast(colour, CAR_INK) >= 4.5


colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@given(colours, colours, colours)
def test_tints_of_any_brand_the_pack_admits_can_be_read(ground, ink, accent):
    if contrast(ground, ink) < 4.5 or contrast(ground, accent) < 3:
        return
    palette = palette_of(Brand("x", {"en": "x"}, ground=ground, ink=ink, accent=accent))
    for text in (palette.ink, palette.soft, palette.mark):
        assert contrast(text, palette.ground) >= 4.5
        assert contrast(text, palette.panel) >= 4.49
    assert palette_of(Brand("x", {"en": "x"})).panel != Brand.ground


def test_the_style_sheet_names_every_colour():
    text = style_sheet(Brand("x", {"en": "x"}))
    for name in (
        "ground",
        "ink",
        "accent",
        "accent-ink",
        "panel",
        "line",
        "soft",
        "mark",
        "car-1",
        "car-4",
        "car-ink",
    ):
        assert f"--{name}: #" in text
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
