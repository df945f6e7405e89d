"""The nemesis: which fault strikes which swap where, decided by the seed alone, and what must answer each.

`ANSWERS` is the table of faults and their right answers; `was_met` judges what a swap did about one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rig.soak.schedule import derived_seed
from rig.soak.swap.steps import Response, ResponseKind, Step, StepLimits, SwapOutcome


class FaultKind(StrEnum):
    """What the nemesis can do; the values are the keys of a plan's `[nemesis]`."""

    STUCK_BUTTON = "stuck_button"
    """A car will not turn off: its power button does nothing, `amount` times."""
    WRONG_SET_ON = "wrong_set_on"
    """The sets are mixed up: a car that rests is switched on again while the other set is set up."""
    WRONG_LINE_UP = "wrong_line_up"
    """The sets are mixed up: a car that rests is asked to the line-up."""
    LEFT_ON_CHARGER = "left_on_charger"
    """A car of the set that takes over stays on its charger, `amount` times it is told off."""
    DEAD_CHARGER = "dead_charger"
    """A car's charger does not come on, `amount` times."""
    NOT_READY = "not_ready"
    """A car of the set that takes over cannot be heard, for `amount` seconds."""
    FLAT = "flat"
    """A car of the set that takes over is flat; `amount` 0: since an earlier swap, as far as it was not charged."""
    ADAPTER_LOST = "adapter_lost"
    """The adapter is gone in the middle of a swap, for `amount` seconds."""
    POWER_CUT = "power_cut"
    """Whoever watches dies in the middle of a swap and begins anew."""


