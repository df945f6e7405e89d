"""Which car loses its link when: a plan and its cars in, legs of rounds out, decided by the seed alone.

A leg is one set, in a world of its own. Whatever is drawn (loss, order, pause) depends only on (seed, set, car,
cycle), never on what happened before, so that a run cut short goes on as it would have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rig.soak.kind import Leg
from rig.soak.reconnect.plan import Loss, Order, ReconnectPlan
from rig.soak.schedule import CarSet, SoakCar, derived_seed


@dataclass(frozen=True, slots=True)
class Slot:
    """One cycle to run: `cycle` counts from 1 per car; `settle_s` is how long the link is up before it breaks, and
    `due_s` when that is to be, in seconds from the begin of the leg; None: whenever its turn comes."""

    car: SoakCar
    cycle: int
    loss: Loss
    settle_s: float
    due_s: float | None = None


@dataclass(frozen=True, slots=True)
class ReconnectLeg(Leg):
    """One set; the slots of one round lose their links together."""

    rounds: tuple[tuple[Slot, ...], ...] = ()


def legs_of(plan: ReconnectPlan, sets: Sequence[CarSet], seed: int) -> tuple[ReconnectLeg, ...]:
    """The whole part, set after set."""
    return tuple(_leg(plan, group, seed) for group in sets)


def _leg(plan: ReconnectPlan, group: CarSet, seed: int) -> ReconnectLeg:
    rounds = _rounds(plan, group, seed)
    return ReconnectLeg(
        title=f"set {group.name}",
        set_name=group.name,
        cars=group.cars,
        seed=derived_seed(seed, "leg", group.name),
        units=sum(len(slots) for slots in rounds),
        rounds=rounds,
    )


def _rounds(plan: ReconnectPlan, group: CarSet, seed: int) -> tuple[tuple[Slot, ...], ...]:
    rounds: list[tuple[Slot, ...]] = []
    for cycle in range(1, plan.cycles_per_car + 1):
        cars = list(group.cars)
        if plan.order is Order.SHUFFLED:
            cars.sort(key=lambda car: derived_seed(seed, "order", car.identifier, cycle))
        for start in range(0, len(cars), plan.at_once):
            together = cars[start : start + plan.at_once]
            settle_s = _settle_s(plan, together[0], cycle, seed)  # one instant for all of the round
            due_s = None if plan.pace_s is None else (len(rounds) + 1) * plan.pace_s
            rounds.append(
                tuple(Slot(car, cycle, _loss(plan, car, cycle, seed), settle_s, due_s) for car in together)
            )
    return tuple(rounds)


def _loss(plan: ReconnectPlan, car: SoakCar, cycle: int, seed: int) -> Loss:
    pick = derived_seed(seed, "loss", car.identifier, cycle) if plan.order is Order.SHUFFLED else cycle - 1
    return plan.losses[pick % len(plan.losses)]


def _settle_s(plan: ReconnectPlan, car: SoakCar, cycle: int, seed: int) -> float:
    share = derived_seed(seed, "settle", car.identifier, cycle) / 2**63
    timing = plan.timing
    return timing.settle_least_s + share * (timing.settle_most_s - timing.settle_least_s)
