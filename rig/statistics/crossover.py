"""Is it the car, the bay, the adapter or the host? Told apart by who else failed where.

Each part (one car, one bay, ...) is first compared with all its kind. Those that fail more are suspects. A suspect
is the cause if it still fails more when each other suspect is held equal (Cochran-Mantel-Haenszel over trials with
and without that other one); it is cleared if it does not, although it could have. Two suspects that were never
seen apart cannot be told apart by any arithmetic: then the answer is to rotate.

Trials are taken as independent given the parts. They are not quite, so a suspect must also fail much more often
than the rest, not only surely more often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy.stats import hypergeom

from rig.statistics.comparison import holm
from rig.statistics.stratified import Table, cochran_mantel_haenszel


class Part(StrEnum):
    """What a failure can be due to; the members stand in the order in which they are named."""

    CAR = "car"
    BAY = "bay"
    ADAPTER = "adapter"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Trials:
    """Trials with the same car in the same bay, over the same adapter of the same host; "" where a part is not
    known or has no share in it."""

    car: str
    bay: str
    adapter: str
    host: str
    failed: int
    trials: int

    def name_of(self, part: Part) -> str:
        """Which one of a kind took part."""
        return {Part.CAR: self.car, Part.BAY: self.bay, Part.ADAPTER: self.adapter, Part.HOST: self.host}[
            part
        ]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A part that fails more than the others of its kind: failures and trials with it and without it, and the
    p-value, adjusted for the number of parts looked at."""

    part: Part
    name: str
    failed: int
    trials: int
    failed_elsewhere: int
    trials_elsewhere: int
    p: float

    @property
    def rate(self) -> float:
        """Failures per trial with it."""
        return self.failed / self.trials

    @property
    def rate_elsewhere(self) -> float:
        """Failures per trial without it."""
        return self.failed_elsewhere / self.trials_elsewhere

    def __str__(self) -> str:
        return self.name if self.name.startswith(self.part) else f"{self.part} {self.name}"


