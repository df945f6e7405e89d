"""What is journaled before the first leg of a run: the self-test of its bench, as acts of a leg 0. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rig.store.rows import ActRow

BEFORE_LEGS = 0
"""The leg of acts that belong to none."""
SELF_TEST = "self-test"
"""The act on the bench; its detail is SKIPPED when it was not wanted."""
SKIPPED = "skipped"
LEFT_OUT = "left out"
"""The act on a bay that failed; its detail is why."""
FAILED = "failed its self-test"
"""The act on what is no bay."""


@dataclass(frozen=True, slots=True)
class BenchFault:
    """Something that the self-test found wrong at this run second: a bay (by name), left out from then on, or (`bay` is
    None) a fixture or the bench itself. `subject` is what it is called."""

    subject: str
    bay: str | None
    reason: str
    at_s: float

    @property
    def words(self) -> str:
        """One sentence."""
        why = self.reason.removeprefix(f"{self.subject}, ").removeprefix(f"{self.subject}: ")
        return f"{self.subject} {LEFT_OUT if self.bay is not None else FAILED}: {why}"


def bench_faults_of(acts: Sequence[ActRow]) -> tuple[BenchFault, ...]:
    """What the self-tests of a run found, in order; what another one found again after a cut stands there once."""
    found: dict[tuple[str, str], BenchFault] = {}
    for act in acts:
        if act.act in {LEFT_OUT, FAILED}:
            bay = act.subject if act.act == LEFT_OUT else None
            subject = act.subject if bay is None else f"bay {bay}"
            found.setdefault((subject, act.detail), BenchFault(subject, bay, act.detail, act.at_s))
    return tuple(found.values())


def was_skipped(acts: Sequence[ActRow]) -> bool:
    """Whether the run was begun without a self-test."""
    return any(act.act == SELF_TEST and act.detail == SKIPPED for act in acts)


def is_through(acts: Sequence[ActRow]) -> bool:
    """Whether a self-test is on record from its begin to its end."""
    return any(act.act == SELF_TEST and act.state in {"ok", "fail"} for act in acts)
