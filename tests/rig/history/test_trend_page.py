"""The page of a trend: one file that fetches nothing, says what the text says, and is the same every time."""

from __future__ import annotations

import re

import pytest

from rig.history.findings import trend_of
from rig.history.nights import Skipped
from rig.history.trend_page import render_trend_page


@pytest.fixture(scope="module")
def trend(made_up):
    nights = made_up.make_nights(fade=0.015, slower=0.3)
    return trend_of("plan a <b> on sim:w", nights, [Skipped("run-x", "its bench failed")])


@pytest.fixture(scope="module")
def page(trend):
    return render_trend_page(trend)


def test_it_fetches_nothing_and_escapes_what_people_wrote(page):
    without_names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)
    assert not re.search(r"https?://|<script|<link|@import", without_names)
    assert "plan a &lt;b&gt; on sim:w" in page


def test_it_tells_the_findings_with_a_plot_for_each_figure(page, trend):
    assert page.count("<svg") == sum(len(finding.metrics) for finding in trend.findings) == 4
    assert "2 things stand out in" in page
    assert "firmware of all 5 cars 0x2774 → 0x2b6e" in page
    assert "run-x: its bench failed" in page
    for judgement in trend.judgements:
        assert judgement.series.subject in page


def test_ids_are_not_used_twice_and_the_same_nights_give_the_same_page(page, trend):
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert render_trend_page(trend) == page


def test_it_says_so_when_there_is_nothing_or_too_little(made_up):
    early = render_trend_page(trend_of("t", made_up.make_nights(3)))
    assert "Too early: 3 nights so far, 7 more" in early
    assert "<svg" not in early
