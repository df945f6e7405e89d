"""How often does something need a second try, and is that surely more than it may?

A rate is flagged by its lower bound, and never for a single failure, so that bad luck flags nothing. A run in which most things failed
says something of that run (an adapter, a power cut) and would make all look flaky: it is kept apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rig.statistics.rates import jeffreys

_HABIT = 2
"""Once is no habit, however few the tries."""


@dataclass(frozen=True, slots=True)
class Tries:
    """First tries of one thing (a car, a bay, ...) in one run: how many failed, and how many of those passed on a
    retry."""

    key: str
    run: str
    tried: int
    failed_first: int
    passed_on_retry: int


@dataclass(frozen=True, slots=True)
class Flakiness:
    """First-try failures of one thing over all runs but the mass failures, with two-sided bounds of the rate (0
    to 1); `is_flagged` when it failed more than once and the lower bound is above the budget. `mass_runs` were kept apart."""

    key: str
    runs: int
    tried: int
    failed_first: int
    passed_on_retry: int
    lower: float
    upper: float
    is_flagged: bool
    mass_runs: tuple[str, ...]

    @property
    def rate(self) -> float:
        """First-try failures per try; 0 without any."""
        return self.failed_first / self.tried if self.tried else 0.0

    @property
    def retry_rate(self) -> float:
        """How many of its failures a retry mended, 0 to 1; 0 without any."""
        return self.passed_on_retry / self.failed_first if self.failed_first else 0.0


def flakiness(
    tries: Iterable[Tries], *, budget: float, confidence: float = 0.95, mass: float = 0.5
) -> tuple[Flakiness, ...]:
    """The flakiness of each thing, the worst first. `budget` is the rate of first-try failures that is put up
    with. A run of two things or more in which over a share `mass` of all first tries failed, and most things had
    a failure, is a mass failure."""
    rows = list(tries)
    apart = _mass_runs(rows, mass)
    by_key: dict[str, list[Tries]] = defaultdict(list)
    for row in rows:
        by_key[row.key].append(row)
    found = []
    for key, mine in by_key.items():
        counted = [row for row in mine if row.run not in apart]
        tried, failed = sum(row.tried for row in counted), sum(row.failed_first for row in counted)
        lower, upper = jeffreys(failed, tried, confidence)
        found.append(
            Flakiness(
                key,
                len({row.run for row in counted}),
                tried,
                failed,
                sum(row.passed_on_retry for row in counted),
                lower,
                upper,
                lower > budget and failed >= _HABIT,
                tuple(sorted({row.run for row in mine} & apart)),
            )
        )
    return tuple(sorted(found, key=lambda f: (-f.lower, -f.rate, f.key)))


def _mass_runs(rows: Iterable[Tries], mass: float) -> set[str]:
    by_run: dict[str, list[Tries]] = defaultdict(list)
    for row in rows:
        if row.tried:
            by_run[row.run].append(row)
    return {
        run
        for run, mine in by_run.items()
        if len({row.key for row in mine}) > 1
        and sum(row.failed_first for row in mine) > mass * sum(row.tried for row in mine)
        and 2 * sum(1 for row in mine if row.failed_first) > len(mine)
    }
