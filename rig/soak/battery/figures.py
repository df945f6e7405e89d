"""From lives, charges and readings to the figures that limits are put on, and to what is wrong with a car. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from rig.soak.battery.ends import COMPETING, ChargeEnd, End, Meaning
from rig.soak.battery.limits import Figure, Limit, Scope, judge
from rig.soak.limits import LimitVerdict
from rig.statistics.survival import Ended, Observation
from rig.store.lives import ChargeRow, LifeRow, ReadingRow

LEAST_DRIVE_S = 60.0
"""Of driving, for a share of speed held that says something."""
FADED_SHARE = 0.85
"""A car that takes, or lasts, less than this share of what its set-mates do stands out."""

_MEANING = {
    Meaning.EVENT: Ended.EVENT,
    Meaning.CENSORED: Ended.CENSORED,
    Meaning.COMPETING: Ended.COMPETING,
}


@dataclass(frozen=True, slots=True)
class CarLives:
    """What is on record of one car in one part."""

    label: str
    lives: tuple[LifeRow, ...]
    charges: tuple[ChargeRow, ...]
    readings: tuple[ReadingRow, ...]

    @property
    def ends(self) -> dict[End, int]:
        """How its lives ended, and how often."""
        counted = Counter(End(row.end) for row in self.lives)
        return {end: counted[end] for end in End if counted[end]}

    @property
    def excluded(self) -> tuple[tuple[LifeRow, str], ...]:
        """Lives that say nothing about the battery, with the reason."""
        found = []
        for row in self.lives:
            end = End(row.end)
            if end is End.NOT_STARTED:
                found.append((row, f"no life: the car could not be brought up ({row.error})"))
            elif end is End.VOID:
                found.append((row, f"left out from its end on, the bench failed: {row.error or 'unknown'}"))
            elif _entered_s(row, self) is None:
                found.append(
                    (row, f"left out: it did not begin full ({row.start_mv} mV), nor is known how late")
                )
        return tuple(found)

    @property
    def deaths(self) -> tuple[LifeRow, ...]:
        """Lives from full to dead."""
        return tuple(row for row in self.lives if row.end == End.BATTERY and row.start_full)

    @property
    def full_charges(self) -> tuple[ChargeRow, ...]:
        """Charges from dead to full."""
        dead = {(row.leg, row.life) for row in self.lives if row.end == End.BATTERY}
        through = {ChargeEnd.FULL, ChargeEnd.CURRENT}
        return tuple(
            row for row in self.charges if (row.leg, row.life) in dead and ChargeEnd(row.end) in through
        )

    @property
    def life_s(self) -> float | None:
        """Mean life from full to dead."""
        return fmean(row.life_s for row in self.deaths) if self.deaths else None

    @property
    def charge_s(self) -> float | None:
        """Mean charge from dead to full."""
        return fmean(row.ended_s - row.began_s for row in self.full_charges) if self.full_charges else None

    @property
    def charge_mah(self) -> float | None:
        """Mean charge taken from dead to full, where a meter saw it."""
        taken = [row.charge_mah for row in self.full_charges if row.charge_mah is not None]
        return fmean(taken) if taken else None

    @property
    def speed_held(self) -> float | None:
        """Mean share of the ordered speed that the car reported."""
        held = [row.speed_held for row in self.lives if row.speed_held is not None]
        return fmean(held) if held else None


def observations_of(car: CarLives, figure: Figure) -> list[Observation]:
    """What its lives say of a figure, in the figure's unit."""
    if figure is Figure.LIFE:
        return _lives(car)
    if figure is Figure.CHARGE:
        return _charges(car)
    if figure is Figure.SPEED_HELD:
        return [
            Observation(row.speed_held, Ended.EVENT)
            for row in car.lives
            if row.speed_held is not None and row.drive_s >= LEAST_DRIVE_S
        ]
    told = [End(row.end) for row in car.lives if End(row.end) not in {End.VOID, End.CUT}]
    disturbed = COMPETING | {End.NOT_STARTED}
    return [Observation(0.0 if end in disturbed else 1.0, Ended.EVENT) for end in told]


def judge_car(car: CarLives, limits: Sequence[Limit]) -> tuple[LimitVerdict, ...]:
    """A car's own limits."""
    return tuple(
        judge(car.label, observations_of(car, limit.figure), limit)
        for limit in limits
        if limit.scope is Scope.CAR
    )


def judge_set(label: str, cars: Sequence[CarLives], limits: Sequence[Limit]) -> tuple[LimitVerdict, ...]:
    """The limits on all cars of a set together."""
    return tuple(
        judge(label, [each for car in cars for each in observations_of(car, limit.figure)], limit)
        for limit in limits
        if limit.scope is Scope.SET
    )


def diagnosis_of(car: CarLives, mates: Sequence[CarLives]) -> str | None:
    """What stands out about a car beside its set-mates, in a sentence; None when nothing does. The charge that fits
    into a cell tells a faded one from a car that draws more."""
    said = []
    for end, times in car.ends.items():
        if end in COMPETING:
            said.append(f"{times} of {len(car.lives)} lives ended by {end.value}, not by the battery")
    theirs = [mate.life_s for mate in mates if mate.life_s is not None]
    if car.life_s is not None and theirs and car.life_s < FADED_SHARE * fmean(theirs):
        share = car.life_s / fmean(theirs)
        said.append(f"it lasts {share * 100:.0f} % as long as its set-mates{_why_short(car, mates)}")
    return None if not said else f"{car.label}: {'; '.join(said)}"


def _why_short(car: CarLives, mates: Sequence[CarLives]) -> str:
    taken = [mate.charge_mah for mate in mates if mate.charge_mah is not None]
    if car.charge_mah is None or not taken:
        return ""
    share = car.charge_mah / fmean(taken)
    if share < FADED_SHARE:
        return f", and its cell takes {share * 100:.0f} % of their charge: the battery has faded"
    return f", though its cell takes {share * 100:.0f} % of their charge: something in it draws more"


def _lives(car: CarLives) -> list[Observation]:
    found = []
    for row in car.lives:
        entered_s = _entered_s(row, car)
        end = End(row.end)
        if end is End.NOT_STARTED or entered_s is None:
            continue
        time_s = entered_s + row.life_s
        if row.life_s > 0.0:
            found.append(Observation(time_s, _MEANING[end.meaning], end.value, entered_s))
    return found


def _charges(car: CarLives) -> list[Observation]:
    dead = {(row.leg, row.life) for row in car.lives if row.end == End.BATTERY}
    found = []
    for row in car.charges:
        end = ChargeEnd(row.end)
        if (row.leg, row.life) not in dead or end is ChargeEnd.VOID:
            continue
        ended = Ended.CENSORED if end is ChargeEnd.LIMIT else Ended.EVENT
        found.append(Observation(row.ended_s - row.began_s, ended, end.value))
    return found


def _entered_s(row: LifeRow, car: CarLives) -> float | None:
    """How old a battery was when its life began: 0 from full. A later start is placed where the car's full lives,
    standing, had come down to the same voltage; None when there is none to compare it with."""
    if row.start_full or row.start_mv is None:
        return 0.0 if row.start_full else None
    full = {(life.leg, life.life) for life in car.lives if life.start_full}
    ages = []
    for leg, life in sorted(full):
        at_rest = [
            reading
            for reading in car.readings
            if (reading.leg, reading.life) == (leg, life) and reading.doing == "rest"
        ]
        come_down = [r.age_s for r in at_rest if r.mv is not None and r.mv <= row.start_mv]
        if come_down:
            ages.append(min(come_down))
    return fmean(ages) if ages else None
