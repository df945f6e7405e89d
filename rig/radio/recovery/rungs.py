"""The rungs of the ladder, and for every class of fault those that may help, in order. Pure.

A rung that cannot change anything about a fault is not on its list: waiting does not give a user permission, and
no power-cycle finds a service that the car does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rig.errors import RigError
from rig.radio.errors import (
    AdapterGone,
    AdapterMissing,
    AdapterOff,
    AttError,
    CarFault,
    CarNotFound,
    ConnectTimedOut,
    EstablishmentFailed,
    HostFault,
    HostTrouble,
    LinkLost,
    NoAnswer,
    NoFreshData,
    NotPermitted,
    ServicesMissing,
    SlotsExhausted,
    StackBusy,
    StackMissing,
)


class Rung(StrEnum):
    """A rung, from what costs least to what costs most; the order of the ladder."""

    RETRY = "retry"
    BACK_OFF = "back off"
    DROP_STALE = "drop stale connection"
    POWER_CYCLE = "power-cycle adapter"
    RESTART_STACK = "restart stack"
    ASK = "ask a person"


ORDER = tuple(Rung)
REMEDIES = frozenset({Rung.DROP_STALE, Rung.POWER_CYCLE, Rung.RESTART_STACK})
"""Rungs that change something outside of this program, and that a radio may not have."""

Kind = type[CarFault] | type[HostFault]


@dataclass(frozen=True, slots=True)
class Stage:
    """A rung on a way, to be taken until it was taken `up_to` times in this recovery (None: as often as the policy
    allows), whatever it was taken for."""

    rung: Rung
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """What may be done about one class of fault: `stages` in order, before a person is asked.

    `if_it_worked`: only where the same thing has worked before. A machine without an adapter does not grow one
    while we wait, and a car that was never heard is more likely the wrong name; stale connections are dropped
    all the same.
    """

    stages: tuple[Stage, ...]
    if_it_worked: bool = False
    why: str = ""

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """Its rungs, each once, in the order in which they are first taken."""
        return tuple(dict.fromkeys(stage.rung for stage in self.stages))


def _stages(*rungs: Rung) -> tuple[Stage, ...]:
    return tuple(Stage(rung) for rung in rungs)


_WAIT, _WAIT_A_LITTLE = Stage(Rung.BACK_OFF), Stage(Rung.BACK_OFF, up_to=3)
_MEND = (Stage(Rung.DROP_STALE), Stage(Rung.POWER_CYCLE, up_to=1), Stage(Rung.RESTART_STACK))
_RETRY = Stage(Rung.RETRY)
_ALL = (_RETRY, _WAIT_A_LITTLE, *_MEND, _WAIT)
_OF_THE_LINK = (_RETRY, _WAIT_A_LITTLE, Stage(Rung.DROP_STALE), _WAIT)
_FROM_BACK_OFF = _ALL[1:]
_WAIT_AND_RESTART = (_WAIT_A_LITTLE, Stage(Rung.RESTART_STACK), _WAIT)

WAYS: dict[Kind, Way] = {
    CarNotFound: Way(
        _FROM_BACK_OFF,
        if_it_worked=True,
        why="it was looked for already; a stale connection keeps a car quiet",
    ),
    ConnectTimedOut: Way(_ALL, why="most connects that fail work the next time"),
    EstablishmentFailed: Way(_ALL, why="a matter of chance on a crowded air (HCI 0x3e)"),
    LinkLost: Way(_ALL, why="the car advertises again at once, or when its own timeout has passed"),
    NoFreshData: Way(_OF_THE_LINK, why="the link works, so the adapter does"),
    NoAnswer: Way(_OF_THE_LINK, why="the link works, so the adapter does"),
    AttError: Way(_stages(Rung.RETRY), why="the car said no; it seldom changes its mind"),
    ServicesMissing: Way((), why="it is no car, or one whose firmware a person must look at"),
    StackBusy: Way(_FROM_BACK_OFF, why="somebody else's operation must end first"),
    SlotsExhausted: Way(
        (_WAIT_A_LITTLE, Stage(Rung.DROP_STALE), _WAIT),
        why="a slot comes free when a link ends; the others are being used",
    ),
    HostTrouble: Way(_ALL, why="nobody knows, so everything is tried"),
    AdapterOff: Way(
        (
            Stage(Rung.BACK_OFF, up_to=2),
            Stage(Rung.POWER_CYCLE, up_to=1),
            Stage(Rung.BACK_OFF, up_to=5),
            Stage(Rung.POWER_CYCLE),
            Stage(Rung.RESTART_STACK),
            _WAIT,
        ),
        if_it_worked=True,
        why="a reset passes by itself; what a power-cycle left off needs another; off from the start is on purpose",
    ),
    AdapterGone: Way(
        _WAIT_AND_RESTART,
        if_it_worked=True,
        why="a reset dongle is enumerated again within seconds; there is nothing to switch",
    ),
    AdapterMissing: Way(_WAIT_AND_RESTART, if_it_worked=True, why="as for one that went away"),
    StackMissing: Way(
        (Stage(Rung.BACK_OFF, up_to=2), Stage(Rung.RESTART_STACK), _WAIT),
        if_it_worked=True,
        why="the system may start a crashed service again; it takes a moment",
    ),
    NotPermitted: Way((), why="only a person can allow it"),
}
"""By exact class; every class of fault has its line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the ladder sees it.

    `subject` is the car or adapter it names, `said` its whole sentence, `what` that sentence without the advice.
    `hears_others`: the adapter heard other cars meanwhile, so it works.
    """

    kind: Kind
    subject: str
    said: str
    what: str
    hears_others: bool = False

    @property
    def name(self) -> str:
        """The class of the error, as journals write it."""
        return self.kind.__name__

    @property
    def way(self) -> Way:
        """What may be done about it."""
        return WAYS[self.kind]


def fault_of(error: RigError) -> Fault | None:
    """The fault an error is; None for one that no ladder can mend (a caller's mistake, a full disk)."""
    kind = next((base for base in type(error).__mro__ if base in WAYS), None)
    if kind is None:
        return None
    subject = str(getattr(error, "car", "") or getattr(error, "adapter", ""))
    hears_others = isinstance(error, CarNotFound) and bool(error.heard)
    return Fault(kind, subject, str(error), error.what_happened, hears_others)
