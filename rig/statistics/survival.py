"""How long batteries last: survival curves that keep the lives which were cut short.

Kaplan-Meier estimate (Kaplan & Meier, JASA 53, 1958) with Greenwood's variance and the log-log interval of
Kalbfleisch & Prentice (1980), which stays inside [0, 1]; quantiles by inverting that interval (Brookmeyer &
Crowley, Biometrics 38, 1982); delayed entry as in Klein & Moeschberger, Survival Analysis (2003), 4.6: whoever
enters late is at risk after the entry only. A tie of a death and a censoring counts the death first. scipy's
`ecdf` knows neither delayed entry nor competing ends, which is why the estimate is written here.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy.stats import chi2, norm

_ROUNDING = 1e-9
_TIE = 1e-12
"""Products of fractions that should be equal differ by less than this."""


class Ended(StrEnum):
    """How an observation ended: with the event looked for, cut short while it was still to come, or by
    another event that made it impossible (a car off the track cannot run flat)."""

    EVENT = "event"
    CENSORED = "censored"
    COMPETING = "competing"


@dataclass(frozen=True, slots=True)
class Observation:
    """One life. Seconds count from the origin (a full battery); `entered_s` is where watching began, 0 or later.

    Raises ValueError when it ended before it was entered, or when a figure is negative or not finite.
    """

    time_s: float
    ended: Ended
    cause: str = ""
    entered_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a life that cannot have been watched."""
        if not (math.isfinite(self.time_s) and 0.0 <= self.entered_s <= self.time_s):
            raise ValueError(f"a life from {self.entered_s} s to {self.time_s} s cannot have been watched")
        if self.entered_s and self.entered_s == self.time_s:
            raise ValueError(f"a life entered and ended at {self.time_s} s was never watched")


@dataclass(frozen=True, slots=True)
class Step:
    """The curve from `time_s` to the next step: share still alive with its bounds (0 to 1), and the numbers at
    risk just before, of events and of lives cut short at that time."""

    time_s: float
    survival: float
    lower: float
    upper: float
    at_risk: int
    events: int
    censored: int


class Quantile(NamedTuple):
    """A time in seconds with its bounds; None where the curve, or its bound, never falls so far."""

    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """A Kaplan-Meier curve: one step for each time at which a life ended, in order of time."""

    steps: tuple[Step, ...]
    confidence: float
    lives: int
    entries_s: tuple[float, ...] = ()

    @property
    def events(self) -> int:
        """How many lives ended with the event."""
        return sum(step.events for step in self.steps)

    def at(self, time_s: float) -> Step:
        """The step in force at a time, `at_risk` being the number at risk then: under a plot, for instance."""
        index = bisect_right(self.steps, time_s, key=lambda step: step.time_s)
        at_risk = self._at_risk(time_s)
        if not index:
            return Step(time_s, 1.0, 1.0, 1.0, at_risk, 0, 0)
        step = self.steps[index - 1]
        now = step.time_s == time_s
        return Step(
            time_s,
            step.survival,
            step.lower,
            step.upper,
            at_risk,
            step.events if now else 0,
            step.censored if now else 0,
        )

    def quantile(self, q: float) -> Quantile:
        """The time by which a share `q` (0 < q < 1) has had the event: the first at which the curve is at most
        1 - q, and the first at which its bounds are. Two-sided, at the curve's confidence."""
        if not 0.0 < q < 1.0:
            raise ValueError(f"a quantile lies between 0 and 1, not at {q}")
        level = 1.0 - q + _TIE

        def first(values: list[float]) -> float | None:
            times = (s.time_s for s, value in zip(self.steps, values, strict=True) if value <= level)
            return next(times, None)

        return Quantile(
            first([step.survival for step in self.steps]),
            first([step.lower for step in self.steps]),
            first([step.upper for step in self.steps]),
        )

    def _at_risk(self, time_s: float) -> int:
        left = sum(step.events + step.censored for step in self.steps if step.time_s < time_s)
        entered = sum(1 for at_s in self.entries_s if at_s == 0.0 or at_s < time_s)
        return entered - left


