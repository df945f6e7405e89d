"""How many races a car has left before its battery dies, from battery lives that a soak has watched.

A car counts on its *reliable life*: driving time since its last charge that a car outlives with a probability of
`SURE`, at one-sided confidence `SURE`, by the Kaplan-Meier curve of its own lives; with few of those by the fleet's;
with none of either by a stated default. What it has left is that, less what it has driven: never more for having
driven more. With lives of a few dozen that bound is about the shortest of them, which errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rig.statistics.survival import SurvivalCurve

SURE = 0.95
FEWEST_DEATHS = 5
"""Fewer deaths than this say too little of when the next one comes."""
DEFAULT_LIFE_S = 20.0 * 60.0
"""What the cars are known for: about twenty minutes of driving."""
DEFAULT_MARGIN = 0.75


class Life(NamedTuple):
    """One battery life: seconds driven from full, and whether it ended in death (else it was cut short)."""

    driven_s: float
    died: bool


class Reliable(NamedTuple):
    """A reliable life in seconds of driving from a full battery, and what it rests on, in words."""

    life_s: float
    basis: str


@dataclass(frozen=True, slots=True)
class Drain:
    """What is known of a car now: `driven_s` since it was full, `is_low` its own flag (None: not told)."""

    driven_s: float = 0.0
    is_low: bool | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The reliable life of each car. Made once a show: the curves are not computed again while races run."""

    by_car: Mapping[int, Reliable]
    lives: Mapping[int, tuple[Life, ...]]

    def left_s(self, car: int, drain: Drain) -> float:
        """Seconds of driving that a car has left reliably, 0 when its flag says that it is low."""
        return 0.0 if drain.is_low else max(0.0, self.by_car[car].life_s - drain.driven_s)

    def races_left(self, car: int, drain: Drain, race_s: float) -> int:
        """Whole races of `race_s` (above 0) that it finishes reliably."""
        return int(self.left_s(car, drain) / race_s + 1e-9)

    def set_races_left(self, drains: Mapping[int, Drain], race_s: float) -> int:
        """Whole races that all of these cars finish reliably; 0 without a car."""
        return min((self.races_left(car, drain, race_s) for car, drain in drains.items()), default=0)

    def weakest(self, drains: Mapping[int, Drain]) -> int | None:
        """The car of these that has the least left."""
        return min(drains, key=lambda car: (self.left_s(car, drains[car]), car), default=None)

    def chance(self, car: int, driven_s: float, more_s: float) -> float | None:
        """The probability of driving `more_s` on after `driven_s`, by the lives of the car or of the fleet; None when
        too few of them lasted so long."""
        lives = self.lives.get(car, ())
        longer = [life for life in lives if life.driven_s > driven_s]
        if len(longer) < FEWEST_DEATHS:
            return None
        return _curve(longer).at(driven_s + more_s).survival


def forecast_of(cars: Iterable[int], lives: Mapping[int, Sequence[Life]]) -> Forecast:
    """The forecast for these cars from the lives of each, which may be none. Lives of cars of other sets, or of none,
    count for the fleet."""
    fleet = tuple(life for of_car in lives.values() for life in of_car)
    by_car, rests_on = {}, {}
    of_fleet = _reliable(fleet, f"{len(fleet)} watched lives of the fleet")
    default = Reliable(
        DEFAULT_LIFE_S * DEFAULT_MARGIN,
        f"no life was watched: {DEFAULT_MARGIN:.0%} of {DEFAULT_LIFE_S / 60:g} minutes",
    )
    for car in cars:
        own = tuple(lives.get(car, ()))
        of_own = _reliable(own, f"{len(own)} watched lives of its own")
        by_car[car] = of_own or of_fleet or default
        rests_on[car] = own if of_own else fleet
    return Forecast(by_car, rests_on)


def why_not_start(
    forecast: Forecast, drains: Mapping[int, Drain], labels: Mapping[int, str], set_name: str, race_s: float
) -> str | None:
    """Why a race of `race_s` may not start with these cars, in one sentence; None: they will finish it."""
    low = [car for car, drain in drains.items() if drain.is_low]
    if low:
        return f"set {set_name} may not race: {_names(low, labels)} low on battery; swap the sets"
    weakest = forecast.weakest(drains)
    if weakest is None:
        return f"set {set_name} may not race: none of its cars takes part"
    left_s = forecast.left_s(weakest, drains[weakest])
    if left_s >= race_s:
        return None
    return (
        f"set {set_name} may not race: {labels[weakest]} has about {left_s / 60:.0f} min of driving left "
        f"and a race needs {max(1.0, race_s / 60):.0f} min; swap the sets"
    )


def _reliable(lives: Sequence[Life], basis: str) -> Reliable | None:
    if sum(life.died for life in lives) < FEWEST_DEATHS:
        return None
    bound_s = _curve(lives).quantile(1.0 - SURE).lower
    # so many lived on that the bound never falls so far: nothing is claimed beyond the last death
    last_s = max(life.driven_s for life in lives if life.died)
    return Reliable(last_s if bound_s is None else bound_s, basis)


def _curve(lives: Sequence[Life]) -> SurvivalCurve:
    # scipy is 40 % of the race process's start, and without watched lives nothing needs it
    from rig.statistics.survival import Ended, Observation, kaplan_meier  # noqa: PLC0415

    observed = [Observation(life.driven_s, Ended.EVENT if life.died else Ended.CENSORED) for life in lives]
    return kaplan_meier(observed, confidence=2.0 * SURE - 1.0)


def _names(cars: Sequence[int], labels: Mapping[int, str]) -> str:
    *first, last = [labels[car] for car in cars]
    return f"{', '.join(first)} and {last} are" if first else f"{last} is"
