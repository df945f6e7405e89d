"""Writes a recovery down as it happens: every rung before it is tried, and again when it is known what it was
worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from rig.radio.recovery.machine import Ask, LadderState, Outcome, Skip, Take
from rig.radio.recovery.records import Recovery, RecoveryRecord, RungState
from rig.radio.recovery.rungs import Fault
from rig.radio.recovery.words import ask_sentence


class RungJournal(Protocol):
    """Where rungs are kept. Both methods may raise BenchError, which ends the recovery."""

    def intend(self, record: RecoveryRecord) -> int:
        """A rung is about to be taken; returns its number for `done`."""
        ...

    def done(self, act: int, record: RecoveryRecord) -> None:
        """The same rung with its outcome, its cost and whether it helped."""
        ...


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears of a recovery: `on_step` of every rung twice (before, and completed; once if it is skipped),
    `on_end` once when it is over, and `journal` of the rungs that are taken."""

    on_step: Callable[[RecoveryRecord], None] | None = None
    on_end: Callable[[Recovery], None] | None = None
    journal: RungJournal | None = None


class Scribe:
    """Keeps the records of one recovery and tells the listeners. Instants are seconds on the loop's clock."""

    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners
        self._records: list[RecoveryRecord] = []
        self._first: Fault | None = None
        self._open_act: int | None = None

    def intend(self, take: Take, at_s: float) -> None:
        """A rung is about to be taken."""
        record = RecoveryRecord(
            number=len(self._records) + 1,
            rung=take.rung,
            fault=take.fault.name,
            subject=take.fault.subject,
            what=take.fault.what,
            began_s=at_s,
            next_try=take.number,
            of=take.of,
            pause_s=take.pause_s,
        )
        journal = self._listeners.journal
        self._open_act = 0 if journal is None else journal.intend(record)
        self._records.append(record)
        self._tell(record)

    def acted(self, outcome: Outcome, at_s: float, detail: str = "") -> None:
        """The rung's own pause or remedy is over."""
        record = self._records[-1]
        self._records[-1] = replace(
            record, state=RungState(outcome.value), act_s=at_s - record.began_s, detail=detail
        )

    def decided(self, fault: Fault | None, at_s: float) -> None:
        """A try ended, with this fault or well: so it is known whether the rung before it helped."""
        if self._first is None:
            self._first = fault
        if self._open_act is not None:
            then = "" if fault is None else fault.name
            self._close(replace(self._records[-1], helped=then != self._records[-1].fault, then=then), at_s)

    def leave_open(self, at_s: float) -> None:
        """Nobody waits for the end any more: what is open stays unknown."""
        if self._open_act is not None:
            self._close(replace(self._records[-1], state=RungState.UNKNOWN), at_s)

    def skip(self, skip: Skip, at_s: float) -> None:
        """A rung is not taken."""
        fault = skip.fault
        record = RecoveryRecord(
            number=len(self._records) + 1,
            rung=skip.rung,
            fault=fault.name,
            subject=fault.subject,
            what=fault.what,
            began_s=at_s,
            state=RungState.SKIPPED,
            detail=skip.why,
        )
        self._records.append(record)
        self._tell(record)

    def end(self, state: LadderState, at_s: float, ask: Ask | None = None) -> None:
        """The recovery is over; without a fault there was none."""
        if self._first is None or state.first_fault_s is None or state.fault is None:
            return
        if self._listeners.on_end is None:
            return
        self._listeners.on_end(
            Recovery(
                subject=state.fault.subject,
                first_fault=self._first.name,
                last_fault=state.fault.name,
                recovered=ask is None,
                first_fault_s=state.first_fault_s,
                ended_s=at_s,
                tries=state.tries,
                records=tuple(self._records),
                asked="" if ask is None else ask.why,
                said="" if ask is None else ask_sentence(ask.fault),
            )
        )

    def _close(self, record: RecoveryRecord, at_s: float) -> None:
        record = replace(record, cost_s=at_s - record.began_s)
        act, self._open_act = self._open_act, None
        self._records[-1] = record
        if self._listeners.journal is not None and act is not None:
            self._listeners.journal.done(act, record)
        self._tell(record)

    def _tell(self, record: RecoveryRecord) -> None:
        if self._listeners.on_step is not None:
            self._listeners.on_step(record)
