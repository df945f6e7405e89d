"""The names of what can come out: of a run, a car, a limit, and of one cycle.

FAIL means the device is bad, ERROR that the bench is: the two are never mixed
(the vocabulary of google/openhtf:openhtf/core/test_record.py, with INCONCLUSIVE added).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """A verdict. The members stand in the order in which they outrank each other, weakest first."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    INCONCLUSIVE = "INCONCLUSIVE"
    FAIL = "FAIL"
    ERROR = "ERROR"
    ABORTED = "ABORTED"

    @property
    def exit_code(self) -> int:
        """What the command line returns for it."""
        return {"PASS": 0, "FAIL": 1, "ERROR": 3, "INCONCLUSIVE": 4, "ABORTED": 130}[self.value]


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that outranks the others; INCONCLUSIVE when there is none, for nothing was measured."""
    order = list(Outcome)
    return max(outcomes, key=order.index, default=Outcome.INCONCLUSIVE)


class CycleOutcome(StrEnum):
    """How one reconnect cycle ended.

    OK: fresh data at the first attempt, those left out that the kind of loss itself made fail. FLAKY: fresh data
    after a retry of its own. TIMEOUT: none before the cycle's
    time was up; its latency is kept as "at least the timeout". NOT_READY: the car could not be connected
    before the cycle, so no loss was made and there is no latency, but the cycle counts as failed.
    VOID: the bench failed, so the cycle says nothing about the car and is left out.
    """

    OK = "ok"
    FLAKY = "flaky"
    TIMEOUT = "timeout"
    NOT_READY = "not ready"
    VOID = "void"
