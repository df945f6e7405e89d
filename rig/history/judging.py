"""What one series of nights shows: nothing, a drift, or a step; and whether there are nights enough to say so. Pure.

A series that fades has no step, though its two halves differ, and one that stepped does not fade, though it ends
lower than it began: so both explanations, and none, are fitted and the one that costs least decides (Schwarz's
criterion on absolute residuals: Laplace noise, which forgives an odd night). Only the winner is tested, and
`judge_all` corrects for all series together (Holm), so that the chance of any false finding in a whole report
stays below ALPHA however many cars and figures there are.

A drift is tested by Mann and Kendall. A step has to pass twice: E-Divisive's shuffling (no assumption, but a
thousand shuffles cannot tell one chance in a hundred thousand, which a report of a hundred series asks for) and a
t-test, or of shares Fisher's test, at the split, times the splits there were (which can).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from scipy.stats import t as student

from rig.history.nights import Series
from rig.history.shapes import FADED_TO, Drift, Forecast, Judgement, Line, Shape, Step
from rig.history.shares import same_share_p
from rig.statistics.change_points import change_points
from rig.statistics.comparison import holm
from rig.statistics.drift import Slope, mann_kendall, theil_sen

ALPHA = 0.002
"""Chance of any false finding in one report."""
CONFIDENCE = 0.95
_SHUFFLED_ALPHA = 0.01
"""Of one series alone: as sure as a thousand shuffles can be."""
LEAST_NIGHTS = 10
"""Fewer nights say nothing about a trend."""
CONFIRMING_NIGHTS = 3
"""A step counts once this many nights have followed it, the first included."""
LEAST_STEP = 0.10
"""Smaller steps are not worth anybody's morning: relative, or in points of a share half of it."""
LEAST_DRIFT = 0.08
"""Change over the whole series below which a drift is not told, relative or in points of a share."""
_ODD_MADS = 8.0
_LEAST_SPREAD = 0.002
"""Nights never agree better than this, relatively; so few equal ones prove nothing."""
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class _Candidate:
    """The best explanation of a series; `ps` are those of its steps, or the one of its drift, not yet corrected."""

    shape: Shape
    ps: tuple[float, ...] = (1.0,)
    drift: Drift | None = None
    steps: tuple[Step, ...] = ()


def judge_all(series: Sequence[Series]) -> tuple[Judgement, ...]:
    """Judges all series of a report together, in their order."""
    long_enough = [each for each in series if len(each.values) >= LEAST_NIGHTS]
    candidates = _all_candidates(long_enough)
    corrected = iter(holm([p for candidate in candidates for p in candidate.ps]))
    judged = {
        id(each): _decided(each, candidate, list(itertools.islice(corrected, len(candidate.ps))))
        for each, candidate in zip(long_enough, candidates, strict=True)
    }
    return tuple(judged.get(id(each)) or _too_early(each) for each in series)


def _all_candidates(series: Sequence[Series]) -> list[_Candidate]:
    """The best explanation of each. A car that, measured by the steps of its fleet, shows nothing of its own goes
    with the fleet, which tells of them: its own noise would only misplace the step, or make a drift of it."""
    candidates = [_candidate(each) for each in series]
    alone = ALPHA / max(1, len(series))
    fleets = {
        each.metric: (each, candidate.steps)
        for each, candidate in zip(series, candidates, strict=True)
        if each.covers and candidate.shape is Shape.STEP and min(candidate.ps) <= alone
    }
    for place, each in enumerate(series):
        fleet, steps = fleets.get(each.metric, (each, ()))
        if fleet is not each and fleet.nights == each.nights:
            rest = _candidate(_without(each, steps))
            if rest.shape is Shape.STEADY or min(rest.ps) > alone:
                candidates[place] = _Candidate(Shape.STEADY)
    return candidates


