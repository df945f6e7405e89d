"""What a battery plan may require, and how a limit is judged from lives. Pure.

Every figure is one number a life (seconds of life, seconds of charge, share of speed held), some of them only known
to be "at least" that much. A limit puts a quantile of that number above or below a bound, which is the same as a
share of lives beyond it, and that share has bounds of its own, honest for few lives (`rig.statistics.life_limits`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rig.soak.limits import LimitVerdict
from rig.soak.outcome import Outcome
from rig.statistics.life_limits import life_bounds, lives_needed
from rig.statistics.survival import Observation, kaplan_meier

_ROUNDING = 1e-9


class Figure(StrEnum):
    """What a limit may be put on.

    LIFE: seconds of driving and resting from full until the battery is dead. CHARGE: seconds on the charger from
    dead to full. SPEED_HELD: reported over ordered speed, a share. UNDISTURBED: 1 for a life that the battery or the
    plan's limit ended, 0 for one that the car ended otherwise.
    """

    LIFE = "life"
    CHARGE = "charge"
    SPEED_HELD = "speed_held"
    UNDISTURBED = "undisturbed"

    @property
    def is_time(self) -> bool:
        """Whether it is a time rather than a share."""
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
    """The `quantile` (0 to 1) of a figure shall be at least, or at most, `bound` (seconds, or a share), shown with
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
        return f"{self.bound / 60.0:g} min" if self.figure.is_time else f"{self.bound * 100:g} %"


@dataclass(frozen=True, slots=True)
class _Share:
    value: float
    lower: float
    upper: float


def judge(who: str, observations: Sequence[Observation], limit: Limit) -> LimitVerdict:
    """Judges one limit. The times of `observations` are in the figure's unit, and so are the verdict's value and
    one-sided bounds; the reason names who, the figure and the limit."""
    wanted = _wanted(limit)
    n = len(observations)
    if not n:
        reason = f"{who}: {limit.name} not shown: there is no life to judge by"
        return LimitVerdict(limit, Outcome.INCONCLUSIVE, 0, None, None, None, None, reason)
    good = _good_share(observations, limit)
    inside = f"{good.value * 100:.0f} % of {n} {'life' if n == 1 else 'lives'}"
    side = "reached" if limit.at_least else "stayed within"
    sure = f"{limit.confidence * 100:g} % confidence"
    needed = None
    if good.lower >= wanted - _ROUNDING:
        outcome = Outcome.PASS
        reason = f"{who}: {limit.name}: {inside} {side} it ({sure})"
    elif good.upper <= wanted + _ROUNDING:
        outcome = Outcome.FAIL
        least = f"at least {wanted * 100:g} % must"
        reason = f"{who}: {limit.name} does not hold: {inside} {side} it, {least} ({sure})"
    else:
        outcome = Outcome.INCONCLUSIVE
        needed = lives_needed(good.value, 1.0 - wanted, limit.confidence, at_least=n)
        more = f"; {needed} lives would decide it if that stays" if needed else ""
        between = f"the true share may be from {good.lower * 100:.0f} to {good.upper * 100:.0f} %"
        reason = f"{who}: {limit.name} not shown: {inside} {side} it, but {between} ({sure}){more}"
    if limit.quantile is None:
        return LimitVerdict(limit, outcome, n, good.value, good.lower, good.upper, needed, reason)
    value = kaplan_meier(observations).quantile(limit.quantile).value
    lower, upper = quantile_bounds(observations, limit.quantile, limit.confidence)
    return LimitVerdict(limit, outcome, n, value, lower, upper, needed, reason)


def quantile_bounds(
    observations: Sequence[Observation], q: float, confidence: float
) -> tuple[float | None, float | None]:
    """One-sided bounds of the time by which the share `q` has ended, each None where the lives are too few for
    one."""
    lower = upper = None
    for time in sorted({observation.time_s for observation in observations}):
        if life_bounds(observations, time, confidence).lower >= 1.0 - q - _ROUNDING:
            lower = time
        if upper is None and life_bounds(observations, _after(time), confidence).upper <= 1.0 - q + _ROUNDING:
            upper = time
    return lower, upper


def _good_share(observations: Sequence[Observation], limit: Limit) -> _Share:
    """The share of lives on the good side of the bound, with one-sided bounds of its own."""
    if limit.at_least:
        reached = life_bounds(observations, limit.bound, limit.confidence)
        return _Share(reached.share, reached.lower, reached.upper)
    beyond = life_bounds(observations, _after(limit.bound), limit.confidence)
    return _Share(1.0 - beyond.share, 1.0 - beyond.upper, 1.0 - beyond.lower)


def _after(time: float) -> float:
    """The next instant: what ends at `time` has ended by then."""
    return math.nextafter(time, math.inf)


def _wanted(limit: Limit) -> float:
    """The share of lives that must lie on the good side."""
    if limit.quantile is None:
        return limit.bound
    return 1.0 - limit.quantile if limit.at_least else limit.quantile