@dataclass(frozen=True, slots=True)
class Rmst:
    """Restricted mean survival time: seconds lived on average up to `until_s`, and the variance of that
    estimate. `until_s` is less than was asked for when no life was watched so long."""

    value_s: float
    variance_s2: float
    until_s: float

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Two-sided normal bounds in seconds, inside [0, until]."""
        half = float(norm.ppf((1.0 + confidence) / 2.0)) * math.sqrt(self.variance_s2)
        return max(0.0, self.value_s - half), min(self.until_s, self.value_s + half)


@dataclass(frozen=True, slots=True)
class Incidence:
    """Share of lives that ended by one cause until `time_s`, with its standard error and bounds (0 to 1)."""

    time_s: float
    share: float
    error: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Test:
    """A test's statistic, its degrees of freedom and its p-value."""

    __test__ = False  # not one of pytest's
    statistic: float
    dof: int
    p: float


class _Row(NamedTuple):
    time_s: float
    at_risk: int
    events: int
    others: int


def kaplan_meier(observations: Sequence[Observation], confidence: float = 0.95) -> SurvivalCurve:
    """The survival curve with two-sided pointwise bounds; competing ends count as cut short, so that it tells
    how batteries would last if nothing else ended a run (use `cumulative_incidence` for what did).

    Once everybody has died the upper bound stays where it was, for Greenwood's variance is not defined there
    (R's survfit gives NA, lifelines 0). With late entries the curve may fall early, while few are at risk.
    """
    z = float(norm.ppf((1.0 + confidence) / 2.0))
    survival, greenwood, upper = 1.0, 0.0, 1.0
    steps = []
    for time_s, at_risk, events, others in _risk_table(observations):
        if events:
            survival *= 1.0 - events / at_risk
            greenwood += _ratio(events, at_risk * (at_risk - events))
        if events == at_risk:
            survival, lower = 0.0, 0.0
        elif survival in (0.0, 1.0):
            lower = survival
        else:
            half = z * math.sqrt(greenwood) / abs(math.log(survival))
            lower = survival ** math.exp(half)
            upper = survival ** math.exp(-half)
        steps.append(Step(time_s, survival, lower, upper, at_risk, events, others))
    entries = tuple(sorted(o.entered_s for o in observations))
    return SurvivalCurve(tuple(steps), confidence, len(observations), entries)


def rmst(curve: SurvivalCurve, until_s: float) -> Rmst:
    """The area under a curve up to `until_s`, or up to the last time anybody was watched, with the variance
    of Klein & Moeschberger (2003), 4.5: the sum over deaths of area-to-come squared x d / (Y (Y - d))."""
    last = curve.steps[-1].time_s if curve.steps else 0.0
    known = until_s if curve.steps and curve.steps[-1].survival == 0.0 else min(until_s, last)
    deaths = [step for step in curve.steps if step.events and step.time_s < known]
    edges = np.array([0.0, *(step.time_s for step in deaths), known])
    levels = np.array([1.0, *(step.survival for step in deaths)])
    areas = np.diff(edges) * levels
    to_come = areas[::-1].cumsum()[::-1][1:]
    weights = np.array([_ratio(s.events, s.at_risk * (s.at_risk - s.events)) for s in deaths])
    return Rmst(float(areas.sum()), float((to_come**2 * weights).sum()), known)


