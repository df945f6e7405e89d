"""What goes wrong on a rehearsed day: faults of radio and cars, and mistakes of the crew. Pure; the same for a seed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from booth.pack.model import ShowPack


class Slip(StrEnum):
    """A mistake of the crew. Each must be refused or repaired, with the reason in plain words."""

    FORGETS_PRESS = "does not press the button it says it pressed"
    PRESSES_TWICE = "presses the button twice"
    WRONG_CAR = "presses the button of another car"
    CHARGES_EARLY = "puts a dying car on its charger before the other set is set up"
    LEAVES_ON_CHARGER = "leaves a car of the set that is to race on its charger"
    SETS_UP_WRONG_SET = "asks for the resting set while the other is not off"
    WANDERS_OFF = "is away for some minutes"


SLIPS = tuple(Slip)


@dataclass(frozen=True, slots=True)
class Mishap:
    """A fault of the simulated world, `at_s` after opening, by its name in `rig/sim/FIDELITY.md`; `car` None: the
    adapter's; `lasts_s` None: what is usual."""

    at_s: float
    fault: str
    car: int | None
    lasts_s: float | None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """How bad the day is: mishaps an hour of the radio and of cars, and the share of the crew's acts that slip."""

    radio_per_hour: float = 0.5
    car_per_hour: float = 3.0
    slips: float = 0.06


_RADIO = (("adapter_reset", None), ("adapter_off", 6.0))
_CAR = (
    ("out_of_range", 4.0),
    ("terminated", None),
    ("asleep", None),
    ("flies_off", None),
    ("delocalised", None),
    ("browns_out", None),
)


def mishaps(
    seed: int,
    hours: float,
    pack: ShowPack,
    plan: DayPlan | None = None,
) -> tuple[Mishap, ...]:
    """What the world does to the booth on one day, in order of time."""
    plan = plan or DayPlan()
    chance = Random(f"mishaps {seed}")  # noqa: S311 - a rehearsal, not a draw
    cars = [one.identifier for group in pack.sets for one in group.cars]
    found = []
    for per_hour, kinds, of_cars in ((plan.radio_per_hour, _RADIO, False), (plan.car_per_hour, _CAR, True)):
        at_s = 0.0
        while per_hour:
            at_s += chance.expovariate(per_hour / 3600)
            if at_s >= hours * 3600:
                break
            fault, lasts_s = chance.choice(kinds)
            found.append(Mishap(at_s, fault, chance.choice(cars) if of_cars else None, lasts_s))
    return tuple(sorted(found, key=lambda mishap: mishap.at_s))


class Clumsiness:
    """Decides, act by act and by seed, whether the crew slips, and how."""

    def __init__(self, seed: int, share: float) -> None:
        self._chance = Random(f"crew {seed}")  # noqa: S311 - a rehearsal, not a draw
        self._share = share

    def delay_s(self) -> float:
        """How long one act of the hands takes, seconds."""
        return min(20.0, self._chance.lognormvariate(1.1, 0.5))

    def slip(self, *possible: Slip) -> Slip | None:
        """One of the mistakes possible now; mostly none."""
        if not possible or self._chance.random() >= self._share:
            return None
        return self._chance.choice(possible)

    def pick(self, cars: tuple[int, ...]) -> int:
        """Any of these cars."""
        return self._chance.choice(cars)
