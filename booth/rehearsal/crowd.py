"""Who comes to the stand: visitors in waves, each with patience, skill and habits. Pure, and the same for a seed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_PEAKS_H = ((1.5, 0.8), (5.0, 1.1))
"""Hours after opening at which most come, and how wide (one sigma, hours) the wave is: late morning, afternoon."""
_QUIET_SHARE = 0.35
"""Of the busiest, how many come in the quietest hour."""
_RUSH_CHANCE = 0.06
"""That one visitor brings colleagues along."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One person. Times in seconds: `arrives_s` after opening, `patience_s` in the queue, `drops_s` for how long
    the phone goes away in the middle of a race (0: never). `leaves_contact` also when not the winner."""

    number: int
    arrives_s: float
    patience_s: float
    skill: float
    language: str
    leaves_contact: bool
    agrees: bool
    drops_s: float
    comes_again: bool


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """`per_hour` visitors in the busiest hour; `phone_trouble` is the share whose phone goes away in a race."""

    per_hour: float = 60.0
    phone_trouble: float = 0.08
    languages: tuple[str, ...] = ("en",)


def crowd(seed: int, hours: float, plan: CrowdPlan | None = None) -> tuple[Visitor, ...]:
    """Everybody who comes on one day of `hours`, in order of arrival."""
    plan = plan or CrowdPlan()
    chance = Random(f"crowd {seed}")  # noqa: S311 - a rehearsal, not a draw
    arrivals = sorted(_arrivals(chance, hours, plan))
    return tuple(_visitor(number, at_s, chance, plan) for number, at_s in enumerate(arrivals, start=1))


def _arrivals(chance: Random, hours: float, plan: CrowdPlan) -> Iterator[float]:
    """Poisson arrivals at a rate that changes over the day, by thinning; now and then a group."""
    at_h = 0.0
    while True:
        at_h += chance.expovariate(plan.per_hour)
        if at_h >= hours:
            return
        if chance.random() > rate_share(at_h, hours):
            continue
        together = 1 + (chance.randint(2, 5) if chance.random() < _RUSH_CHANCE else 0)
        for place in range(together):
            yield at_h * 3600 + place * 4.0


def rate_share(at_h: float, hours: float) -> float:
    """How busy it is at an hour after opening, 0 to 1, on a day of `hours`; the waves keep their place in the day."""
    scale = hours / 8.0
    wave = max(math.exp(-(((at_h / scale - peak) / width) ** 2) / 2) for peak, width in _PEAKS_H)
    return _QUIET_SHARE + (1 - _QUIET_SHARE) * wave


def _visitor(number: int, arrives_s: float, chance: Random, plan: CrowdPlan) -> Visitor:
    drops = chance.random() < plan.phone_trouble
    return Visitor(
        number=number,
        arrives_s=arrives_s,
        patience_s=chance.lognormvariate(math.log(420), 0.6),
        skill=min(1.0, max(0.05, chance.gauss(0.6, 0.2))),
        language=chance.choice(plan.languages),
        leaves_contact=chance.random() < 0.55,
        agrees=chance.random() < 0.6,
        drops_s=chance.uniform(2, 25) if drops else 0.0,
        comes_again=chance.random() < 0.12,
    )
