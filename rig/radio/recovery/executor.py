"""Climbs the ladder: executes what the machine asks for and writes down what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rig.errors import RigError
from rig.radio.errors import HostFault, HostTrouble
from rig.radio.recovery.machine import (
    Ask,
    Begin,
    Event,
    Faulted,
    LadderState,
    Mended,
    Outcome,
    Paused,
    Situation,
    Skip,
    Succeeded,
    Take,
    Try,
    step,
)
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.remedies import NoRemedies, Remedies
from rig.radio.recovery.rungs import Rung, fault_of
from rig.radio.recovery.scribe import Listeners, Scribe
from rig.radio.teardown import see_through

T = TypeVar("T")
R = TypeVar("R")

REMEDY_LIMIT_S = 20.0
LOOK_LIMIT_S = 5.0
TRY_UNWIND_LIMIT_S = (
    30.0  # a radio ends a connect it gives up on within this, every one of its own bounds spent
)
_log = logging.getLogger("pitboard.radio.recovery")


@dataclass(slots=True)
class Patient:
    """The car being recovered: `address` once it was heard, `worked` when it has been up before."""

    address: str | None = None
    worked: bool = False
    seed: int = 0


class Ladder(Generic[T]):
    """One recovery of one thing: `await Ladder(attempt, policy).climb()`.

    `attempt` must be bounded in time and clean up after itself; it is bounded here too, at `attempt_limit_s`.
    """

    def __init__(
        self,
        attempt: Callable[[], Awaitable[T]],
        policy: RecoveryPolicy,
        *,
        remedies: Remedies | None = None,
        patient: Patient | None = None,
        listeners: Listeners | None = None,
        attempt_limit_s: float = 60.0,
    ) -> None:
        self._attempt = attempt
        self._policy = policy
        self._remedies: Remedies = remedies or NoRemedies()
        self._patient = patient or Patient()
        self._attempt_limit_s = attempt_limit_s
        self._state = LadderState()
        self._error: RigError | None = None
        self._scribe = Scribe(listeners or Listeners())
        self._result: list[T] = []

    async def climb(self, error: RigError | None = None) -> T:
        """What `attempt` returns in the end. `error` is a fault that has happened already, so that the first
        try counts as made.

        Raises:
            RigError: the last fault, when a person is needed or nothing can be mended.
        """
        begin = Begin(_now_s(), self._remedies.can, self._patient.worked, self._patient.seed)
        try:
            self._state, actions = step(self._state, begin, self._policy)
            while actions:
                event: Event | None = None
                for action in actions:
                    match action:
                        case Try():
                            event = await self._try(error)
                            error = None
                        case Take():
                            event = await self._take(action)
                        case Skip():
                            self._scribe.skip(action, _now_s())
                        case Ask():
                            self._scribe.end(self._state, _now_s(), action)
                if event is None:
                    break
                self._state, actions = step(self._state, event, self._policy)
        finally:
            self._scribe.leave_open(_now_s())
        if not self._result:
            assert self._error is not None
            raise self._error
        return self._result[0]

    async def _try(self, happened: RigError | None) -> Event:
        try:
            if happened is not None:
                raise happened
            result = await self._attempt_once()
        except RigError as error:
            fault = fault_of(error)
            if fault is None:
                raise
            self._error = error
            self._scribe.decided(fault, _now_s())
            return Faulted(_now_s(), fault, await self._situation())
        self._result.append(result)
        self._scribe.decided(None, _now_s())
        self._scribe.end(self._state, _now_s())
        return Succeeded(_now_s())

    async def _attempt_once(self) -> T:
        try:
            return await _bounded(self._attempt(), self._attempt_limit_s, TRY_UNWIND_LIMIT_S)
        except _GaveUp as error:
            raise HostTrouble(detail=f"a try did not end in {self._attempt_limit_s:g} s") from error

    async def _take(self, take: Take) -> Event:
        self._scribe.intend(take, _now_s())
        if take.rung in {Rung.RETRY, Rung.BACK_OFF}:
            await asyncio.sleep(take.pause_s)
            self._scribe.acted(Outcome.OK, _now_s())
            return Paused(_now_s())
        outcome, detail = await self._mend(take.rung)
        self._scribe.acted(outcome, _now_s(), detail)
        if outcome is Outcome.FAIL:
            self._scribe.decided(take.fault, _now_s())
        return Mended(_now_s(), outcome, await self._situation())

    async def _mend(self, rung: Rung) -> tuple[Outcome, str]:
        try:
            # half a power-cycle is worse than none: it is seen through even when the caller is cancelled
            await see_through(self._remedies.apply(rung, self._patient.address), REMEDY_LIMIT_S, rung.value)
        except TimeoutError:
            return Outcome.UNKNOWN, f"did not end in {REMEDY_LIMIT_S:g} s"
        except HostFault as error:
            return Outcome.FAIL, error.what_happened
        return Outcome.OK, ""

    async def _situation(self) -> Situation:
        try:
            return await _bounded(self._remedies.situation(self._patient.address), LOOK_LIMIT_S, LOOK_LIMIT_S)
        except (HostFault, _GaveUp) as error:
            _log.debug("looking at the adapter: %r", error)
            return Situation(others=None)


class _GaveUp(Exception):  # noqa: N818 - not an error of anybody's but ours
    """Work did not end in its time."""


async def _bounded(work: Awaitable[R], limit_s: float, unwind_s: float) -> R:
    """Like `asyncio.wait_for`, but returns even when `work` does not let itself be cancelled: what was begun has
    `unwind_s` to clean up behind itself, also when the caller is cancelled.

    Raises:
        _GaveUp: `work` did not end in `limit_s`.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=limit_s)
    finally:
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task}, timeout=unwind_s)
        task.add_done_callback(_look_away)
    if not done:
        raise _GaveUp
    return task.result()


def _look_away(task: asyncio.Future[Any]) -> None:
    """What comes of work that was given up interests nobody."""
    if not task.cancelled():
        task.exception()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
