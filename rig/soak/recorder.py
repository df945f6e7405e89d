"""What a leg writes down: acts before they are tried, units when they are over, in run seconds.

A leg that is taken up again in virtual time is replayed from its start: the same seed makes the same world, so the
units on record come out as they are on record, which is checked, and are not written twice; nor are the acts on
record, which come again at the same instants. An act whose end a kill or a stop took is the same act when it comes
again, and gets its end then. What is not on record is where the run goes on. On a bench, where no instant comes again,
the units on record are simply not run again, and an act without its end stays `unknown`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rig.errors import BenchError
from rig.soak.schedule import SoakCar
from rig.store.journal import RunJournal
from rig.store.rows import CAR, ActRow, DetailRow, GapRow, LeftAloneRow, NoteRow, UnitRow

DetailT = TypeVar("DetailT", bound=DetailRow)

_MUTED = 0

_Act = tuple[float, str, str, int | None, str, str]


class LegRecorder:
    """Writes the leg of this number, of these `cars` (identifiers). `offset_s` is where it begins in run seconds; `units`, `acts` and `details` what it
    has on record already. As a bench's `Acts` it journals what fixtures do."""

    def __init__(
        self,
        journal: RunJournal,
        *,
        leg: int,
        set_name: str,
        cars: Iterable[int] = (),
        offset_s: float,
        units: Iterable[UnitRow],
        acts: Iterable[ActRow],
        replays: bool,
        details: Iterable[DetailRow] = (),
        gaps: Iterable[GapRow] = (),
    ) -> None:
        self._journal = journal
        self.leg = leg
        self.set_name = set_name
        self.replays = replays
        """Whether the leg is in virtual time, where what is on record is run again and compared."""
        self._shift_s = offset_s - asyncio.get_running_loop().time()
        self._units = {row.key: row for row in units}
        self.taking_part = frozenset(cars)
        """The cars that are not left alone."""
        self._details = tuple(details)
        self.gaps = tuple(gaps)
        """The times in which nobody watched the run, in order."""
        self.acts_on_record = tuple(acts)
        """What was done before this leg was taken up again, in order."""
        self._to_come: dict[_Act, deque[int]] = {}
        """What a replay is going to do again: the numbers of those that are not on record as gone well, which may be the
        stop's doing, so that their ends are written as they come out; of the others _MUTED."""
        for act in self.acts_on_record if replays else ():
            name = (act.at_s, act.subject_kind, act.subject, act.unit, act.act, act.detail)
            number = _MUTED if act.state == "ok" else act.number
            self._to_come.setdefault(name, deque()).append(number)

    def is_on_record(self, key: tuple[int, ...]) -> bool:
        """Whether the unit with this key (see its row) was finished before this leg was taken up again."""
        return key in self._units

    def acts_on_record_of(self, car: SoakCar) -> list[ActRow]:
        """What of that was done to a car."""
        return [act for act in self.acts_on_record if act.identifier == car.identifier]

    def run_s(self, loop_s: float) -> float:
        """The run second of an instant on the loop's clock, to the microsecond."""
        return round(loop_s + self._shift_s, 6)

    def now_s(self) -> float:
        """The run second it is."""
        return self.run_s(asyncio.get_running_loop().time())

    def intend(
        self, subject_kind: str, subject: str, act: str, detail: str = "", *, unit: int | None = None
    ) -> int:
        """Journals an act about to be tried on a car, bay, set or the bench; returns its number for `done`."""
        at_s = self.now_s()
        if known := self._to_come.get((at_s, subject_kind, subject, unit, act, detail)):
            return known.popleft()
        return self._journal.intend(
            at_s, act, subject_kind=subject_kind, subject=subject, leg=self.leg, unit=unit, detail=detail
        )

    def observed(
        self,
        subject_kind: str,
        subject: str,
        act: str,
        detail: str = "",
        *,
        unit: int | None = None,
        error: str | None = None,
    ) -> None:
        """Journals what takes no time: a fact that was seen, a request that was refused; `error` where it is one of
        something that failed."""
        at_s = self.now_s()
        if known := self._to_come.get((at_s, subject_kind, subject, unit, act, detail)):
            known.popleft()
            return
        self._journal.observed(
            at_s,
            act,
            subject_kind=subject_kind,
            subject=subject,
            leg=self.leg,
            unit=unit,
            detail=detail,
            error=error,
        )

    def intend_on(self, car: SoakCar, unit: int | None, act: str, detail: str = "") -> int:
        """Journals an act about to be tried on a car, in this unit."""
        return self.intend(CAR, f"{car.identifier:08x}", act, detail, unit=unit)

    def observed_on(
        self, car: SoakCar, unit: int | None, act: str, detail: str = "", *, error: str | None = None
    ) -> None:
        """Journals what takes no time, of a car, in this unit."""
        self.observed(CAR, f"{car.identifier:08x}", act, detail, unit=unit, error=error)

    def done(self, number: int, error: str | None = None) -> None:
        """Journals how an act ended: well, or with the error of this name."""
        if number != _MUTED:
            self._journal.done(number, self.now_s(), error)

    def finish(self, row: UnitRow, notes: Sequence[NoteRow] = (), *, what: str) -> None:
        """Keeps a finished unit and what went wrong on its way; `what` names it in words (`Skull A1: cycle 3`).

        Raises:
            BenchError: it is on record with another result, so the world did not come out the same; or it cannot
                be kept.
        """
        known = self._units.get(row.key)
        if known is None:
            self._journal.finish_unit(row, notes)
        elif known != row:
            raise BenchError(
                f"{what} does not come out as on record, so this run cannot be resumed;"
                " was it begun with other versions? 'pitboard report' shows what there is, start a new run"
            )

    def keep_details(self, rows: Sequence[DetailRow]) -> None:
        """Keeps what belongs to a unit beside its own row; in a replay what comes again stays as it is."""
        if rows:
            self._journal.keep_details(rows, self.now_s())

    def details_on_record(self, kind: type[DetailT]) -> list[DetailT]:
        """What was kept of this leg before it was taken up again."""
        return [row for row in self._details if isinstance(row, kind)]

    def note(self, notes: Sequence[NoteRow]) -> None:
        """Keeps what went wrong outside a unit."""
        if notes:
            self._journal.note(notes)

    def learn(self, car: SoakCar) -> None:
        """Keeps what is known of a car by now."""
        self._journal.learn_car(car.identifier, car.model_id, car.firmware)

    def leave_alone(
        self, car: SoakCar, *, bench_error: str | None = None, given_up: str | None = None
    ) -> None:
        """Keeps why a car is left alone for the rest of the leg: the bench failed it, or it was given up."""
        self.taking_part -= {car.identifier}
        self._journal.leave_alone(LeftAloneRow(self.leg, car.identifier, bench_error, given_up))
