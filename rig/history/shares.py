"""Whether two shares may be one: Fisher's exact test over their units. Pure."""

from __future__ import annotations

from typing import Any

from scipy.stats import fisher_exact


def same_share_p(successes: tuple[int, int], trials: tuple[int, int]) -> float:
    """Two-sided p-value (0 to 1) of two counts of successes in so many trials having one rate behind them."""
    table = [[good, tried - good] for good, tried in zip(successes, trials, strict=True)]
    answer: Any = fisher_exact(table)  # scipy types its result more loosely than it is
    return float(answer[1])
