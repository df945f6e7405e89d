"""What to do with a car in the morning, from its verdicts over all parts. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rig.soak.outcome import Outcome

_FAILED = {
    "battery": "its battery does not last: charge fully and test again, or keep it as a spare",
    "reconnect": "it comes back too slowly or not at all: try it in another bay, then on another radio",
    "swap": "it spoils pit stops: check its power button and charge contacts",
}
_ORDER = (Outcome.ERROR, Outcome.ABORTED, Outcome.INCONCLUSIVE)
_OPEN = {
    Outcome.ERROR: "Nothing is known yet ({}): mend the bench, then test again",
    Outcome.ABORTED: "Not through yet ({}): go on with the run",
    Outcome.INCONCLUSIVE: "Not decided yet ({}): test it longer",
}


def advice(by_kind: Mapping[str, Outcome]) -> str:
    """One or two sentences, given the verdict of each kind of part (the worst where there are several)."""
    failed = [kind for kind, outcome in by_kind.items() if outcome is Outcome.FAIL]
    if failed:
        why = "; ".join(_FAILED.get(kind, f"it failed {kind}") for kind in failed)
        return f"Do not race it: {why}."
    for outcome in _ORDER:
        kinds = [kind for kind, of_kind in by_kind.items() if of_kind is outcome]
        if kinds:
            return f"{_OPEN[outcome].format(', '.join(kinds))}. Do not race it before."
    return "Fit to race."
