"""What the reconnect machine hears, what it asks for, and what it hands back when a cycle is over.

Every event carries `at_s`, seconds on the loop's clock; the machine itself never reads one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rig.soak.outcome import CycleOutcome
from rig.soak.reconnect.plan import Loss


class Stage(StrEnum):
    """The way back after a loss, in order; each is reached when its name is true."""

    NOTICED = "noticed"
    SEEN = "seen"
    CONNECTED = "connected"
    SERVICES = "services"
    SUBSCRIBED = "subscribed"
    FIRST_DATA = "first data"


@dataclass(frozen=True, slots=True)
class Join:
    """Bring the car's link up, without a cycle."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Begin:
    """Run a cycle: bring the link up if it is down, break it `settle_s` later, and see how it comes back. The schedule
    meant the loss for `intended_s`; None: for when the settling of a car that is ready is over."""

    at_s: float
    cycle: int
    loss: Loss
    settle_s: float
    intended_s: float | None = None


@dataclass(frozen=True, slots=True)
class LossMade:
    """The link was broken just now, as asked; or, where something was done to the car before, that is over now."""

    at_s: float


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The host noticed that the link is gone."""

    at_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An advertisement of the car arrived."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Connected:
    """The link layer is up."""

    at_s: float


@dataclass(frozen=True, slots=True)
class ServicesFound:
    """The car's services are discovered."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The car accepted the subscription to its frames."""

    at_s: float


@dataclass(frozen=True, slots=True)
class FreshData:
    """The first frame over this link arrived."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """What was asked for did not work; `error` is the error's name, `bench` says the car is not to blame."""

    at_s: float
    error: str
    bench: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: sent when `due_s` of the state is reached."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Stop:
    """End now, whatever is under way."""

    at_s: float


Event = (
    Join
    | Begin
    | LossMade
    | LinkLost
    | Seen
    | Connected
    | ServicesFound
    | Subscribed
    | FreshData
    | Failed
    | Tick
    | Stop
)


@dataclass(frozen=True, slots=True)
class Seek:
    """Scan until the car is seen, at most `timeout_s`."""

    timeout_s: float


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect to the car that was seen, find its services, subscribe and hear it, at most `timeout_s`."""

    timeout_s: float


@dataclass(frozen=True, slots=True)
class BreakLink:
    """Break the link this way, and report LossMade at that instant."""

    loss: Loss


@dataclass(frozen=True, slots=True)
class LoseAgain:
    """See that the car is lost once more on its way back, as this kind of loss says."""

    loss: Loss


@dataclass(frozen=True, slots=True)
class Abandon:
    """Give up whatever is under way and see that no link is left."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something went wrong on the way; kept with the run whatever becomes of the cycle."""

    at_s: float
    attempt: int
    stage: Stage | None
    error: str


@dataclass(frozen=True, slots=True)
class CycleResult:
    """One finished cycle. Instants are loop seconds; a stage not reached is None, and `stuck_at` names the
    first of them. `intended_s` is when the schedule would have broken the link of a car that was ready;
    `seen_s` to `first_data_s` belong to the last attempt, which began at `attempt_s`. `unasked_losses` counts
    how often the link went by itself before it was broken."""

    cycle: int
    loss: Loss
    outcome: CycleOutcome
    began_s: float
    ended_s: float
    intended_s: float | None
    loss_s: float | None
    noticed_s: float | None
    attempt_s: float | None
    seen_s: float | None
    connected_s: float | None
    services_s: float | None
    subscribed_s: float | None
    first_data_s: float | None
    attempts: int
    unasked_losses: int
    stuck_at: Stage | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Finish:
    """The cycle is over: keep its result before doing anything else."""

    result: CycleResult


Action = Seek | Connect | BreakLink | LoseAgain | Abandon | Note | Finish
