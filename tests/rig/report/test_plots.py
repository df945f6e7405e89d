"""Plots from plain figures: what must be seen is in the SVG, and equal figures give equal bytes."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET

import pytest

from rig.report.plots.canvas import HALF_IN, draw_svg
from rig.report.plots.latency import LatencyCurve, LatencyFigure, Whisker, latency_plot, span_of
from rig.report.plots.limit_lines import LimitLine
from rig.report.plots.stages import StagesFigure, stages_plot
from rig.report.plots.survival import AliveCurve, AliveFrom, SurvivalFigure, at_risk, survival_plot
from rig.report.plots.timeline import (
    Bar,
    BarStyle,
    Gap,
    Lane,
    MarkKind,
    Marks,
    TimelineFigure,
    broken_axis,
    split_at_gaps,
    timeline_plot,
)
from rig.report.plots.traces import Panel, Trace, TracesFigure, thinned, traces_plot
from rig.report.plots.waterfall import WaterfallFigure, WaterfallStep, waterfall_plot

LIVES = tuple(
    AliveFrom(600.0 + 60 * i, 0.95 - 0.1 * i, 0.8 - 0.09 * i, 0.99 - 0.05 * i, 8 - i, cut=int(i == 2))
    for i in range(8)
)


def latency(n=93, curves=4):
    rng = random.Random(1)
    return LatencyFigure(
        "set A",
        tuple(
            LatencyCurve(
                f"car {index}",
                tuple(rng.lognormvariate(1, 0.4) for _ in range(n)),
                timeouts=index,
                whiskers=(Whisker(0.5, 2.5, 3.0), Whisker(0.95, 4.5, None)),
            )
            for index in range(curves)
        ),
        (LimitLine("P95 reconnect ≤ 8 s", 8.0, 0.95), LimitLine("success rate ≥ 99 %", 30.0, 0.99)),
        timeout_s=30.0,
        span_s=(0.5, 32.0),
    )


def survival():
    return SurvivalFigure(
        "both sets",
        (AliveCurve("set A", LIVES, 8), AliveCurve("set B", LIVES[:3], 3)),
        (LimitLine("P10 ≥ 12 min", 720.0, 0.9),),
    )


def traces():
    lives = tuple(
        Trace(tuple((10.0 * i, 4100.0 - 2 * i) for i in range(300)), whole=n != 1) for n in range(3)
    )
    return TracesFigure(
        "set A", "volts", (Panel("Skull", lives), Panel("Nuke", ()), Panel("X52", lives)), limit=3300.0
    )


def stages():
    return StagesFigure(
        "after a loss", ("seen", "connected"), (("Skull", (1.0, 2.0)), ("Nuke", (0.5, 3.5))), 4.0
    )


def waterfall():
    return WaterfallFigure(
        "A out, B in",
        (WaterfallStep("A off", 4.0, 6.0, 50), WaterfallStep("B joins", 9.0, None, 10)),
        WaterfallStep("whole swap", 13.5, 16.0, 50),
        budget_s=30.0,
    )


CUT = (Gap(5000.0, 5000.0, "cut, 1 h"),)


def timeline(*, gaps=CUT, wide=True):
    return TimelineFigure(
        "",
        (
            Lane("battery", (Bar(0.0, 5400.0, 0, "set A"), Bar(5400.0, 9000.0, 0, "set B"))),
            Lane(
                "reconnect",
                (Bar(9000.0, 14000.0, 0),),
                (Marks(0, tuple(range(9000, 14000, 2))), Marks(1, (9500.0,))),
            ),
        ),
        (MarkKind("back at once", "|", "#009e73", line=True), MarkKind("timed out", "X", "#d55e00")),
        (BarStyle("under way", "#0072b2"),),
        gaps,
        is_wide=wide,
    )


ALL = {
    "latency": (latency_plot, latency),
    "survival": (survival_plot, survival),
    "traces": (traces_plot, traces),
    "stages": (stages_plot, stages),
    "waterfall": (waterfall_plot, waterfall),
    "timeline": (timeline_plot, timeline),
}


@pytest.fixture(scope="module")
def svgs():
    return {name: plot(make(), f"part-1-{name}") for name, (plot, make) in ALL.items()}


def texts(svg):
    return [element.text for element in ET.fromstring(svg.replace("var(--", "(")).iter() if element.text]


@pytest.mark.parametrize("name", ALL)
def test_a_plot_is_plain_svg_that_takes_its_colours_from_the_page(svgs, name):
    svg = svgs[name]
    assert svg.startswith('<svg role="img" aria-label="')
    assert "var(--ink)" in svg
    assert not re.search(r'#010203|DejaVu|<metadata|<script|href="(?!#)', svg)
    assert not re.search(r' (?:d|x|y)="[^"]*\.\d{3}', svg), "two decimals are enough"
    ET.fromstring(re.sub(r"xlink:", "", svg))


def test_the_same_figure_gives_the_same_bytes(svgs):
    assert latency_plot(latency(), "part-1-latency") == svgs["latency"]
    assert timeline_plot(timeline(), "part-1-timeline") == svgs["timeline"]


def test_every_limit_is_drawn_and_named(svgs):
    assert {"P95 reconnect ≤ 8 s", "success rate ≥ 99 %"} <= set(texts(svgs["latency"]))
    assert "P10 ≥ 12 min" in texts(svgs["survival"])
    assert "budget 30 s" in texts(svgs["waterfall"])


def test_a_budget_far_beyond_the_steps_does_not_squeeze_them():
    far = WaterfallFigure("", waterfall().steps, waterfall().total, budget_s=300.0)
    words = texts(waterfall_plot(far, "far"))
    assert "budget 300 s, beyond the right edge →" in words
    assert "300" not in words, "no tick of the axis"


def test_numbers_at_risk_stand_under_the_survival_curves(svgs):
    words = texts(svgs["survival"])
    assert "still watched (at risk)" in words
    curve = AliveCurve("set A", LIVES, 8)
    assert [at_risk(curve, minute * 60.0) for minute in (0, 10, 12, 17, 30)] == [8, 8, 6, 1, 0]
    assert words.count("set B") == 2, "in the legend and in the table"


def test_a_life_cut_short_is_ticked_on_its_curve():
    cut = survival_plot(survival(), "cut")
    whole = survival_plot(SurvivalFigure("both sets", (AliveCurve("set A", LIVES[:2], 2),)), "cut")
    assert cut.count("<use") > whole.count("<use")


def test_thousands_of_attempts_stay_small():
    assert len(latency_plot(latency(n=10_000), "big")) < 60_000
    figure = TimelineFigure(
        "",
        tuple(Lane(f"car {n}", marks=(Marks(0, tuple(range(0, 28_800, 3))),)) for n in range(8)),
        (MarkKind("ok", "|", "#009e73", line=True),),
    )
    assert len(timeline_plot(figure, "night")) < 60_000


def test_thinning_keeps_ends_and_extremes():
    points = [(float(i), 100.0 - i + (50.0 if i == 333 else 0.0)) for i in range(1000)]
    kept = thinned(points)
    assert len(kept) <= 92
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert points[333] in kept
    assert thinned(points[:10]) == points[:10]


def test_a_cut_of_no_run_time_still_has_room_on_the_axis():
    axis = broken_axis(0.0, 1000.0, [Gap(500.0, 500.0)])
    ((start, stop),) = axis.stretches()
    assert start == 500.0
    assert stop - start == pytest.approx(18.0)
    assert axis.place(499.0) == 499.0
    assert axis.place(501.0) == pytest.approx(519.0)
    assert (axis.place(500.0, after=False), axis.place(500.0)) == (500.0, pytest.approx(518.0))


def test_a_gap_in_real_time_is_drawn_to_scale():
    axis = broken_axis(0.0, 1000.0, [Gap(400.0, 700.0)])
    assert axis.stretches() == [(400.0, 700.0)]
    assert axis.place(800.0) == 800.0


def test_two_hundred_gaps_leave_room_for_the_night():
    axis = broken_axis(0.0, 1000.0, [Gap(float(5 * n), float(5 * n)) for n in range(200)])
    assert axis.place(1000.0) == pytest.approx(1300.0)


def test_nothing_is_drawn_where_nobody_watched():
    bars = split_at_gaps(Bar(0.0, 100.0, 0, "A"), [Gap(20.0, 30.0), Gap(60.0, 60.0), Gap(200.0, 201.0)])
    assert [(bar.from_s, bar.until_s) for bar in bars] == [(0.0, 20.0), (30.0, 60.0), (60.0, 100.0)]
    assert [bar.label for bar in bars] == ["A", "", ""]


def test_the_timeline_names_its_gaps(svgs):
    assert {"cut, 1 h", "gap: nobody watched", "hours into the run"} <= set(texts(svgs["timeline"]))
    assert 'class="full"' in svgs["timeline"]
    assert 'class="full"' not in timeline_plot(timeline(wide=False), "small")


def test_plots_of_nothing_are_still_drawn():
    assert span_of([], 30.0) == (pytest.approx(2.1), pytest.approx(32.4))
    for svg in (
        latency_plot(LatencyFigure("", (LatencyCurve("x", ()),), (), 30.0, (1.0, 32.0)), "a"),
        survival_plot(SurvivalFigure("", ()), "b"),
        traces_plot(TracesFigure("", "volts", ()), "c"),
        timeline_plot(TimelineFigure("", (Lane("x"),)), "d"),
        waterfall_plot(WaterfallFigure("", (), WaterfallStep("whole", 0.0, None, 0)), "e"),
    ):
        assert svg.startswith("<svg")


def test_words_for_those_who_hear_the_page_are_escaped():
    svg = draw_svg(lambda _: None, height_in=1.0, salt="X y/z", says='a "b" <c> & d')
    assert 'aria-label="a &quot;b&quot; &lt;c> &amp; d"' in svg
    assert HALF_IN < 6
