"""The words of a swap at the booth: its steps, how long they may take, and what hands are asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rig.rotation.events import Request


class Step(StrEnum):
    """The steps of a swap, in their order. Set A races, set B takes over."""

    READY = "ready"
    """B comes off its chargers, awake; A may still race."""
    OFF = "off"
    """A's race is over, it is disconnected, each of its cars goes off."""
    TRACK = "track"
    """A leaves the track, B stands on it."""
    SET_UP = "set-up"
    """All of B is connected and sends fresh data: a race is set up."""
    CHARGE = "charge"
    """B races; only now A goes on its chargers."""


STEPS = tuple(Step)


def title(step: Step, from_set: str, to_set: str) -> str:
    """What a step is about, for the crew."""
    return {
        Step.READY: f"Take set {to_set} off its chargers, each car awake",
        Step.OFF: f"Switch set {from_set} off, car by car",
        Step.TRACK: f"Set {from_set} off the track, set {to_set} on it",
        Step.SET_UP: f"The next race is set up with set {to_set}",
        Step.CHARGE: f"Only now: set {from_set} on its chargers",
    }[step]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a step waits before the cars that hold it up are taken out, in seconds; `line_up_s` is how long a car
    that stands on the track may stay away from a line-up. Hands are slower than relays."""

    ready_s: float = 150.0
    off_s: float = 90.0
    set_up_s: float = 120.0
    line_up_s: float = 20.0
    listen_s: float = 4.0
    """One look around; longer than the interlock's patience for silence."""

    def of(self, step: Step) -> float:
        """Seconds for one step of the swap."""
        return {
            Step.READY: self.ready_s,
            Step.OFF: self.off_s,
            Step.TRACK: self.set_up_s,
            Step.SET_UP: self.set_up_s,
            Step.CHARGE: self.off_s,
        }[step]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing for hands. `tick` is the item by which the crew confirms what no sensor shows; "" where one does."""

    key: str
    words: str
    why: str = ""
    car: int | None = None
    tick: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the guide goes by beside the rotation: whether a race is on, which cars say that they stand on the track,
    which sets the crew has ticked as standing there, and which cars that were taken out may come back (`let_in`: those
    that only circumstances took out, no person)."""

    is_racing: bool = False
    on_track: Mapping[int, bool] = field(default_factory=dict)
    placed: frozenset[str] = frozenset()
    let_in: frozenset[int] = frozenset()
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Swap:
    """A swap under way. `marks` are the steps that are done, with how long each took; `waits_s` is when the step
    under way began to wait for hands alone, for a set may be called to be ready long before its turn."""

    from_set: str
    to_set: str
    why: str
    began_s: float
    step: Step = Step.READY
    step_s: float = 0.0
    waits_s: float | None = None
    marks: tuple[tuple[Step, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do now: requests to put to the interlock, tasks for hands, cars that a hand moves onto the track or away
    from it, whether to listen, and whether the race is set up so that the swap is over for visitors."""

    requests: tuple[Request, ...] = ()
    tasks: tuple[Task, ...] = ()
    places: tuple[tuple[int, bool], ...] = ()
    listens: bool = False
    is_over: bool = False


def placed_item(set_name: str) -> str:
    """The item the crew ticks when a set stands on the track and the other does not."""
    return f"placed-{set_name}"


def unplugged_item(set_name: str) -> str:
    """The item the crew ticks when it has looked and no car of a set is on a charger."""
    return f"unplugged-{set_name}"
