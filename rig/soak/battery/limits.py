"""What a battery plan may require, and how a limit is judged from lives. Pure.

Every figure is one number a life (minutes of life, minutes of charge, share of speed held), some of them only known
to be "at least" that much. A limit puts a quantile of that number above or below a bound, which is the same as a
share of lives beyond it, and that share has bounds of its own whatever the distribution (`survival_bounds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rig.soak.battery.survival_bounds import Span, share_beyond
from rig.soak.outcome import Outcome
from rig.statistics.rates import exact

_SEARCH_LIMIT = 10_000


class Figure(StrEnum):
    """What a limit may be put on.

    LIFE: minutes of driving and resting from full until the battery is dead. CHARGE: minutes on the charger from
    dead to full. SPEED_HELD: reported over ordered speed, a share. UNDISTURBED: 1 for a life that the battery or the
    plan's limit ended, 0 for one that the car ended otherwise.
    """

    LIFE = "life"
    CHARGE = "charge"
    SPEED_HELD = "speed_held"
    UNDISTURBED = "undisturbed"

    @property
    def is_time(self) -> bool:
        """Whether it is in minutes rather than a share."""
        return self in {Figure.LIFE, Figure.CHARGE}

    @property
    def words(self) -> str:
        """For sentences."""
        return {"speed_held": "speed held", "undisturbed": "undisturbed lives"}.get(self.value, self.value)


class Scope(StrEnum):
    """Whose lives count together: one car's, or those of all cars of a set."""

    CAR = "car"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Limit:
    """The `quantile` (0 to 1) of a figure shall be at least, or at most, `bound` (minutes, or a share), shown with
    one-sided `confidence`. Of a rate (UNDISTURBED) the bound itself is the share, and there is no quantile."""

    figure: Figure
    scope: Scope
    confidence: float
    bound: float
    at_least: bool
    quantile: float | None = None

    @property
    def name(self) -> str:
        """The limit in a few words, e.g. `P10 life ≥ 15 min`."""
        sign = "≥" if self.at_least else "≤"
        of_set = " of the set" if self.scope is Scope.SET else ""
        if self.quantile is None:
            return f"{self.figure.words}{of_set} {sign} {self.bound * 100:g} %"
        return f"P{self.quantile * 100:g} {self.figure.words}{of_set} {sign} {self.bound_text}"

    @property
    def bound_text(self) -> str:
        """The bound with its unit."""
        return f"{self.bound:g} min" if self.figure.is_time else f"{self.bound * 100:g} %"


@dataclass(frozen=True, slots=True)
class LimitVerdict:
    """One limit judged for a car or a set. `share` of the lives (with its one-sided bounds) lies on the good side
    of the bound, where `wanted` must; `n` lives say so, `needed` would decide it if the share stayed."""

    limit: Limit
    outcome: Outcome
    n: int
    value: float | None
    share: float | None
    lower: float | None
    upper: float | None
    wanted: float
    needed: int | None
    reason: str


def judge(who: str, spans: Sequence[Span], limit: Limit) -> LimitVerdict:
    """Judges one limit. `spans` are in the figure's unit; the reason names who, the figure and the limit."""
    wanted = _wanted(limit)
    n = len(spans)
    bounds = share_beyond(spans, limit.bound, limit.confidence, at_bound=limit.at_least)
    if limit.at_least:
        share, lower, upper = bounds.value, bounds.lower, bounds.upper
    else:
        share, lower, upper = 1.0 - bounds.value, 1.0 - bounds.upper, 1.0 - bounds.lower
    value = None if limit.quantile is None else quantile(spans, limit.quantile)
    inside = f"{share * 100:.0f} % of {n} {'life' if n == 1 else 'lives'}"
    side = "reached" if limit.at_least else "stayed within"
    sure = f"{limit.confidence * 100:g} % confidence"
    needed: int | None = None
    if not n:
        outcome, reason = Outcome.INCONCLUSIVE, f"{who}: {limit.name} not shown: there is no life to judge by"
        needed = lives_needed(1.0, limit)
        return LimitVerdict(limit, outcome, 0, None, None, None, None, wanted, needed, _more(reason, needed))
    if lower >= wanted - 1e-9:
        outcome = Outcome.PASS
        reason = f"{who}: {limit.name}: {inside} {side} it ({sure})"
    elif upper <= wanted + 1e-9:
        outcome = Outcome.FAIL
        least = f"; at least {wanted * 100:g} % must"
        reason = f"{who}: {limit.name} does not hold: {inside} {side} it{least} ({sure})"
    else:
        outcome = Outcome.INCONCLUSIVE
        needed = lives_needed(share, limit, at_least=n)
        between = f"the true share may be anything from {lower * 100:.0f} to {upper * 100:.0f} %"
        reason = _more(f"{who}: {limit.name} not shown: {inside} {side} it, but {between} ({sure})", needed)
    return LimitVerdict(limit, outcome, n, value, share, lower, upper, wanted, needed, reason)


def lives_needed(share: float, limit: Limit, *, at_least: int = 1) -> int | None:
    """How many lives would decide the limit if this share of them stays on its good side; None when no number up
    to 10,000 would."""
    wanted = _wanted(limit)
    n = at_least
    while n <= _SEARCH_LIMIT:
        good = round(share * n)
        bounds = exact(good, n, 2.0 * limit.confidence - 1.0)
        if bounds.lower >= wanted - 1e-9 or bounds.upper <= wanted + 1e-9:
            return n
        n += 1 if n < 200 else n // 100
    return None


def quantile(spans: Sequence[Span], q: float) -> float | None:
    """The value by which the share `q` has ended, by the product-limit estimate; None when too few did."""
    alive = 1.0
    for value in sorted({span.value for span in spans if span.ended}):
        at_risk = sum(span.entered < value <= span.value for span in spans)
        alive *= 1.0 - sum(span.ended and span.value == value for span in spans) / at_risk
        if alive <= 1.0 - q + 1e-9:
            return value
    return None


def _wanted(limit: Limit) -> float:
    """The share of lives that must lie on the good side."""
    if limit.quantile is None:
        return limit.bound
    return 1.0 - limit.quantile if limit.at_least else limit.quantile


def _more(reason: str, needed: int | None) -> str:
    if needed is None:
        return f"{reason}; it sits on the limit, more lives would not decide it"
    return f"{reason}; {needed} lives would decide it if that stays"
