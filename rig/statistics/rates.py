"""Success rates with Wilson's, exact or Jeffreys' bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import beta, norm

from rig.statistics.deciding import trials_until


@dataclass(frozen=True, slots=True)
class Rate:
    """A success rate with its bounds, each from 0 to 1."""

    successes: int
    trials: int
    lower: float
    upper: float

    @property
    def value(self) -> float:
        """Successes per trial; NaN without trials."""
        return self.successes / self.trials if self.trials else math.nan


def wilson(successes: int, trials: int, confidence: float, *, two_sided: bool = True) -> Rate:
    """Wilson's score interval of a success rate (Wilson, JASA 22, 1927); [0, 1] without trials."""
    if not trials:
        return Rate(0, 0, 0.0, 1.0)
    z = float(norm.ppf((1.0 + confidence) / 2.0 if two_sided else confidence))
    rate = successes / trials
    spread = 1.0 + z * z / trials
    centre = (rate + z * z / (2 * trials)) / spread
    half = z / spread * math.sqrt(rate * (1.0 - rate) / trials + z * z / (4.0 * trials * trials))
    # at the ends the bound is exact, but for rounding
    lower = 0.0 if successes == 0 else max(0.0, centre - half)
    upper = 1.0 if successes == trials else min(1.0, centre + half)
    return Rate(successes, trials, lower, upper)


def exact(successes: int, trials: int, confidence: float) -> Rate:
    """The exact two-sided interval of a success rate (Clopper and Pearson, Biometrika 26, 1934), which is never
    too narrow, however few the trials or rare the failures; [0, 1] without trials."""
    doubt = (1.0 - confidence) / 2.0
    failures = trials - successes
    lower = float(beta.ppf(doubt, successes, failures + 1)) if successes else 0.0
    upper = float(beta.ppf(1.0 - doubt, successes + 1, failures)) if failures else 1.0
    return Rate(successes, trials, lower, upper)


def jeffreys(failed: int, tried: int, confidence: float) -> tuple[float, float]:
    """Two-sided bounds of a rate from Jeffreys' prior Beta(1/2, 1/2) (Brown, Cai & DasGupta, Statist. Sci. 16,
    2001): nearly exact on average also for rates close to nothing; 0 and 1 at the ends."""
    tail = (1.0 - confidence) / 2.0
    passed = tried - failed
    lower = float(beta.ppf(tail, failed + 0.5, passed + 0.5)) if failed else 0.0
    upper = float(beta.ppf(1.0 - tail, failed + 0.5, passed + 0.5)) if passed else 1.0
    return lower, upper


def rate_trials_needed(successes: int, n: int, at_least: float, confidence: float) -> int | None:
    """How many trials would decide whether the rate is at least a limit, if it stays as seen; None when no
    number up to a million would."""

    def decided(m: int, good: int) -> bool:
        bounds = wilson(good, m, confidence, two_sided=False)
        return bounds.lower >= at_least or bounds.upper < at_least

    return trials_until(decided, successes, n)
