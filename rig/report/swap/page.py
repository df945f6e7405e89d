"""What the page's swap section is given."""

from __future__ import annotations

from rig.report.kind import PageSection
from rig.report.swap.model import SwapPart
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
            "outcomes": [
                (_OUTCOME_WORDS[outcome], count) for outcome, count in part.outcomes.items() if count
            ],
        },
    )
