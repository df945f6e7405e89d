"""On which night did a figure step, and by how much?

E-Divisive means (Matteson & James, JASA 109, 2014, arXiv 1306.4933, with exponent 1): the split whose two sides
have the greatest energy distance is kept if few shufflings of the nights split as well, and both sides are then
searched in turn. As in the Hunter paper (Fleming et al., arXiv 2301.03034) the result is deterministic, and a step
smaller than what matters is merged away. Unlike Hunter, significance comes from shuffling and not from a t-test at
the best split, which has been chosen for being the best; and a series that creeps instead of stepping is not cut
into stairs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHUFFLES = 1999
_SEED = 13064933
"""Shuffling is part of the method, not of an experiment: the same series gives the same answer everywhere."""


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A step at `index`, the first value of the new level: mean before and after (up to the neighbouring steps),
    their ratio less one, and the share of shuffled series that split at least as well."""

    index: int
    before: float
    after: float
    relative: float
    p: float


def change_points(
    values: Sequence[float],
    *,
    least_relative: float = 0.1,
    alpha: float = 0.002,
    least_nights: int = 3,
) -> tuple[ChangePoint, ...]:
    """The steps of a series of one figure per night, in order. A step counts when it changes the level by
    `least_relative` or more, when it holds for `least_nights` on either side (so that it needs that many nights
    to be confirmed), and when chance has less than `alpha` of making one anywhere in a series without any.
    Nothing is found in a series which a straight line explains better than steps: that is drift.
    Raises ValueError for a value that is not finite."""
    series = np.asarray(values, dtype=float)
    if not np.isfinite(series).all():
        raise ValueError("a night without a figure must be left out")
    found: dict[int, float] = {}
    _search(series, 0, least_nights, alpha, found)
    points = _describe(series, found)
    while points and abs(least := min(points, key=lambda p: abs(p.relative)).relative) < least_relative:
        found = {p.index: p.p for p in points if p.relative != least}
        points = _describe(series, found)
    return () if points and _creeps(series, [point.index for point in points]) else points


def _search(
    series: NDArray[np.float64], start: int, least: int, alpha: float, found: dict[int, float]
) -> None:
    if len(series) < 2 * least:
        return
    apart = np.abs(series[:, None] - series[None, :])
    split, distance = _best_split(apart[None, :, :], least)
    best, at = float(distance[0]), int(split[0])
    if best <= 0.0:
        return
    chance = np.random.default_rng(_SEED)
    orders = chance.permuted(np.tile(np.arange(len(series)), (_SHUFFLES, 1)), axis=1)
    as_good = 0
    per_batch = max(1, 200_000 // len(series) ** 2)
    for first in range(0, _SHUFFLES, per_batch):
        batch = orders[first : first + per_batch]
        _, distances = _best_split(apart[batch[:, :, None], batch[:, None, :]], least)
        as_good += int((distances >= best * (1.0 - 1e-9)).sum())
        if as_good + 1 > alpha * (_SHUFFLES + 1):
            return
    p = (as_good + 1) / (_SHUFFLES + 1)
    found[start + at] = p
    _search(series[:at], start, least, alpha, found)
    _search(series[at:], start + at, least, alpha, found)


def _best_split(apart: NDArray[np.float64], least: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """For each matrix of distances: where its series splits best, and how far apart the two sides are."""
    count = apart.shape[1]
    n = np.arange(least, count - least + 1)
    m = count - n
    # over[k] sums the distances among the first k values
    over = np.diagonal(apart.cumsum(axis=1).cumsum(axis=2), axis1=1, axis2=2)
    rows = apart.sum(axis=2).cumsum(axis=1)
    total = rows[:, -1:]
    left = over[:, n - 1]
    cross = rows[:, n - 1] - left
    right = total - left - 2.0 * cross
    energy = 2.0 * cross / (n * m) - left / (n * (n - 1.0)) - right / (m * (m - 1.0))
    scaled = energy * n * m / count
    at = scaled.argmax(axis=1)
    return n[at], scaled[np.arange(len(scaled)), at]


def _describe(series: NDArray[np.float64], found: dict[int, float]) -> tuple[ChangePoint, ...]:
    edges = [0, *sorted(found), len(series)]
    points = []
    for start, at, end in zip(edges, edges[1:], edges[2:], strict=False):
        before, after = float(series[start:at].mean()), float(series[at:end].mean())
        relative = after / before - 1.0 if before else math.copysign(math.inf, after)
        points.append(ChangePoint(at, before, after, relative, found[at]))
    return tuple(points)


def _creeps(series: NDArray[np.float64], steps: list[int]) -> bool:
    """Does a straight line explain the series better than its steps, by Schwarz's criterion (1978)?"""
    nights = np.arange(len(series))
    around_line = float(((series - np.polyval(np.polyfit(nights, series, 1), nights)) ** 2).sum())
    around_steps = float(sum(((part - part.mean()) ** 2).sum() for part in np.split(series, steps)))
    if around_steps <= 0.0 or around_line <= 0.0:
        return around_line < around_steps
    parameters_more = 1 + 2 * len(steps) - 2
    gain = len(series) * math.log(around_line / around_steps)
    return gain < parameters_more * math.log(len(series))
