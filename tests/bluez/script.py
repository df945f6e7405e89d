"""What the fake bluetoothd is told to do wrong, call by call, and what it was asked."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answers with a D-Bus error: its name, and its words (None: an error without a body)."""

    name: str
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Flash:
    """`Connected` becomes true and false again, then the call is refused: how BlueZ tells that a link came up
    and failed to be established. `shown=False`: without the property changes, as bleak must not hang on."""

    words: str = "le-connection-abort-by-local"
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Silence:
    """Never answers."""


@dataclass(frozen=True, slots=True)
class Late:
    """Does as it should, `after_s` seconds later."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Crash:
    """bluetoothd dies while it was asked."""


@dataclass(frozen=True, slots=True)
class Lose:
    """The link to the car goes down at this call, which is answered as it should afterwards."""


Fault = Refuse | Flash | Silence | Late | Crash | Lose


@dataclass(frozen=True, slots=True)
class Call:
    """One method call that arrived: when (loop clock), what, at which object."""

    at_s: float
    member: str
    path: str


@dataclass(slots=True)
class Script:
    """The faults that wait for their call, and the calls that came.

    `mute` names properties whose changes are not signalled.
    """

    calls: list[Call] = field(default_factory=list)
    mute: set[str] = field(default_factory=set)
    _waiting: defaultdict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    _always: dict[str, Fault] = field(default_factory=dict)

    def on(self, member: str, fault: Fault, times: int | None = 1) -> None:
        """The next `times` calls of this method meet `fault`; None: all from now on."""
        if times is None:
            self._always[member] = fault
        else:
            self._waiting[member] += [fault] * times

    def clear(self) -> None:
        """Everything works again."""
        self._waiting.clear()
        self._always.clear()
        self.mute.clear()

    def called(self, member: str, path: str) -> Fault | None:
        """For the fake: a call arrived; what goes wrong with it."""
        self.calls.append(Call(asyncio.get_running_loop().time(), member, path))
        waiting = self._waiting[member]
        return waiting.pop(0) if waiting else self._always.get(member)

    def count(self, member: str) -> int:
        """How often this method was called."""
        return sum(call.member == member for call in self.calls)
