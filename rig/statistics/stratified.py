"""Does an exposure go with failing once another difference between the trials is held equal?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.stats import chi2


@dataclass(frozen=True, slots=True)
class Table:
    """Failures and trials with the exposure and without it, all else being equal."""

    failed_with: int
    trials_with: int
    failed_without: int
    trials_without: int

    @property
    def is_mixed(self) -> bool:
        """Were there trials both with and without, so that the two can be compared?"""
        return bool(self.trials_with and self.trials_without)


@dataclass(frozen=True, slots=True)
class Association:
    """Mantel and Haenszel's pooled odds ratio (NaN when undefined), the statistic with one degree of freedom and
    its two-sided p. `comparable` is False when no stratum held trials both with and without."""

    odds_ratio: float
    statistic: float
    p: float
    comparable: bool
    excess: float
    """Failures with the exposure above what the strata let expect."""


def cochran_mantel_haenszel(strata: Iterable[Table], *, corrected: bool = False) -> Association:
    """The test of Cochran (Biometrics 10, 1954) and Mantel & Haenszel (JNCI 22, 1959), with the continuity
    correction if asked. p is 1 when the strata decide nothing."""
    excess = variance = top = bottom = 0.0
    comparable = False
    for table in strata:
        n = table.trials_with + table.trials_without
        if not table.is_mixed:
            continue
        comparable = True
        failed = table.failed_with + table.failed_without
        excess += table.failed_with - table.trials_with * failed / n
        if n > 1:
            variance += table.trials_with * table.trials_without * failed * (n - failed) / (n * n * (n - 1))
        top += table.failed_with * (table.trials_without - table.failed_without) / n
        bottom += (table.trials_with - table.failed_with) * table.failed_without / n
    ratio = top / bottom if bottom else math.inf if top else math.nan
    if not variance:
        return Association(ratio, 0.0, 1.0, comparable, excess)
    distance = max(0.0, abs(excess) - (0.5 if corrected else 0.0))
    statistic = distance * distance / variance
    return Association(ratio, statistic, float(chi2.sf(statistic, 1)), comparable, excess)
