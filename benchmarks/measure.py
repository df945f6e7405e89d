"""How benchmarks measure: alternately, in one run, and in ratios.

The machine is shared and the clock speed wanders, so a figure alone says little. `interleave` runs every
candidate in turn, round after round; whatever slows one round slows its neighbours too, and the ratio of two
candidates is taken within each round before the median over rounds.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from timeit import Timer

AIM_S = 0.02  # one candidate's share of a round: long beside the timer, short beside the machine's moods


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds per call, round by round, of every candidate."""

    rounds: Mapping[str, tuple[float, ...]]

    def seconds(self, name: str) -> float:
        """Median seconds per call."""
        return statistics.median(self.rounds[name])

    def nanoseconds(self, name: str, items: int = 1) -> float:
        """Median nanoseconds per item, when a call handles `items` of them."""
        return self.seconds(name) / items * 1e9

    def ratio(self, name: str, baseline: str) -> float:
        """How many times as long as the baseline: the median of the ratios within the rounds."""
        pairs = zip(self.rounds[name], self.rounds[baseline], strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)

    def spread(self, name: str, baseline: str) -> tuple[float, float]:
        """First and third quartile of those ratios: how noisy the machine was."""
        pairs = zip(self.rounds[name], self.rounds[baseline], strict=True)
        low, _, high = statistics.quantiles((mine / theirs for mine, theirs in pairs), n=4)
        return low, high


def interleave(candidates: Mapping[str, Callable[[], object]], rounds: int = 21) -> Timings:
    """Times the candidates in turn for `rounds` rounds, about `AIM_S` each, collector off as in timeit."""
    timers = {name: Timer(call) for name, call in candidates.items()}
    calls = {}
    for name, timer in timers.items():
        timer.timeit(1)  # warm
        calls[name] = max(1, round(AIM_S / max(timer.timeit(1), 1e-7)))
    taken: dict[str, list[float]] = {name: [] for name in timers}
    gc.collect()
    for turn in range(rounds):
        order = list(timers) if turn % 2 == 0 else list(reversed(timers))
        for name in order:
            taken[name].append(timers[name].timeit(calls[name]) / calls[name])
    return Timings({name: tuple(values) for name, values in taken.items()})


def percentile(ordered: list[float], share: float) -> float:
    """The value below which `share` (0..1) of an ascending list lies (nearest rank); NaN for an empty list."""
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
