"""What the page's swap section is given."""

from __future__ import annotations

from rig.report.kind import PageSection
from rig.report.plots.waterfall import WaterfallFigure, WaterfallStep, waterfall_plot
from rig.report.swap.model import SwapPart, TimeFigures
from rig.report.swap.text import STEP_WORDS
from rig.soak.swap.steps import SwapOutcome

_OUTCOME_WORDS = {
    SwapOutcome.OK: "complete at once",
    SwapOutcome.FLAKY: "complete after something was tried again",
    SwapOutcome.REFUSED: "a car could not be swapped and was taken out",
    SwapOutcome.VOID: "the bench failed",
    SwapOutcome.FAIL: "an invariant was broken",
    SwapOutcome.CUT: "cut short",
}


def page_of(part: SwapPart) -> PageSection:
    """The section `swap.html.j2`."""
    return PageSection(
        "swap.html.j2",
        {
            "step_words": STEP_WORDS,
            "waterfall_plots": [waterfall_plot(_waterfall(part), f"part-{part.row.part}-waterfall")]
            if part.total.n
            else [],
            "outcomes": [
                (_OUTCOME_WORDS[outcome], count) for outcome, count in part.outcomes.items() if count
            ],
        },
    )


def _waterfall(part: SwapPart) -> WaterfallFigure:
    steps = [_step(STEP_WORDS[each.step], each.times) for each in part.steps if each.times.n]
    return WaterfallFigure(
        "the swap, step by step", tuple(steps), _step("the whole swap", part.total), part.plan.budget_s
    )


def _step(name: str, times: TimeFigures) -> WaterfallStep:
    """Medians and P95s; a P95 that fell among the incomplete swaps is none."""
    at = {q: value for q, value, _ in times.quantiles}
    median, late = at[0.5], at[0.95]
    late_s = None if late is None or late.at_least else late.value_s
    return WaterfallStep(name, 0.0 if median is None else median.value_s, late_s, times.n)