@dataclass(frozen=True, slots=True)
class Injection:
    """One fault of one swap: it strikes when `step` begins. `car` None: nobody in particular."""

    kind: FaultKind
    step: Step
    car: int | None = None
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A fault in words, and the right answer to it: any of `kinds`, naming the car struck; in `words`, for people."""

    fault: str
    kinds: frozenset[ResponseKind]
    words: str


_STEP_OF = {
    FaultKind.STUCK_BUTTON: Step.OFF,
    FaultKind.WRONG_SET_ON: Step.SET_UP,
    FaultKind.WRONG_LINE_UP: Step.SET_UP,
    FaultKind.LEFT_ON_CHARGER: Step.READY,
    FaultKind.DEAD_CHARGER: Step.CHARGE,
    FaultKind.NOT_READY: Step.READY,
    FaultKind.FLAT: Step.READY,
}
_OF_LEAVING = {
    FaultKind.STUCK_BUTTON,
    FaultKind.WRONG_SET_ON,
    FaultKind.WRONG_LINE_UP,
    FaultKind.DEAD_CHARGER,
}
_STRUCK_STEPS = (Step.READY, Step.OFF, Step.SET_UP, Step.CHARGE)


def draw(
    rates: Mapping[FaultKind, float],
    limits: StepLimits,
    *,
    seed: int,
    number: int,
    leaving: Sequence[int],
    coming: Sequence[int],
) -> tuple[Injection, ...]:
    """The faults of swap `number`: each kind strikes with its rate (0 to 1 per swap), each another car.

    What is drawn depends on the arguments alone, never on what happened before.
    """

    def pick(*key: object) -> int:
        return derived_seed(seed, "nemesis", number, *key)

    injections: list[Injection] = []
    free = {True: list(leaving), False: list(coming)}
    for kind in FaultKind:
        if pick(kind, "strikes") / 2**63 >= rates.get(kind, 0.0):
            continue
        step = _STEP_OF.get(kind) or _STRUCK_STEPS[pick(kind, "step") % len(_STRUCK_STEPS)]
        car: int | None = None
        if kind in _STEP_OF:
            cars = free[kind in _OF_LEAVING]
            if not cars:
                continue
            car = cars.pop(pick(kind, "car") % len(cars))
        injections.append(Injection(kind, step, car, _amount(kind, limits, pick(kind, "amount"))))
    return tuple(injections)


def _amount(kind: FaultKind, limits: StepLimits, pick: int) -> float:
    match kind:
        case FaultKind.STUCK_BUTTON:
            return 1 + pick % (limits.presses + 1)
        case FaultKind.LEFT_ON_CHARGER | FaultKind.DEAD_CHARGER:
            return 1 + pick % (limits.charges + 1)
        case FaultKind.NOT_READY:  # from more than a look to longer than anybody waits
            return round(4.0 * limits.listen_s + pick / 2**63 * limits.ready_s, 3)
        case FaultKind.ADAPTER_LOST:
            return round(1.0 + pick / 2**63 * limits.listen_s, 3)
        case _:
            return 1.0


_AGAIN, _REFUSED, _OUT = ResponseKind.AGAIN, ResponseKind.REFUSED, ResponseKind.OUT

ANSWERS: dict[FaultKind, Answer] = {
    FaultKind.STUCK_BUTTON: Answer(
        "a car of the leaving set will not turn off: its power button does nothing, once or for good",
        frozenset({_AGAIN, _OUT}),
        "pressed again while the car is still heard; taken out, named, when it never goes off",
    ),
    FaultKind.WRONG_SET_ON: Answer(
        "the sets are mixed up: a car that has just been switched off is switched on again",
        frozenset({_REFUSED}),
        "the race is refused until the car, named, is off again and confirmed",
    ),
    FaultKind.WRONG_LINE_UP: Answer(
        "the sets are mixed up: a car that rests is asked to the line-up",
        frozenset({_REFUSED}),
        "refused: the car, named, belongs to the set that rests",
    ),
    FaultKind.LEFT_ON_CHARGER: Answer(
        "a car of the coming set stays on its charger when it is told off, once or for good",
        frozenset({_AGAIN, _OUT}),
        "told off again until the meter shows it; taken out, named, when it never does; it never races meanwhile",
    ),
    FaultKind.DEAD_CHARGER: Answer(
        "a car's charger does not come on, once or for good",
        frozenset({_AGAIN, _OUT}),
        "switched again; taken out, its bay named, when no meter ever shows it on",
    ),
    FaultKind.NOT_READY: Answer(
        "a car of the coming set cannot be heard, for a while or longer than anybody waits",
        frozenset({_AGAIN, _OUT}),
        "the race goes on while it is listened for; taken out, named, when it stays silent",
    ),
    FaultKind.FLAT: Answer(
        "a car of the coming set is flat",
        frozenset({_AGAIN, _OUT, _REFUSED}),
        "switched on again in vain, or seen to be low; taken out and named",
    ),
    FaultKind.ADAPTER_LOST: Answer(
        "the Bluetooth adapter is gone in the middle of the swap",
        frozenset({ResponseKind.EAR_BACK}),
        "all it showed is unknown until it works and shows it again",
    ),
    FaultKind.POWER_CUT: Answer(
        "whoever watches dies in the middle of the swap, and begins anew",
        frozenset({ResponseKind.ANEW}),
        "everything is unknown: made safe, taken stock of, then set up anew",
    ),
}


@dataclass(frozen=True, slots=True)
class Strike:
    """An injection as it went: `at_s` when it took effect (None: it never did, because the car had been taken out or
    the swap had ended), and whether it was met (None: not struck, or the watcher died before it could be)."""

    injection: Injection
    at_s: float | None
    met: bool | None


def judged(
    injection: Injection,
    at_s: float | None,
    limits: StepLimits,
    responses: Iterable[Response],
    outcome: SwapOutcome,
) -> Strike:
    """Whether the right answer came to a fault that struck at `at_s`."""
    if at_s is None:
        return Strike(injection, None, None)
    answers = ANSWERS[injection.kind].kinds
    came = {
        response.kind
        for response in responses
        if response.at_s >= at_s and (injection.car is None or injection.car in response.cars)
    }
    met = bool(came & answers)
    if injection.kind is FaultKind.STUCK_BUTTON and injection.amount >= limits.presses:
        met = ResponseKind.OUT in came
    if not met and injection.kind is FaultKind.FLAT and not injection.amount:
        return Strike(injection, None, None)  # it was charged meanwhile, so nothing struck
    ended = outcome in {SwapOutcome.CUT, SwapOutcome.VOID} and injection.kind is not FaultKind.POWER_CUT
    if not met and ended:
        return Strike(injection, at_s, None)
    return Strike(injection, at_s, met)
