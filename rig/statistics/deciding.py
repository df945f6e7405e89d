"""How many trials would decide, if the share of good ones stays as seen?"""

from __future__ import annotations

import math
from collections.abc import Callable

_SEARCH_LIMIT = 1_000_000
"""Where the search for a deciding number of trials gives up: a year of nights."""


def trials_until(decided: Callable[[int, int], bool], good: int, n: int) -> int | None:
    """The fewest trials, `n` or more, of which `decided(trials, good ones)` holds while the share `good / n` stays
    (all good while there are none); None when no number up to a million would do."""
    share = good / n if n else 1.0
    low, high = max(n, 1), max(n, 1)
    while not decided(high, math.floor(share * high + 0.5)):
        low, high = high + 1, high * 2
        if high > _SEARCH_LIMIT:
            return None
    while low < high:  # the decision is monotone but for rounding of the share
        middle = (low + high) // 2
        if decided(middle, math.floor(share * middle + 0.5)):
            high = middle
        else:
            low = middle + 1
    return high
