"""The control loop: every message is answered when it comes, and a tick looks after what does not come.

A control process holds this loop, a light telemetry writer and nothing else: one busy thread beside it costs
200 ms of P99 reaction. `rig.control.process.control_process` prepares the process; screens and reports
live in others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from protocol import Message
from rig.control.policy import Event, Faded, Heard, Policy, Steered, Ticked
from rig.control.port import CarPort
from rig.control.state import CarState, observe, silent_s
from rig.control.ticker import Tick, Ticker
from rig.control.watchdog import Freshness, Watchdog

I = TypeVar("I")  # noqa: E741 - the intent

OnHeard = Callable[[CarState, Message, float], None]
"""The car after the message, the message, its loop time."""

_FRESH = Freshness.FRESH  # looking a member up on its enum class is slow, and this is asked once per message
TICK_S = 1 / 30  # one default connection interval of Linux: nothing faster can reach a car


@dataclass(slots=True)
class LoopCounts:
    """What the loop did since it was made. `ticks` were run, `missed_ticks` passed without a run."""

    messages: int = 0
    orders: int = 0
    ticks: int = 0
    missed_ticks: int = 0


class _Lane(Generic[I]):
    """One car: its port, what is known of it and what is wanted of it."""

    __slots__ = ("_counts", "_on_heard", "_policy", "added_s", "freshness", "intent", "port", "state")

    def __init__(
        self,
        port: CarPort,
        intent: I,
        policy: Policy[I],
        *,
        counts: LoopCounts,
        on_heard: OnHeard | None,
        now_s: float,
    ) -> None:
        self.port = port
        self.intent = intent
        self.state = CarState(port.identifier, port.dialect)
        self.freshness = Freshness.FRESH
        self.added_s = now_s
        self._policy = policy
        self._counts = counts
        self._on_heard = on_heard

    def heard(self, message: Message, now_s: float) -> None:
        state = self.state = observe(self.state, message, now_s)
        self._counts.messages += 1
        if self.freshness is not _FRESH:
            self.freshness = _FRESH
            self.take(Faded(now_s, _FRESH))
        self.intent, orders = self._policy(self.intent, state, Heard(now_s, message))
        for order in orders:
            self._counts.orders += 1
            self.port.send(order)
        if self._on_heard is not None:
            self._on_heard(state, message, now_s)

    def ticked(self, now_s: float, watchdog: Watchdog) -> None:
        if self.port.dialect is not self.state.dialect:  # the link has learned its firmware since
            self.state = self.state._replace(dialect=self.port.dialect)
        freshness = watchdog.judge(silent_s(self.state, self.added_s, now_s))
        if freshness is not self.freshness:
            self.freshness = freshness
            self.take(Faded(now_s, freshness))
        self.take(Ticked(now_s))

    def take(self, event: Event) -> None:
        self.intent, orders = self._policy(self.intent, self.state, event)
        for order in orders:
            self._counts.orders += 1
            self.port.send(order)


class ControlLoop(Generic[I]):
    """Runs one policy over any number of cars. Use as a context manager inside a running event loop.

    `policy` is the pure step; `tick_s` the period of its ticks; `watchdog` what silence means. `on_heard` sees
    every message once its orders are out (telemetry, lap counting; it must be quick); `on_tick` every tick after
    the cars have had it; `on_ended` hears of a car whose port ended by itself, by identifier
    and reason, after the loop has let go of it.
    """

    def __init__(
        self,
        policy: Policy[I],
        *,
        tick_s: float = TICK_S,
        watchdog: Watchdog | None = None,
        on_heard: OnHeard | None = None,
        on_tick: Callable[[Tick], None] | None = None,
        on_ended: Callable[[int, str], None] | None = None,
    ) -> None:
        self.counts = LoopCounts()
        self._policy = policy
        self._watchdog = watchdog or Watchdog()
        self._on_heard = on_heard
        self._on_tick = on_tick
        self._on_ended = on_ended
        self._lanes: dict[int, _Lane[I]] = {}
        self._ticker = Ticker(tick_s, self._tick)

    def __enter__(self) -> Self:
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the ticks and lets go of every car; links and sockets stay their owners'."""
        self._ticker.stop()
        for identifier in tuple(self._lanes):
            self.remove(identifier)

    @property
    def cars(self) -> tuple[int, ...]:
        """Identifiers of the cars under control."""
        return tuple(self._lanes)

    @property
    def tick_source(self) -> str:
        """What the ticks come from: `timerfd` or `loop`."""
        return self._ticker.source

    def add(self, port: CarPort, intent: I) -> None:
        """Takes a car under control and tells the policy (`Steered`).

        Raises:
            ValueError: a car with that identifier is under control already.
        """
        identifier = port.identifier
        if identifier in self._lanes:
            raise ValueError(f"car {identifier:08x} is under control already")
        now_s = asyncio.get_running_loop().time()
        lane = _Lane(port, intent, self._policy, counts=self.counts, on_heard=self._on_heard, now_s=now_s)
        self._lanes[identifier] = lane
        port.open(lane.heard, lambda reason: self._port_ended(identifier, reason))
        lane.take(Steered(now_s))

    def remove(self, identifier: int) -> CarState:
        """Lets go of a car without a word to it, and returns what was last known.

        Raises:
            KeyError: no such car under control.
        """
        lane = self._lanes.pop(identifier)
        lane.port.close()
        return lane.state

    def steer(self, identifier: int, intent: I) -> None:
        """Replaces what is wanted of a car; the policy acts on it at once.

        Raises:
            KeyError: no such car under control.
        """
        lane = self._lanes[identifier]
        lane.intent = intent
        lane.take(Steered(asyncio.get_running_loop().time()))

    def car(self, identifier: int) -> CarState:
        """What is known of a car. Raises KeyError when it is not under control."""
        return self._lanes[identifier].state

    def intent(self, identifier: int) -> I:
        """What is wanted of a car, as its policy left it. Raises KeyError when it is not under control."""
        return self._lanes[identifier].intent

    def freshness(self, identifier: int) -> Freshness:
        """How good the news of a car was at the last tick or message. Raises KeyError as above."""
        return self._lanes[identifier].freshness

    def _port_ended(self, identifier: int, reason: str) -> None:
        del self._lanes[identifier]
        if self._on_ended is not None:
            self._on_ended(identifier, reason)

    def _tick(self, tick: Tick) -> None:
        self.counts.ticks += 1
        self.counts.missed_ticks += tick.missed
        now_s = tick.intended_s + tick.late_s
        for lane in tuple(self._lanes.values()):
            try:
                lane.ticked(now_s, self._watchdog)
            except Exception as error:  # noqa: BLE001 - a policy that fails one car must not fail the others
                asyncio.get_running_loop().call_exception_handler(
                    {"message": f"the policy failed for car {lane.state.identifier:08x}", "exception": error}
                )
        if self._on_tick is not None:
            self._on_tick(tick)
