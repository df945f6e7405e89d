"""What fixtures can do, one small protocol per ability, and what each driver says about itself.

Channels count from 1 on every fixture, whatever the board's own numbering.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable


class Confirms(Enum):
    """How a board proves that it did what it was told. None of them proves the contact or the wire."""

    READ_BACK = "state read back from the board"
    ECHO = "the board echoes the command"
    NOTHING = "no answer at all: only another sensor can tell"


class WhenHostDies(Enum):
    """What the outputs do when nobody commands the board any more."""

    FALLS_OFF = "falls off by its own timer"
    STAYS = "stays as last set"
    BOARD_SETTING = "depends on a setting stored in the board"
    NO_OUTPUTS = "has no outputs"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a driver declares. `checksummed` says whether a garbled byte is always noticed; where it is not,
    only a reply's shape protects it. `note` gives the reason or the limit behind the rest, in one sentence."""

    confirms: Confirms
    readable: bool
    when_host_dies: WhenHostDies
    checksummed: bool
    note: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a meter channel. `charge_mah` and `energy_mwh` are its counters; None where it has none."""

    current_ma: float
    voltage_mv: float
    charge_mah: float | None = None
    energy_mwh: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A car broke a gate's beam. `at_us` is the board's own clock, unwrapped, from the first frame heard; it is
    never the host's. `lost` counts frames that went missing just before; None where the dialect cannot tell."""

    beam: int
    at_us: int
    lost: int | None


class Fixture(Protocol):
    """Any fixture."""

    @property
    def label(self) -> str:
        """How messages name it."""
        ...

    @property
    def traits(self) -> Traits:
        """What can be relied upon."""
        ...

    async def identify(self) -> str:
        """Asks the board what it is, with queries that change nothing.

        Raises:
            FixtureFault: it did not answer as this kind does.
        """
        ...

    async def close(self) -> None:
        """Lets go of the port. Outputs stay as they are; `safe` first where they must not."""
        ...


@runtime_checkable
class SwitchesPower(Protocol):
    """Switches charger power: relay boards, and supplies by their output switch."""

    @property
    def channels(self) -> int:
        """How many."""
        ...

    async def switch(self, channel: int, on: bool) -> None:
        """Switches one channel, and checks it as far as the board allows (`traits.confirms`).

        Raises:
            FixtureFault: not done, or not known to be done.
        """
        ...

    async def is_on(self, channel: int) -> bool | None:
        """What the board says of one channel; None when it cannot say."""
        ...

    async def safe(self) -> None:
        """Everything off."""
        ...


@runtime_checkable
class RenewsPower(Protocol):
    """A switch whose channels fall off by the board's own timer unless told again: the dead-man."""

    @property
    def holds_s(self) -> float:
        """Seconds after which an unrenewed channel falls off; 0 when the timer is not in use."""
        ...

    async def renew(self) -> None:
        """Tells every channel that is on to stay on for another `holds_s`."""
        ...


@runtime_checkable
class MeasuresCharge(Protocol):
    """Reads current, voltage and, where there is a counter, charge and energy."""

    async def measure(self, channel: int) -> Reading:
        """One reading.

        Raises:
            FixtureFault: no trustworthy number; a silence is never a zero.
        """
        ...


@runtime_checkable
class PressesButtons(Protocol):
    """Presses a car's power button."""

    async def press(self, channel: int, hold_s: float) -> None:
        """Presses, holds for `hold_s`, lets go, and rests.

        Raises:
            FixtureFault: the presser did not move as told.
        """
        ...

    async def safe(self) -> None:
        """Away from every button."""
        ...


@runtime_checkable
class ReportsPassages(Protocol):
    """Reports cars that pass a gate."""

    def passages(self) -> AsyncIterator[Passage]:
        """Passages as they come, for ever.

        Raises:
            NoReply: the gate's heartbeat stopped, so that its silence means nothing.
        """
        ...