def _without(series: Series, steps: Sequence[Step]) -> Series:
    """A series with the steps of its fleet taken out again."""
    values = list(series.values)
    for step in steps:
        for place, night in enumerate(series.nights):
            if night >= step.night:
                values[place] = (
                    values[place] - step.change if series.is_share else values[place] / (1.0 + step.change)
                )
    return replace(series, values=tuple(values))


def _too_early(series: Series) -> Judgement:
    needed = LEAST_NIGHTS - len(series.values)
    return Judgement(series, Shape.TOO_EARLY, 1.0, nights_needed=needed)


def _decided(series: Series, found: _Candidate, ps: Sequence[float]) -> Judgement:
    shown = [p <= ALPHA for p in ps]
    if found.shape is Shape.DRIFT and all(shown):
        return Judgement(series, found.shape, ps[0], found.drift)
    if found.shape is Shape.STEP and any(shown):
        steps = tuple(step for step, is_shown in zip(found.steps, shown, strict=True) if is_shown)
        return Judgement(series, found.shape, min(ps), steps=steps)
    pending = _pending(series)
    needed = CONFIRMING_NIGHTS - pending.confirmed_by if pending else 0
    return Judgement(series, Shape.STEADY, min(ps), pending=pending, nights_needed=needed)


def _candidate(series: Series) -> _Candidate:
    """The best explanation of a series with its p-values, doubled because there were two to choose from."""
    values = _scaled(series)
    if max(values) - min(values) < _TINY:
        return _Candidate(Shape.STEADY)
    slope = theil_sen(series.nights, values, CONFIDENCE)
    fitted = [slope.intercept + slope.value * night for night in series.nights]
    drift = _drift(series, slope)
    stretches = _stretches(series)
    levels = [level for part in stretches for level in [median(values[part])] * len(values[part])]
    costs = {
        Shape.STEADY: _cost(values, [median(values)] * len(values), 1),
        Shape.DRIFT: _cost(values, fitted, 2),
        Shape.STEP: _cost(values, levels, 2 * len(stretches) - 1) if len(stretches) > 1 else math.inf,
    }
    match min(costs, key=lambda shape: costs[shape]):
        case Shape.DRIFT if abs(drift.total) >= LEAST_DRIFT:
            return _Candidate(Shape.DRIFT, (min(1.0, 2.0 * mann_kendall(values)),), drift)
        case Shape.STEP:
            pairs = list(itertools.pairwise(stretches))
            ps = tuple(min(1.0, 2.0 * len(values) * _p_of_split(series, values, *pair)) for pair in pairs)
            return _Candidate(Shape.STEP, ps, steps=tuple(_step(series, *pair) for pair in pairs))
    return _Candidate(Shape.STEADY)


def _scaled(series: Series) -> list[float]:
    """Shares as they are, other figures by their logarithm: then equal differences are equal percentages."""
    if series.is_share or min(series.values) <= 0.0:
        return list(series.values)
    return [math.log(value) for value in series.values]


def _is_logarithmic(series: Series) -> bool:
    return not series.is_share and min(series.values) > 0.0


def _change(series: Series, before: float, after: float) -> float:
    """A change of level, relative, or in points of a share."""
    if series.is_share:
        return after - before
    return (after - before) / abs(before) if before else math.copysign(1.0, after)


def _drift(series: Series, slope: Slope) -> Drift:
    first, last = series.nights[0], series.nights[-1]
    span = last - first
    assert slope.lower is not None  # LEAST_NIGHTS are enough for bounds
    assert slope.upper is not None
    if _is_logarithmic(series):
        return Drift(
            math.expm1(slope.value),
            math.expm1(slope.lower),
            math.expm1(slope.upper),
            math.expm1(slope.value * span),
            _forecast(series, slope),
            Line(slope.value, slope.intercept, logarithmic=True),
        )
    scale = 1.0 if series.is_share else abs(slope.intercept + slope.value * first) or 1.0
    return Drift(
        slope.value / scale,
        slope.lower / scale,
        slope.upper / scale,
        slope.value * span / scale,
        None,
        Line(slope.value, slope.intercept, logarithmic=False),
    )


