"""What the runner writes down: acts before they are tried, cycles when they are over, in run seconds.

A leg that is taken up again in virtual time is replayed from its start: the same seed makes the same world, so
the cycles on record come out as they are on record, which is checked, and are not written twice; the first
that is not on record is where the run goes on. On a bench the cycles on record are simply not run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from rig.errors import BenchError
from rig.soak.events import CycleResult, Note
from rig.soak.schedule import Slot, SoakCar
from rig.store.journal import RunJournal
from rig.store.rows import CarRow, CycleRow, NoteRow

_MUTED = 0


class LegRecorder:
    """Writes the leg of this number. `offset_s` is where the leg begins in run seconds; `stored` the cycles it has already."""

    def __init__(
        self,
        journal: RunJournal,
        set_name: str,
        *,
        leg: int,
        offset_s: float,
        stored: Iterable[CycleRow],
        replays: bool,
    ) -> None:
        self._journal = journal
        self._set_name = set_name
        self._leg = leg
        self._shift_s = offset_s - asyncio.get_running_loop().time()
        self._stored = {(row.identifier, row.cycle): row for row in stored}
        self._replays = replays
        self._muted: set[int] = set()
        if replays:
            self._muted = {identifier for identifier, _ in self._stored}

    def wants(self, slot: Slot) -> bool:
        """Whether a slot is to be run at all: on a bench, a cycle on record is not."""
        return self._replays or not self._is_stored(slot.car.identifier, slot.cycle)

    def begin(self, slot: Slot) -> None:
        """Says that a car's next cycle begins; from the first that is not on record, its acts are journaled."""
        if not self._is_stored(slot.car.identifier, slot.cycle):
            self._muted.discard(slot.car.identifier)

    def run_s(self, loop_s: float) -> float:
        """The run second of an instant on the loop's clock, to the microsecond."""
        return round(loop_s + self._shift_s, 6)

    def intend(self, car: SoakCar, cycle: int | None, act: str, detail: str = "") -> int:
        """Journals an act about to be tried; returns its number for `done`."""
        if car.identifier in self._muted:
            return _MUTED
        return self._journal.intend(self._now_s(), act, car=car.identifier, cycle=cycle, detail=detail)

    def done(self, act: int, error: str | None = None) -> None:
        """Journals how the act ended: well, or with the error of this name."""
        if act != _MUTED:
            self._journal.done(act, self._now_s(), error)

    def finish(self, car: SoakCar, result: CycleResult, notes: Iterable[Note]) -> CycleRow:
        """Keeps a finished cycle.

        Raises:
            BenchError: the cycle is on record with another result, so the world did not come out the same.
        """
        row = self._row(car, result)
        known = self._stored.get((car.identifier, result.cycle))
        if known is None:
            self._journal.finish_cycle(row, self._note_rows(car, result.cycle, notes))
        elif known != row:
            raise BenchError(
                f"{car.label}: cycle {result.cycle} does not come out as on record, so this run cannot be resumed;"
                " was it begun with other versions? 'pitboard report' shows what there is, start a new run"
            )
        return row

    def note(self, car: SoakCar, notes: Iterable[Note]) -> None:
        """Keeps what went wrong outside a cycle."""
        rows = self._note_rows(car, 0, notes)
        if rows:
            self._journal.note(rows)

    def learn(self, car: SoakCar, *, bench_error: str | None = None, given_up: str | None = None) -> None:
        """Keeps what is known of a car by now."""
        row = CarRow(
            self._set_name, car.identifier, car.label, car.model_id, car.firmware, bench_error, given_up
        )
        self._journal.learn_car(row)

    def _is_stored(self, identifier: int, cycle: int) -> bool:
        return (identifier, cycle) in self._stored

    def _now_s(self) -> float:
        return self.run_s(asyncio.get_running_loop().time())

    def _row(self, car: SoakCar, result: CycleResult) -> CycleRow:
        instants: dict[str, Any] = {
            field.name: self.run_s(value)
            for field in fields(result)
            if field.name.endswith("_s") and (value := getattr(result, field.name)) is not None
        }
        row = CycleRow(
            identifier=car.identifier,
            cycle=result.cycle,
            set_name=self._set_name,
            loss=result.loss.value,
            outcome=result.outcome.value,
            began_s=0.0,
            ended_s=0.0,
            intended_s=None,
            loss_s=None,
            noticed_s=None,
            attempt_s=None,
            seen_s=None,
            connected_s=None,
            services_s=None,
            subscribed_s=None,
            first_data_s=None,
            attempts=result.attempts,
            stuck_at=None if result.stuck_at is None else result.stuck_at.value,
            error=result.error,
            leg=self._leg,
            unasked_losses=result.unasked_losses,
        )
        return replace(row, **instants)

    def _note_rows(self, car: SoakCar, cycle: int, notes: Iterable[Note]) -> list[NoteRow]:
        return [
            NoteRow(
                car.identifier,
                cycle,
                self.run_s(note.at_s),
                note.attempt,
                None if note.stage is None else note.stage.value,
                note.error,
            )
            for note in notes
        ]
