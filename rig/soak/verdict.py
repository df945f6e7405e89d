"""From judged limits to the verdict on one car, one set, or whatever else a kind judges. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rig.soak.limits import LimitVerdict
from rig.soak.outcome import Outcome, worst


@dataclass(frozen=True, slots=True)
class Verdict:
    """One subject judged: its worst limit decides; `label` names it in every reason."""

    label: str
    outcome: Outcome
    limits: tuple[LimitVerdict, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else than limits decides. `bench` says why the subject's part of the run could not be finished, if the
    bench failed it, and `heard` whether the subject ever had a chance before that; `given_up` why it was left
    alone, which fails it; `done` of `planned` units were run, and who did not run them all has not passed."""

    done: int
    planned: int | None = None
    bench: str | None = None
    heard: bool = True
    given_up: str | None = None


def verdict_of(label: str, judged: tuple[LimitVerdict, ...], around: Circumstances, *, units: str) -> Verdict:
    """The verdict on one subject; `units` are what it was to run (`cycles`)."""
    outcome = worst(verdict.outcome for verdict in judged)
    if around.bench is not None:
        outcome = Outcome.ERROR
        # that a broken bench leaves things open is no news, nor that a car it never reached did not answer
        reasons = [f"{label}: {around.bench}"]
        if around.heard:
            reasons += [verdict.reason for verdict in judged if verdict.outcome is Outcome.FAIL]
    elif around.given_up is not None:
        outcome = worst([outcome, Outcome.FAIL])
        reasons = [f"{label}: given up: {around.given_up}"]
        reasons += [verdict.reason for verdict in judged if verdict.outcome is outcome]
    elif outcome is Outcome.PASS and around.planned is not None and around.done < around.planned:
        outcome = Outcome.INCONCLUSIVE
        reasons = [f"{label}: {around.planned - around.done} of {around.planned} {units} were not run"]
    else:
        reasons = [verdict.reason for verdict in judged if verdict.outcome is outcome]
    return Verdict(label, outcome, judged, tuple(reasons))
