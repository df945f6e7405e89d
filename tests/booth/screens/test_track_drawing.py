import math
import re

import pytest

from booth.screens.track_drawing import draw_track
from rig.builtin_data import builtin_names, find_data_file
from rig.toml_tables import parse_toml


def pieces_of(name):
    return parse_toml(find_data_file("tracks", name).read_text(), source=name).texts("pieces")


def end_of(path):
    return tuple(float(part) for part in re.findall(r"-?[\d.]+", path)[-2:])


@pytest.mark.parametrize("name", builtin_names("tracks"))
def test_a_shipped_track_closes_on_the_line(name):
    drawing = draw_track(pieces_of(name))
    assert end_of(drawing.path) == pytest.approx((0, 0), abs=0.11)
    assert drawing.path.startswith("M0 0 L210.0 0.0")


def test_the_oval_bends_to_the_left_and_is_as_long_as_a_lap():
    drawing = draw_track(pieces_of("starter-oval"))
    assert drawing.lap_mm == pytest.approx(560 * 2 + 4 * 280 * math.pi / 2)
    _, top, width, height = map(float, drawing.view_box.split())
    assert top < -560  # up is negative: the cars turn left
    assert height < width


def test_a_curve_to_the_right():
    drawing = draw_track(["34", "33", "23r"])
    assert drawing.path == "M0 0 L210.0 0.0 A280 280 0 0 1 490.0 280.0 L490.0 630.0"


@pytest.mark.parametrize("pieces", [["34", "33", "43"], ["36", "17"], ["33", "57", "34"]])
def test_what_cannot_be_drawn_is_not(pieces):
    assert draw_track(pieces) is None
