"""What a reconnect leg writes down: cycles and what went wrong on their way, as rows in run seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from rig.soak.reconnect.events import CycleResult, Note
from rig.soak.reconnect.rounds import Slot
from rig.soak.recorder import LegRecorder
from rig.soak.schedule import SoakCar
from rig.store.rows import CycleRow, NoteRow


class CycleRecorder:
    """Writes the cycles of a leg through its recorder."""

    def __init__(self, leg: LegRecorder) -> None:
        self.leg = leg

    def wants(self, slot: Slot) -> bool:
        """Whether a slot is to be run at all: on a bench, a cycle on record is not."""
        return self.leg.replays or not self.leg.is_on_record((slot.car.identifier, slot.cycle))

    def finish(self, car: SoakCar, result: CycleResult, notes: Iterable[Note]) -> None:
        """Keeps a finished cycle.

        Raises:
            BenchError: it cannot be kept, or is on record with another result.
        """
        self.leg.finish(
            self._row(car, result),
            self._note_rows(car, result.cycle, notes),
            what=f"{car.label}: cycle {result.cycle}",
        )

    def note(self, car: SoakCar, notes: Iterable[Note]) -> None:
        """Keeps what went wrong outside a cycle."""
        self.leg.note(self._note_rows(car, 0, notes))

    def _row(self, car: SoakCar, result: CycleResult) -> CycleRow:
        instants: dict[str, Any] = {
            field.name: self.leg.run_s(value)
            for field in fields(result)
            if field.name.endswith("_s") and (value := getattr(result, field.name)) is not None
        }
        row = CycleRow(
            identifier=car.identifier,
            cycle=result.cycle,
            set_name=self.leg.set_name,
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
            leg=self.leg.leg,
            unasked_losses=result.unasked_losses,
        )
        return replace(row, **instants)

    def _note_rows(self, car: SoakCar, cycle: int, notes: Iterable[Note]) -> list[NoteRow]:
        return [
            NoteRow(
                car.identifier,
                cycle,
                self.leg.run_s(note.at_s),
                note.attempt,
                None if note.stage is None else note.stage.value,
                note.error,
                self.leg.leg,
            )
            for note in notes
        ]
