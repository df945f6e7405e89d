"""The races of the day again, from what was written down about them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from booth.pack.model import Mode
from booth.race.battle import hit
from booth.race.laps import in_order
from booth.race.outs import out_of
from booth.race.state import Fairness, LapTime, Phase, Race, Racer, Result, race_of
from booth.show import records
from booth.show.records import Record

USUAL_GRADE = 0.5
"""Of the AI that drives on for a player who left: of that, too, there is no record."""
SURELY_STARTED_S = 3.0
"""By then after green every car has crossed the line for the first time, of which there is no record."""


def races_of(
    written: Iterable[tuple[float, Record]],
    now_s: float,
    mode_of: Callable[[str], Mode],
    fairness: Fairness | None = None,
) -> dict[int, Race]:
    """Every race by its number, as the records leave it; `written` are pairs of age in seconds and record, oldest
    first, `mode_of` gives a mode by its name or raises KeyError, and a race of a mode that is gone is left out.

    Where cars were is not known. Tell a race that runs that it was `Interrupted`; the first crossing of each car ends
    the lap it was on.
    """
    races: dict[int, Race] = {}
    latest: int | None = None
    for age_s, record in written:
        if isinstance(record, records.RaceLinedUp):
            latest = record.race
        number = latest if isinstance(record, records.PlayerLeft) else getattr(record, "race", None)
        race = _told(races.get(number or 0), record, now_s - age_s, mode_of, fairness)
        if race is not None and number is not None:
            races[number] = race
    return {number: _started(race, now_s) for number, race in races.items()}


def _told(
    race: Race | None, record: Record, at_s: float, mode_of: Callable[[str], Mode], fairness: Fairness | None
) -> Race | None:
    if isinstance(record, records.RaceLinedUp):
        try:
            mode = mode_of(record.mode)
        except KeyError:
            return None
        return race_of(
            record.race, mode, record.set_name, record.entries, fairness=fairness, rerun_of=record.rerun_of
        )
    after = _AFTER.get(type(record))
    return None if race is None or after is None else after(race, record, at_s)


def _green(race: Race, _: records.RaceStarted, at_s: float) -> Race:
    return replace(race, phase=Phase.RUNNING, starts_s=at_s, green_s=at_s)


def _hit(race: Race, record: records.Hit, at_s: float) -> Race:
    return hit(race, record.seat, record.victim, at_s)


def _out(race: Race, record: records.CarOut, at_s: float) -> Race:
    return _change(race, record.seat, lambda racer: out_of(race, racer, record.why, at_s))


def _back(race: Race, record: records.CarBack, _: float) -> Race:
    return _change(race, record.seat, lambda racer: replace(racer, out=None, out_s=None))


def _left(race: Race, record: records.PlayerLeft, _: float) -> Race:
    if race.phase in {Phase.FINISHED, Phase.STOPPED} or record.seat is None:
        return race
    return _change(race, record.seat, _without_player)


def _without_player(racer: Racer) -> Racer:
    grade = USUAL_GRADE if racer.entry.grade is None else racer.entry.grade
    return replace(racer, entry=replace(racer.entry, player=None, grade=grade))


def _interrupted(race: Race, record: records.RaceInterrupted, _: float) -> Race:
    race = race.put(*(replace(racer, is_broken=True) for racer in race.racers))
    return replace(race, held_s=race.held_s + record.away_s)


def _finished(race: Race, record: records.RaceFinished, at_s: float) -> Race:
    result = Result(record.standings, record.winner, record.rerun)
    return replace(race, phase=Phase.FINISHED, ended_s=at_s, history=(result,))


def _stopped(race: Race, _: records.RaceStopped, at_s: float) -> Race:
    return replace(race, phase=Phase.STOPPED, ended_s=at_s)


def _corrected(race: Race, record: records.ResultCorrected, _: float) -> Race:
    rerun = race.result.rerun if race.result is not None else ""
    result = Result(record.standings, record.winner, rerun, record.comment, record.by)
    return replace(race, history=(*race.history, result))


def _change(race: Race, seat: int, change: Callable[[Racer], Racer]) -> Race:
    racer = race.of_seat(seat)
    return race if racer is None else race.put(change(racer))


def _lap(race: Race, record: records.LapDone, _: float) -> Race:
    crossed_s = (race.green_s or 0.0) + record.race_s
    lap = LapTime(crossed_s, record.time_s, record.is_whole)

    return _change(
        race, record.seat, lambda racer: replace(racer, laps=in_order((*racer.laps, lap)), is_broken=False)
    )


def _started(race: Race, now_s: float) -> Race:
    if race.phase is not Phase.RUNNING or race.green_s is None or now_s - race.green_s < SURELY_STARTED_S:
        return race
    waiting = (racer for racer in race.racers if racer.last_s is None)
    return race.put(*(replace(racer, first_s=race.green_s, is_broken=True) for racer in waiting))


_AFTER: dict[type[Record], Callable[[Race, Any, float], Race]] = {
    records.RaceStarted: _green,
    records.LapDone: _lap,
    records.Hit: _hit,
    records.CarOut: _out,
    records.CarBack: _back,
    records.PlayerLeft: _left,
    records.RaceInterrupted: _interrupted,
    records.RaceFinished: _finished,
    records.RaceStopped: _stopped,
    records.ResultCorrected: _corrected,
}