def cumulative_incidence(
    observations: Sequence[Observation], cause: str, confidence: float = 0.95
) -> tuple[Incidence, ...]:
    """The share that ended by `cause` while other causes compete (Aalen & Johansen, Scand. J. Statist. 5, 1978),
    one step for each time at which something ended, with the delta-method variance of Marubini & Valsecchi
    (1995), 10.4, and log-log bounds. Every end that is not a censoring counts, by its `cause`."""
    z = float(norm.ppf((1.0 + confidence) / 2.0))
    table = _risk_table(observations, both=True)
    by_cause = {
        row.time_s: row.events
        for row in _risk_table([o for o in observations if o.cause == cause], both=True)
    }
    at_risk = np.array([row.at_risk for row in table], dtype=float)
    ends = np.array([row.events for row in table], dtype=float)
    mine = np.array([by_cause.get(row.time_s, 0) for row in table], dtype=float)
    survival = np.cumprod(1.0 - ends / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    share = np.cumsum(before * mine / at_risk)
    left = at_risk - ends
    hazard = np.divide(ends, at_risk * left, out=np.zeros_like(ends), where=left > 0)
    own = before**2 * (at_risk - mine) * mine / at_risk**3
    cross = before * mine / at_risk**2
    steps = []
    for index, row in enumerate(table):
        to_come = share[index] - share[: index + 1]
        variance = float(
            (to_come**2 * hazard[: index + 1]).sum()
            + own[: index + 1].sum()
            - 2.0 * (to_come * cross[: index + 1]).sum()
        )
        error = math.sqrt(max(0.0, variance))
        lower, upper = _log_log(float(share[index]), error, z)
        steps.append(Incidence(row.time_s, float(share[index]), error, lower, upper))
    return tuple(steps)


def log_rank(groups: Mapping[Hashable, Sequence[Observation]]) -> Test:
    """Do two or more groups live equally long? The log-rank test (Mantel, 1966; Peto & Peto, 1972) with the
    hypergeometric covariance; p is 1 when no group ever had an event while another was watched. Raises
    ValueError with fewer than two groups that hold a life."""
    filled = [list(group) for group in groups.values() if group]
    if len(filled) < 2:
        raise ValueError("a log-rank test compares two groups or more")
    times = np.array(sorted({o.time_s for group in filled for o in group if o.ended is Ended.EVENT}))
    at_risk = np.array([_at_risk(group, times) for group in filled], dtype=float)
    events = np.array(
        [
            [sum(1 for o in group if o.ended is Ended.EVENT and o.time_s == t) for t in times.tolist()]
            for group in filled
        ],
        dtype=float,
    ).reshape(len(filled), len(times))
    total, died = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / total
    excess = (events - share * died).sum(axis=1)
    spread = died * np.divide(total - died, total - 1.0, out=np.zeros_like(total), where=total > 1)
    covariance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    # the groups' excesses sum to nothing, so one direction is only rounding and must not be divided by
    dof = int(np.linalg.matrix_rank(covariance, tol=_ROUNDING * covariance.max(), hermitian=True))
    if not dof:
        return Test(0.0, len(filled) - 1, 1.0)
    statistic = float(excess @ np.linalg.pinv(covariance, rcond=_ROUNDING, hermitian=True) @ excess)
    return Test(statistic, dof, float(chi2.sf(statistic, dof)))


def _risk_table(observations: Sequence[Observation], *, both: bool = False) -> list[_Row]:
    """One row for each time at which a life ended; `both` counts competing ends as events."""
    watched = {Ended.EVENT, Ended.COMPETING} if both else {Ended.EVENT}
    times = sorted({o.time_s for o in observations})
    at_risk = _at_risk(observations, np.array(times))
    ends: dict[float, list[int]] = {t: [0, 0] for t in times}
    for observation in observations:
        ends[observation.time_s][0 if observation.ended in watched else 1] += 1
    return [_Row(t, int(n), *ends[t]) for t, n in zip(times, at_risk, strict=True)]


def _at_risk(observations: Sequence[Observation], times: np.ndarray) -> np.ndarray:
    """How many are watched just before each time; who enters at that very time is not yet."""
    ends = sorted(o.time_s for o in observations)
    entries = sorted(-math.inf if o.entered_s == 0.0 else o.entered_s for o in observations)
    return np.array([bisect_left(entries, t) - bisect_left(ends, t) for t in times.tolist()], dtype=int)


def _log_log(share: float, error: float, z: float) -> tuple[float, float]:
    if not 0.0 < share < 1.0:
        return share, share
    half = z * error / (share * abs(math.log(share)))
    return share ** math.exp(half), share ** math.exp(-half)


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom else 0.0
