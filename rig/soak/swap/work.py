"""Work under way at the stand and its bookkeeping: what was tried how often, what went wrong, how it ended. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from rig.rotation.events import (
    Charge,
    LineUp,
    Quarantine,
    Readmit,
    Refused,
    Request,
    StopCharging,
    SwitchOff,
    SwitchOn,
)
from rig.rotation.knowledge import Car
from rig.soak.swap.steps import (
    Ask,
    Blame,
    Response,
    ResponseKind,
    Step,
    StepLimits,
    StepMark,
    SwapOutcome,
    SwapResult,
    TakenOut,
)


@dataclass(frozen=True, slots=True)
class Doing:
    """One thing done to a car: its words, the request, how often it is tried, and what is said when in vain."""

    words: str
    make: Callable[[float, int], Request]
    most: Callable[[StepLimits], int]
    blame: Blame
    in_vain: str


SWITCH_OFF = Doing(
    "switch off",
    SwitchOff,
    lambda limits: limits.presses,
    Blame.CAR,
    "it still advertises after {} presses of its power button",
)
SWITCH_ON = Doing(
    "switch on",
    SwitchOn,
    lambda limits: limits.presses,
    Blame.CAR,
    "it is not heard after {} presses of its power button",
)
LINE_UP = Doing(
    "line up", LineUp, lambda limits: limits.connects, Blame.CAR, "it could not be connected in {} attempts"
)
STOP_CHARGING = Doing(
    "stop charging",
    StopCharging,
    lambda limits: limits.charges,
    Blame.BAY,
    "its charger could not be shown off in {} attempts",
)
CHARGE = Doing(
    "charge",
    Charge,
    lambda limits: limits.charges,
    Blame.BAY,
    "its charger could not be shown on in {} attempts",
)
READMIT = Doing("readmit", Readmit, lambda limits: limits.charges, Blame.CAR, "it could not take part again")
LISTEN = "listen"


@dataclass(frozen=True, slots=True)
class Work:
    """Something under way that needs several tries: a swap (`number` counts from 1), the way into a race or the
    tending of a resting set (`number` 0). `tries` counts what was asked of which car, per step."""

    limits: StepLimits
    from_set: str
    to_set: str
    began_s: float
    number: int = 0
    step: Step = Step.READY
    step_s: float = 0.0
    tries: Mapping[tuple[Step, str, int], int] = field(default_factory=dict)
    marks: tuple[StepMark, ...] = ()
    taken_out: tuple[TakenOut, ...] = ()
    responses: tuple[Response, ...] = ()
    faulty: Mapping[int, str] = field(default_factory=dict)
    """Cars whose bay failed under them, with what it said."""


def begin(
    limits: StepLimits, from_set: str, to_set: str, at_s: float, *, number: int = 0, step: Step = Step.READY
) -> Work:
    """Work that begins now."""
    return Work(limits, from_set, to_set, at_s, number, step, at_s)


def refused(work: Work, refusal: Refused) -> Work:
    """Writes down that the interlock refused something."""
    response = Response(refusal.request.at_s, ResponseKind.REFUSED, refusal.sentence, refusal.cars)
    return replace(work, responses=(*work.responses, response))


def ear_lost(work: Work, at_s: float, words: str) -> Work:
    """Writes down that the radio failed and works again."""
    response = Response(at_s, ResponseKind.EAR_BACK, words)
    return replace(work, responses=(*work.responses, response))


def bay_failed(work: Work, car: int, words: str) -> Work:
    """Writes down that a car's bay failed under it; the car is taken out next."""
    return replace(work, faulty={**work.faulty, car: words})


def result_of(work: Work, now_s: float, reason: str, outcome: SwapOutcome | None = None) -> SwapResult:
    """The swap as it went; `outcome` where it is not what the work itself shows."""
    work = entered(work, work.step, now_s, ends=True)
    if outcome is None:
        outcome = _outcome(work, reason)
    why = reason or "; ".join(out.why for out in work.taken_out)
    return SwapResult(
        work.number,
        work.from_set,
        work.to_set,
        outcome,
        work.began_s,
        now_s,
        why,
        work.taken_out,
        work.marks,
        work.responses,
    )


def _outcome(work: Work, reason: str) -> SwapOutcome:
    if work.taken_out and all(out.blame is Blame.BAY for out in work.taken_out):
        return SwapOutcome.VOID
    if work.taken_out or reason:
        return SwapOutcome.REFUSED
    troubled = any(response.kind is not ResponseKind.REFUSED for response in work.responses)
    return SwapOutcome.FLAKY if troubled or any(n > 1 for n in work.tries.values()) else SwapOutcome.OK


def entered(work: Work, step: Step, now_s: float, *, ends: bool = False) -> Work:
    """The work in this step; a step that is left (or the last that ends) gets its mark."""
    if step is work.step and not ends:
        return work
    retries = sum(n - 1 for (of, _, _), n in work.tries.items() if of is work.step)
    marks = (*work.marks, StepMark(work.step, work.step_s, now_s, retries))
    return replace(work, step=step, step_s=now_s, marks=marks)


def tried(work: Work, doing: Doing, car: Car, now_s: float) -> tuple[Work, list[Ask]]:
    """One more try of something with a car, or taking the car out when it was tried often enough."""
    most = doing.most(work.limits)
    if work.tries.get((work.step, doing.words, car.identifier), 0) >= most:
        return taken_out(work, car, doing.blame, f"{car.label}: {doing.in_vain.format(most)}", now_s)
    return counted(work, doing.words, car, now_s), [doing.make(now_s, car.identifier)]


def counted(work: Work, what: str, car: Car, now_s: float) -> Work:
    """The work with one more try of `what` on its books; a second one is a response."""
    key = (work.step, what, car.identifier)
    tries = work.tries.get(key, 0) + 1
    work = replace(work, tries={**work.tries, key: tries})
    if tries == 2:
        response = Response(now_s, ResponseKind.AGAIN, f"{car.label}: {what} again", (car.identifier,))
        work = replace(work, responses=(*work.responses, response))
    return work


def taken_out(work: Work, car: Car, blame: Blame, why: str, now_s: float) -> tuple[Work, list[Ask]]:
    """Takes a car out and writes down why, once."""
    if car.quarantined is not None:
        return work, []
    response = Response(now_s, ResponseKind.OUT, why, (car.identifier,))
    work = replace(
        work,
        taken_out=(*work.taken_out, TakenOut(car.identifier, blame, why)),
        responses=(*work.responses, response),
    )
    return work, [Quarantine(now_s, car.identifier, why)]
