"""The words of a swap: its steps, its limits, what it asks for, what it answers to trouble, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rig.rotation.events import Request


class Step(StrEnum):
    """The steps of a swap, in their order. Set A races, set B takes over."""

    READY = "ready"
    """B is awake, off its chargers, not low; A still races."""
    END = "end"
    """A's race is over and its cars are disconnected."""
    OFF = "off"
    """A is off, confirmed."""
    SET_UP = "set up"
    """All of B is connected and sends fresh data, and its race begins."""
    CHARGE = "charge"
    """A charges, confirmed."""


class SwapOutcome(StrEnum):
    """How a swap ended.

    OK: without a retry. FLAKY: something had to be tried again. REFUSED: a car could not be swapped and was taken
    out, named; the others were swapped, so that the night goes on. VOID: the bench failed it, which says nothing
    about the cars. FAIL: an invariant was broken. CUT: whoever watched went away in the middle of it.
    """

    OK = "ok"
    FLAKY = "flaky"
    REFUSED = "refused"
    VOID = "void"
    FAIL = "fail"
    CUT = "cut"


class Blame(StrEnum):
    """Who is to blame when a car is taken out: the car (or what reaches it), or its bay."""

    CAR = "car"
    BAY = "bay"


class ResponseKind(StrEnum):
    """What a swap did about trouble."""

    AGAIN = "tried again"
    REFUSED = "refused by the interlock"
    OUT = "taken out and named"
    EAR_BACK = "waited for the radio, everything it showed unknown until shown anew"
    ANEW = "began anew from nothing known"


@dataclass(frozen=True, slots=True)
class Response:
    """One response, in words, and the cars it names."""

    at_s: float
    kind: ResponseKind
    words: str
    cars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StepLimits:
    """How much a swap may spend: seconds a step may take until the cars that hold it up are taken out, and how often
    a button is pressed, a car connected or a charger switched before that."""

    ready_s: float = 45.0
    off_s: float = 45.0
    set_up_s: float = 60.0
    charge_s: float = 30.0
    presses: int = 3
    connects: int = 3
    charges: int = 2
    listen_s: float = 4.0
    """One look around; longer than the interlock's patience for silence."""

    def of(self, step: Step) -> float:
        """Seconds for one step; disconnecting has the time of switching off."""
        return {
            Step.READY: self.ready_s,
            Step.END: self.off_s,
            Step.OFF: self.off_s,
            Step.SET_UP: self.set_up_s,
            Step.CHARGE: self.charge_s,
        }[step]


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen to the air for a while and report every car; links that are gone too."""

    for_s: float


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to do. `reason` says why it went no further; empty: it is complete."""

    reason: str = ""


Ask = Request | Listen | Done


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A car that was taken out of the rotation in this swap, and why."""

    car: int
    blame: Blame
    why: str


@dataclass(frozen=True, slots=True)
class StepMark:
    """One step as it went, in seconds on the loop's clock; `tries` beyond the first of anything done in it."""

    step: Step
    began_s: float
    ended_s: float
    retries: int


@dataclass(frozen=True, slots=True)
class SwapResult:
    """One swap: from the call that set `from_set` is dying until it charges. `reason` says why it is not OK."""

    number: int
    from_set: str
    to_set: str
    outcome: SwapOutcome
    began_s: float
    ended_s: float
    reason: str
    taken_out: tuple[TakenOut, ...]
    marks: tuple[StepMark, ...]
    responses: tuple[Response, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the whole set was swapped, so that its time is a sample."""
        return self.outcome in {SwapOutcome.OK, SwapOutcome.FLAKY}
