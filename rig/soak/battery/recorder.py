"""What a battery leg writes down: lives, charges and readings as rows in run seconds."""

from __future__ import annotations

from collections.abc import Sequence

from rig.soak.battery.ends import End
from rig.soak.battery.events import ChargeResult, LifeResult, Note, Read, ReadCharge
from rig.soak.battery.odometer import Odometer
from rig.soak.recorder import LegRecorder
from rig.soak.schedule import SoakCar
from rig.store.lives import ChargeRow, LifeRow, ReadingRow
from rig.store.rows import NoteRow

BATCH = 6
"""Readings of a car kept at once: with one in ten seconds a cut costs a minute of them, never a life."""
LIVE = "live"
"""The act that a life is, from its beginning to its end."""


class LifeRecorder:
    """Writes the lives of a leg through its recorder."""

    def __init__(self, leg: LegRecorder) -> None:
        self.leg = leg
        self._bays: dict[int, str | None] = {}
        self._acts: dict[int, int] = {}
        self._readings: dict[int, list[ReadingRow]] = {}
        self._cut: set[tuple[int, int]] = set()

    def wants(self, car: SoakCar, life: int) -> bool:
        """Whether a life is to be lived at all: on a bench, one on record is not."""
        key = (car.identifier, life)
        return self.leg.replays or not (self.leg.is_on_record(key) or key in self._cut)

    def begin(self, car: SoakCar, life: int, bay: str | None) -> None:
        """A life begins."""
        self._bays[car.identifier] = bay
        self._readings[car.identifier] = []
        self._acts[car.identifier] = self.leg.intend_on(car, life, LIVE, bay or "")

    def intend(self, car: SoakCar, life: int, act: str, detail: str = "") -> int:
        """Journals an act about to be tried on a car."""
        return self.leg.intend_on(car, life, act, detail)

    def done(self, act: int, error: str | None = None) -> None:
        """Journals how it ended."""
        self.leg.done(act, error)

    def learn(self, car: SoakCar) -> None:
        """Keeps what a car turned out to be."""
        self.leg.learn(car)

    def note(self, car: SoakCar, life: int, note: Note) -> None:
        """Keeps something that went wrong on the way."""
        at_s = self.leg.run_s(note.at_s)
        self.leg.note([NoteRow(car.identifier, life, at_s, 0, None, note.what, self.leg.leg)])

    def read(self, car: SoakCar, life: int, reading: Read | ReadCharge, speed_mm_s: int | None) -> None:
        """Takes a reading; every BATCH of them are kept."""
        readings = self._readings[car.identifier]
        readings.append(self._reading_row(car, life, reading, speed_mm_s))
        if len(readings) >= BATCH:
            self._keep_readings(car)

    def keep(self, car: SoakCar, result: LifeResult, odometer: Odometer) -> None:
        """Keeps a finished life.

        Raises:
            BenchError: it cannot be kept, or is on record with another result.
        """
        self._keep_readings(car)
        row = LifeRow(
            leg=self.leg.leg,
            identifier=car.identifier,
            life=result.life,
            set_name=self.leg.set_name,
            end=result.end.value,
            began_s=self.leg.run_s(result.began_s),
            ended_s=self.leg.run_s(result.ended_s),
            start_mv=result.start_mv,
            end_mv=result.end_mv,
            start_full=result.start_full,
            drive_s=round(result.drive_s, 6),
            rest_s=round(result.rest_s, 6),
            low_s=None if result.low_s is None else round(result.low_s, 6),
            gaps=result.gaps,
            gap_s=round(result.gap_s, 6),
            stalls=result.stalls,
            off_tracks=result.off_tracks,
            distance_m=round(odometer.distance_mm / 1000.0, 3),
            speed_held=None if odometer.speed_held is None else round(odometer.speed_held, 6),
            temperature_c=None,
            bay=self._bays.get(car.identifier),
            error=result.error,
        )
        self.leg.finish(row, what=f"{car.label}: life {result.life}")
        self.leg.done(self._acts[car.identifier])

    def keep_charge(self, car: SoakCar, result: ChargeResult) -> None:
        """Keeps a finished charge."""
        self._keep_readings(car)
        row = ChargeRow(
            leg=self.leg.leg,
            identifier=car.identifier,
            life=result.life,
            end=result.end.value,
            began_s=self.leg.run_s(result.began_s),
            ended_s=self.leg.run_s(result.ended_s),
            charge_mah=None if result.charge_mah is None else round(result.charge_mah, 3),
            energy_mwh=None if result.energy_mwh is None else round(result.energy_mwh, 3),
            peak_ma=result.peak_ma,
            bay=self._bays.get(car.identifier),
            error=result.error,
        )
        self.leg.keep_details([row])

    def give_up(self, car: SoakCar, *, bench_error: str | None = None, given_up: str | None = None) -> None:
        """Keeps why a car is left alone for the rest of the leg."""
        self.leg.leave_alone(car, bench_error=bench_error, given_up=given_up)

    def keep_cut_lives(self, cars: Sequence[SoakCar]) -> None:
        """On a bench, where time does not come back: lives that were under way when the run was cut become lives of
        which only their last reading is known, censored there."""
        if self.leg.replays:
            return
        labels = {car.identifier: car.label for car in cars}
        begun: dict[tuple[int, int], list[ReadingRow]] = {}
        for row in self.leg.details_on_record(ReadingRow):
            key = (row.identifier, row.life)
            if row.doing != "charge" and row.identifier in labels and not self.leg.is_on_record(key):
                begun.setdefault(key, []).append(row)
        for (identifier, life), readings in begun.items():
            cut = _cut(self.leg.set_name, readings)
            self.leg.finish(cut, what=f"{labels[identifier]}: life {life}")
            self._cut.add((identifier, life))

    def _keep_readings(self, car: SoakCar) -> None:
        readings = self._readings[car.identifier]
        self.leg.keep_details(readings)
        readings.clear()

    def _reading_row(
        self, car: SoakCar, life: int, reading: Read | ReadCharge, speed_mm_s: int | None
    ) -> ReadingRow:
        at_s = self.leg.run_s(reading.at_s)
        if isinstance(reading, ReadCharge):
            age_s, ma, charged = round(reading.charge_s, 6), reading.ma, reading.charged
            return ReadingRow(
                self.leg.leg, car.identifier, life, at_s, age_s, "charge", None, None, ma, False, charged
            )
        return ReadingRow(
            leg=self.leg.leg,
            identifier=car.identifier,
            life=life,
            at_s=at_s,
            age_s=round(reading.life_s, 6),
            doing="rest" if reading.resting else "drive",
            mv=reading.mv,
            speed_mm_s=speed_mm_s,
            ma=None,
            low=reading.low,
            charged=reading.charged,
        )


def _cut(set_name: str, readings: Sequence[ReadingRow]) -> LifeRow:
    """What is left of a life: its readings. How it was split into driving and resting they tell only roughly."""
    first, last = readings[0], readings[-1]
    low = next((row.age_s for row in readings if row.low), None)
    return LifeRow(
        leg=last.leg,
        identifier=last.identifier,
        life=last.life,
        set_name=set_name,
        end=End.CUT.value,
        began_s=first.at_s,
        ended_s=last.at_s,
        start_mv=first.mv,
        end_mv=last.mv,
        start_full=first.charged,
        drive_s=last.age_s,
        rest_s=0.0,
        low_s=low,
        gaps=0,
        gap_s=0.0,
        stalls=0,
        off_tracks=0,
        distance_m=0.0,
        speed_held=None,
        temperature_c=None,
        bay=None,
        error="the run was cut under it",
    )
