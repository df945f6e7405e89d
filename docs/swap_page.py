"""Writes docs/swaps.md: the steps of a swap, and how each fault of the nemesis must be met."""

from __future__ import annotations

from rig.soak.swap.nemesis import ANSWERS
from rig.soak.swap.steps import Step, StepLimits, SwapOutcome

_STEPS = {
    Step.READY: "B awake, off its chargers (metered), not low; A still races",
    Step.END: "A's race over, its cars stopped and disconnected",
    Step.OFF: "every car of A off: its adverts are gone while others are heard",
    Step.SET_UP: "every car of B connected with fresh data; the race begins",
    Step.CHARGE: "every car of A on charge, as its meter shows",
}
_OUTCOMES = {
    SwapOutcome.OK: "complete, nothing tried twice",
    SwapOutcome.FLAKY: "complete, something had to be tried again",
    SwapOutcome.REFUSED: "a car could not be swapped: taken out and named, the others were swapped",
    SwapOutcome.VOID: "the bench failed it, which says nothing about the cars",
    SwapOutcome.FAIL: "an invariant was broken; the bench was made safe",
    SwapOutcome.CUT: "whoever watched went away in the middle; everything begins anew from nothing known",
}


def swap_page() -> str:
    """The page."""
    limits = StepLimits()
    lines = [
        "# Swap handling",
        "",
        (
            "Written by `python tasks.py docs` from `rig/soak/swap/`. `pitboard soak swap` lets two sets take turns on the"
            " bench, as at the booth, and times every step. Whether a step is safe is decided by the"
            " [rotation](rotation.md) alone."
        ),
        "",
        "## The steps (set A leaves, set B takes over)",
        "",
        "| step | it is over when | a car is taken out after |",
        "|---|---|---|",
        *(f"| {step} | {words} | {limits.of(step):g} s |" for step, words in _STEPS.items()),
        "",
        (
            "A car that holds up a step is taken out, named, with its charger off and its link closed; the rest of its set"
            " goes on. It may take part again when its set rests, until it was taken out `give_up_after` times in a row."
        ),
        "",
        "## How a swap ends",
        "",
        "| outcome | meaning |",
        "|---|---|",
        *(f"| {outcome} | {words} |" for outcome, words in _OUTCOMES.items()),
        "",
        (
            "A swap that was under way when a run on a bench was killed or stopped is `cut`: `--resume` makes its row, from its"
            " beginning to the last that was written, and goes on with the next number. It says nothing about the cars, and is"
            " listed with what cut it and how long nobody watched; what was done in it stands in the journal. In virtual time"
            " it is replayed and comes out whole."
        ),
        "",
        "## The nemesis",
        "",
        (
            "Its faults are drawn by the seed, written to the same journal as what they spoil, and each is judged by the"
            " answer it got (`faults_met`). Their swaps are left out of the times and of the success rate."
        ),
        "",
        "| fault | what happens | the right answer |",
        "|---|---|---|",
        *(f"| `{kind}` | {answer.fault} | {answer.words} |" for kind, answer in ANSWERS.items()),
        "",
    ]
    return "\n".join(lines)