class Finding(StrEnum):
    """What a diagnosis comes to."""

    NOTHING = "nothing"
    CAUSE = "cause"
    CONFOUNDED = "confounded"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The causes found, strongest first; the suspects that could not be told apart; and one sentence."""

    finding: Finding
    causes: tuple[Suspect, ...]
    confounded: tuple[Suspect, ...]
    sentence: str


_REMEDIES = {
    frozenset({Part.CAR, Part.BAY}): "rotate the cars over the bays",
    frozenset({Part.CAR, Part.ADAPTER}): "let the cars change adapters",
    frozenset({Part.CAR, Part.HOST}): "let the cars change hosts",
    frozenset({Part.BAY, Part.ADAPTER}): "let the bays change adapters",
    frozenset({Part.BAY, Part.HOST}): "move the bay to another host",
    frozenset({Part.ADAPTER, Part.HOST}): "move the adapter to another host",
}


def diagnose(
    outcomes: Iterable[Trials], *, alpha: float = 0.01, least_excess: float = 0.05, least_ratio: float = 2.0
) -> Diagnosis:
    """What makes trials fail. A suspect fails surely more often than the rest of its kind (`alpha`, adjusted for
    all parts looked at), by `least_excess` (a share of trials) or more and `least_ratio` times as often."""
    trials = [outcome for outcome in outcomes if outcome.trials]
    suspects = _suspects(trials, alpha, least_excess, least_ratio)
    if not suspects:
        return _nothing(trials)
    holds = {
        (one, other): _holds(trials, one, other, alpha / len(suspects))
        for one in suspects
        for other in suspects
        if one.part is not other.part
    }
    # cleared is whom another suspect explains, and who does not explain that other
    live = tuple(
        one
        for one in suspects
        if not any(held and x == one and not holds[one, other] for (other, x), held in holds.items())
    )
    causes = tuple(one for one in live if all(holds.get((one, other), True) for other in live))
    confounded = tuple(one for one in live if one not in causes)
    sentences = [_cause_sentence(causes)] if causes else []
    if confounded:
        sentences.append(_confounded_sentence(confounded))
    finding = Finding.CAUSE if causes else Finding.CONFOUNDED
    return Diagnosis(finding, causes, confounded, " ".join(sentences))


def _suspects(
    trials: Sequence[Trials], alpha: float, least_excess: float, least_ratio: float
) -> tuple[Suspect, ...]:
    looked_at = []
    for part in Part:
        known = [some for some in trials if some.name_of(part)]
        names = sorted({some.name_of(part) for some in known})
        if len(names) < 2:
            continue
        for name in names:
            t = _table(known, part, name)
            # Fisher's exact test, one-sided
            failed, total = t.failed_with + t.failed_without, t.trials_with + t.trials_without
            p = hypergeom.sf(t.failed_with - 1, total, failed, t.trials_with)
            looked_at.append((part, name, t, float(p)))
    adjusted = holm([p for *_, p in looked_at])
    found = [
        Suspect(part, name, t.failed_with, t.trials_with, t.failed_without, t.trials_without, p)
        for (part, name, t, _), p in zip(looked_at, adjusted, strict=True)
        if p < alpha
    ]
    much = (
        s
        for s in found
        if s.rate - s.rate_elsewhere >= least_excess and s.rate >= least_ratio * s.rate_elsewhere
    )
    return tuple(sorted(much, key=lambda s: (s.p, list(Part).index(s.part), s.name)))


def _holds(trials: Sequence[Trials], one: Suspect, other: Suspect, alpha: float) -> bool:
    """Does `one` fail more even when `other` is held equal? None seen apart: no."""
    known = [t for t in trials if t.name_of(one.part) and t.name_of(other.part)]
    strata = (
        _table([t for t in known if (t.name_of(other.part) == other.name) is with_other], one.part, one.name)
        for with_other in (True, False)
    )
    found = cochran_mantel_haenszel(strata)
    return found.excess > 0.0 and found.p < alpha


def _table(trials: Sequence[Trials], part: Part, name: str) -> Table:
    mine = [t for t in trials if t.name_of(part) == name]
    rest = [t for t in trials if t.name_of(part) != name]
    return Table(
        sum(t.failed for t in mine),
        sum(t.trials for t in mine),
        sum(t.failed for t in rest),
        sum(t.trials for t in rest),
    )


def _nothing(trials: Sequence[Trials]) -> Diagnosis:
    failed, count = sum(t.failed for t in trials), sum(t.trials for t in trials)
    if not failed:
        sentence = f"None of {count} trials failed."
    else:
        alike = [part.value for part in Part if len({t.name_of(part) for t in trials if t.name_of(part)}) > 1]
        among = f"No {' or '.join(alike)} fails" if alike else "There is nothing to compare: no part fails"
        sentence = f"{among} clearly more than the others ({failed} of {count} trials failed)."
    return Diagnosis(Finding.NOTHING, (), (), sentence)


def _cause_sentence(causes: Sequence[Suspect]) -> str:
    told = "; and ".join(
        f"{cause} fails {_share(cause.failed, cause.trials)}, the other {_plural(cause.part)}"
        f" {_share(cause.failed_elsewhere, cause.trials_elsewhere)}"
        for cause in causes
    )
    return f"The cause is {' and '.join(map(str, causes))}: {told}."


def _confounded_sentence(suspects: Sequence[Suspect]) -> str:
    kinds = sorted({s.part for s in suspects}, key=list(Part).index)
    remedy = _REMEDIES.get(frozenset(kinds[:2]), "run more trials")
    first = suspects[0]
    return (
        f"Confounded: {' and '.join(map(str, suspects))} fail {_share(first.failed, first.trials)} and were not seen"
        f" apart often enough to say which it is; {remedy}."
    )


def _share(failed: int, trials: int) -> str:
    return f"{failed} of {trials} times"


def _plural(part: Part) -> str:
    return f"{part}s"
