"""What a recovery leaves behind: every rung with its outcome, its cost and whether it helped. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rig.radio.recovery.rungs import Rung


class RungState(StrEnum):
    """How a rung stands: INTENDED before it is tried, then how its own act ended (UNKNOWN: no answer came);
    SKIPPED when it was not taken."""

    INTENDED = "intended"
    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class RecoveryRecord:
    """One rung of one recovery.

    `number` counts from 1 within the recovery; `fault` is the class of the error it was meant for and `what` its
    words; the next try was number `next_try` of at most `of`. Seconds: `began_s` on the loop's clock, `pause_s`
    wanted, `act_s` spent on the pause or remedy itself, `cost_s` until the next try was decided. `helped`: that
    fault did not come back in that try (None: never known); `then` is the class of the fault that came instead,
    empty when the try succeeded. `detail` says why a rung failed or was skipped.
    """

    number: int
    rung: Rung
    fault: str
    subject: str
    what: str
    began_s: float
    state: RungState = RungState.INTENDED
    next_try: int = 0
    of: int = 0
    pause_s: float = 0.0
    act_s: float = 0.0
    cost_s: float = 0.0
    helped: bool | None = None
    then: str | None = None
    detail: str = ""

    def as_json(self, origin_s: float = 0.0) -> dict[str, Any]:
        """A JSON object; `began_s` counts from `origin_s`."""
        return {
            "rung": self.rung.value,
            "state": self.state.value,
            "fault": self.fault,
            "began_s": round(self.began_s - origin_s, 6),
            "act_s": round(self.act_s, 6),
            "cost_s": round(self.cost_s, 6),
            "helped": self.helped,
            "then": self.then,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery that is over.

    `recovered` is without a person; `asked` says why a person was needed, and `said` what they were told.
    `first_fault_s` and `ended_s` are on the loop's clock. A try that succeeds at once is no recovery.
    """

    subject: str
    first_fault: str
    last_fault: str
    recovered: bool
    first_fault_s: float
    ended_s: float
    tries: int
    records: tuple[RecoveryRecord, ...]
    asked: str = ""
    said: str = ""

    @property
    def took_s(self) -> float:
        """From the first fault to its end, in seconds."""
        return self.ended_s - self.first_fault_s

    @property
    def taken(self) -> tuple[RecoveryRecord, ...]:
        """The rungs that were tried."""
        return tuple(record for record in self.records if record.state is not RungState.SKIPPED)

    @property
    def skipped(self) -> tuple[RecoveryRecord, ...]:
        """The rungs that were not."""
        return tuple(record for record in self.records if record.state is RungState.SKIPPED)

    def as_json(self) -> dict[str, Any]:
        """A JSON object; seconds count from the first fault."""
        return {
            "subject": self.subject,
            "first_fault": self.first_fault,
            "last_fault": self.last_fault,
            "recovered": self.recovered,
            "took_s": round(self.took_s, 6),
            "tries": self.tries,
            "asked": self.asked,
            "said": self.said,
            "rungs": [record.as_json(self.first_fault_s) for record in self.records],
        }