def _forecast(series: Series, slope: Slope) -> Forecast | None:
    """When a figure that should be high and falls is down to FADED_TO of its first night."""
    if series.better != "high" or slope.value >= 0.0:
        return None
    first, slowest, fastest = series.nights[0], slope.upper, slope.lower
    assert slowest is not None
    assert fastest is not None

    def reached(rate: float) -> int:
        return math.ceil(first + math.log(FADED_TO) / rate - 1e-9)

    return Forecast(reached(slope.value), reached(fastest), reached(slowest) if slowest < 0.0 else None)


def _least_step(series: Series) -> float:
    return LEAST_STEP / 2.0 if series.is_share else LEAST_STEP


def _stretches(series: Series) -> list[slice]:
    """The nights between confirmed steps that are large enough."""
    found = change_points(
        series.values,
        least_relative=_least_step(series),
        alpha=_SHUFFLED_ALPHA,
        least_nights=CONFIRMING_NIGHTS,
    )
    edges = [0, *(point.index for point in found), len(series.values)]
    return [slice(start, end) for start, end in itertools.pairwise(edges)]


def _step(series: Series, before: slice, after: slice) -> Step:
    old, new = median(series.values[before]), median(series.values[after])
    confirmed_by = after.stop - after.start
    return Step(series.nights[after.start], old, new, _change(series, old, new), confirmed_by)


def _p_of_split(series: Series, values: Sequence[float], before: slice, after: slice) -> float:
    """Two-sided p-value of two stretches being of one level: of rates Fisher's exact test over all their units,
    of other figures Student's with pooled variance."""
    if series.counts:
        return _p_of_shares(series, before, after)
    sides = values[before], values[after]
    means = [sum(side) / len(side) for side in sides]
    squares = sum((value - mean) ** 2 for side, mean in zip(sides, means, strict=True) for value in side)
    freedom = len(sides[0]) + len(sides[1]) - 2
    spread = max(math.sqrt(squares / freedom), _LEAST_SPREAD)
    spread *= math.sqrt(1.0 / len(sides[0]) + 1.0 / len(sides[1]))
    return 2.0 * float(student.sf(abs(means[1] - means[0]) / spread, freedom))


def _p_of_shares(series: Series, before: slice, after: slice) -> float:
    def counts(part: slice) -> tuple[int, int]:
        units = series.units[part]
        good = sum(round(value * n) for value, n in zip(series.values[part], units, strict=True))
        return good, sum(units)

    (good, tried), (good_then, tried_then) = counts(before), counts(after)
    return same_share_p((good, good_then), (tried, tried_then))


def _cost(values: Sequence[float], fitted: Sequence[float], parameters: int) -> float:
    """Schwarz's criterion. No explanation is credited with more than what was measured can tell: rounding to a grid
    leaves a mean error of a quarter of its step, and a staircase of rounded figures is a slope all the same."""
    n = len(values)
    misfit = sum(abs(value - fit) for value, fit in zip(values, fitted, strict=True)) / n
    grid = min(b - a for a, b in itertools.pairwise(sorted(set(values))))
    return 2.0 * n * math.log(max(misfit, grid / 4.0, _TINY)) + parameters * math.log(n)


def _pending(series: Series) -> Step | None:
    """A step in the last nights that too few have confirmed yet: each of them beyond everything before, and far."""
    values = _scaled(series)
    for count in range(CONFIRMING_NIGHTS - 1, 0, -1):
        before, late = values[:-count], values[-count:]
        middle = median(before)
        spread = median(abs(value - middle) for value in before)
        if all(value > max(before) for value in late) or all(value < min(before) for value in late):
            level, new = median(series.values[:-count]), median(series.values[-count:])
            change = _change(series, level, new)
            far = all(abs(value - middle) > _ODD_MADS * spread for value in late)
            if far and abs(change) >= _least_step(series):
                return Step(series.nights[-count], level, new, change, count)
    return None
