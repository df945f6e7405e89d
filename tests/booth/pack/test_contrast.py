"""Contrast is WCAG's: known pairs, and a shade that can be read is always found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.pack.contrast import contrast, is_colour, readable, too_faint

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54)],
)  # fmt: skip
def test_known_contrasts(one, other, ratio):
    """As WebAIM's contrast checker gives them."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS, COLOURS)
def test_a_readable_shade_is_always_found(ink, ground):
    better = readable(ink, ground)
    assert is_colour(better)
    assert contrast(better, ground) >= 4.5
    found = too_faint("ink", ink, ground)
    assert (found is None) == (contrast(ink, ground) >= 4.5)
    assert found is None or found.better == better
