"""Which car loses its link when: a plan and its cars in, legs of rounds out, decided by the seed alone.

A leg is one set's part of the run, in a world of its own. Whatever is drawn (loss, order, pause) depends only
on (seed, set, car, cycle), never on what happened before, so that a run cut short goes on as it would have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from rig.soak.plan import Loss, Order, SoakPlan


@dataclass(frozen=True, slots=True)
class SoakCar:
    """One car under test: its advertised identifier (32 bits), and what people call it."""

    identifier: int
    label: str
    model_id: int | None = None
    firmware: int | None = None


@dataclass(frozen=True, slots=True)
class CarSet:
    """Cars that race together; at most four on one track."""

    name: str
    cars: tuple[SoakCar, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One cycle to run: `cycle` counts from 1 per car; `settle_s` is how long the link is up before it breaks."""

    car: SoakCar
    cycle: int
    loss: Loss
    settle_s: float


@dataclass(frozen=True, slots=True)
class Leg:
    """One set's part of a run; the slots of one round lose their links together. `seed` makes its world."""

    set_name: str
    cars: tuple[SoakCar, ...]
    rounds: tuple[tuple[Slot, ...], ...]
    seed: int


def legs_of(plan: SoakPlan, sets: Sequence[CarSet], seed: int) -> tuple[Leg, ...]:
    """The whole run, set after set."""
    return tuple(
        Leg(group.name, group.cars, _rounds(plan, group, seed), derived_seed(seed, "leg", group.name))
        for group in sets
    )


def derived_seed(*key: object) -> int:
    """A 63-bit number that depends on `key` alone, the same on every machine."""
    text = "/".join(str(part) for part in key)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _rounds(plan: SoakPlan, group: CarSet, seed: int) -> tuple[tuple[Slot, ...], ...]:
    rounds = []
    for cycle in range(1, plan.cycles_per_car + 1):
        cars = list(group.cars)
        if plan.order is Order.SHUFFLED:
            cars.sort(key=lambda car: derived_seed(seed, "order", car.identifier, cycle))
        for start in range(0, len(cars), plan.at_once):
            together = cars[start : start + plan.at_once]
            settle_s = _settle_s(plan, together[0], cycle, seed)  # one instant for all of the round
            rounds.append(
                tuple(Slot(car, cycle, _loss(plan, car, cycle, seed), settle_s) for car in together)
            )
    return tuple(rounds)


def _loss(plan: SoakPlan, car: SoakCar, cycle: int, seed: int) -> Loss:
    pick = derived_seed(seed, "loss", car.identifier, cycle) if plan.order is Order.SHUFFLED else cycle - 1
    return plan.losses[pick % len(plan.losses)]


def _settle_s(plan: SoakPlan, car: SoakCar, cycle: int, seed: int) -> float:
    share = derived_seed(seed, "settle", car.identifier, cycle) / 2**63
    timing = plan.timing
    return timing.settle_least_s + share * (timing.settle_most_s - timing.settle_least_s)
