"""One race, from line-up to result. Pure: `step(race, event) -> (race, outcomes)`.

    LINED_UP --BeginCountdown--> COUNTDOWN --Green, or its time--> RUNNING --the mode's rules--> FINISHED
        Green starts a race that is lined up at once; Stop leads from any of the three to STOPPED;
        Correct adds a result to one that is FINISHED.

The outcomes are the records of `booth.show.records`, in order. An event that does not fit (an unknown car, a lap that
was counted, a shot after the end, a number that is none) changes nothing and says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from booth.pack.model import Mode
from booth.race import events
from booth.race.laps import counted
from booth.race.modes import RULES
from booth.race.outs import out_of
from booth.race.spots import read_at, spot_after_crossing
from booth.race.standings import corrected, result_of, why_no_correction
from booth.race.state import Fairness, FalseStart, Phase, Race, Racer, race_of
from booth.show import records
from booth.show.records import Entry, Record

Outcome = tuple[Race, tuple[Record, ...]]

_BEFORE_GREEN = frozenset({Phase.LINED_UP, Phase.COUNTDOWN})
_OVER = frozenset({Phase.FINISHED, Phase.STOPPED})
MOST_COUNTDOWN_S = 60.0


def line_up(
    number: int,
    mode: Mode,
    set_name: str,
    entries: Iterable[Entry],
    *,
    fairness: Fairness | None = None,
    rerun_of: int | None = None,
) -> Outcome:
    """A race that is lined up, and the record of it.

    Raises:
        ValueError: no entry, or a seat or car entered twice.
    """
    race = race_of(number, mode, set_name, entries, fairness=fairness, rerun_of=rerun_of)
    entered = tuple(racer.entry for racer in race.racers)
    return race, (records.RaceLinedUp(number, mode.name, set_name, entered, rerun_of),)


def step(race: Race, event: events.Event) -> Outcome:
    """The race after one event, and what there is to write down."""
    if not all(_is_number(getattr(event, name)) for name in _NUMBERS[type(event)]):
        return race, ()
    return _STEPS[type(event)](race, event)


def _begin(race: Race, event: events.BeginCountdown) -> Outcome:
    if race.phase is not Phase.LINED_UP:
        return race, ()
    seconds = min(max(0.0, event.seconds), MOST_COUNTDOWN_S)
    return replace(race, phase=Phase.COUNTDOWN, starts_s=event.at_s + seconds), ()


def _green(race: Race, event: events.Green | events.Ticked) -> Outcome:
    if race.phase not in _BEFORE_GREEN:
        return race, ()
    race = replace(race, phase=Phase.RUNNING, starts_s=event.at_s, green_s=event.at_s)
    return race, (records.RaceStarted(race.race),)


def _lapped(race: Race, event: events.Lapped) -> Outcome:
    racer = race.of_car(event.car)
    if racer is None or race.phase in _OVER:
        return race, ()
    if race.green_s is None or event.crossed_s < race.green_s:
        return _false_start(race, racer, event)
    if race.ends_s is not None and event.crossed_s > race.ends_s:
        return race, ()
    now = counted(racer, event, race.green_s, race.fairness)
    if now is None:
        return race, ()
    now = replace(now, spot=spot_after_crossing(now.spot, event.crossed_s))
    after = RULES[race.mode.kind].kept(race.put(now))
    kept = after.of_seat(now.seat)
    if kept is None or len(kept.laps) == len(racer.laps):
        return after, ()
    lap = next(lap for lap in kept.laps if lap.crossed_s == event.crossed_s)
    race_s = event.crossed_s - race.green_s
    done = records.LapDone(race.race, now.seat, len(kept.laps), lap.time_s, race_s, lap.is_whole)
    return _judged(after, event.at_s, (done,))


def _false_start(race: Race, racer: Racer, event: events.Lapped) -> Outcome:
    """A crossing before green counts for nothing in itself; a car only lined up may cross the line on its way."""
    if race.green_s is None:
        racer = replace(racer, is_past_line=True)
        race = race.put(racer)
    if race.phase is Phase.LINED_UP or racer.false_starts or race.fairness.false_start is FalseStart.FORGIVEN:
        return race, ()
    race = race.put(replace(racer, false_starts=1))
    if race.fairness.false_start is FalseStart.PENALTY:
        return race, ()
    return _car_out(race, events.CarOut(event.at_s, event.car, "false start"))


def _moved(race: Race, event: events.Moved) -> Outcome:
    racer = race.of_car(event.car)
    if racer is None or race.phase in _OVER:
        return race, ()
    moved = read_at(racer, event, is_on=race.phase is Phase.RUNNING)
    return (race if moved is None else race.put(moved)), ()


def _car_out(race: Race, event: events.CarOut) -> Outcome:
    racer = race.of_car(event.car)
    if racer is None or racer.out is not None or race.phase in _OVER:
        return race, ()
    out = out_of(race, racer, event.why, event.at_s)
    return _judged(race.put(out), event.at_s, (records.CarOut(race.race, out.seat, out.out or "out"),))


def _car_back(race: Race, event: events.CarBack) -> Outcome:
    racer = race.of_car(event.car)
    if racer is None or racer.out is None or race.phase in _OVER:
        return race, ()
    return race.put(replace(racer, out=None, out_s=None)), (records.CarBack(race.race, racer.seat),)


def _taken_over(race: Race, event: events.TakenOver) -> Outcome:
    racer = race.of_seat(event.seat)
    if racer is None or race.phase in _OVER:
        return race, ()
    entry = replace(racer.entry, player=None, grade=min(max(0.0, event.grade), 1.0))
    return race.put(replace(racer, entry=entry)), ()


def _interrupted(race: Race, event: events.Interrupted) -> Outcome:
    away_s = max(0.0, event.away_s)
    if race.phase is Phase.COUNTDOWN and race.starts_s is not None:
        return replace(race, starts_s=race.starts_s + away_s), ()
    if race.phase is not Phase.RUNNING:
        return race, ()
    broken = tuple(replace(racer, is_broken=True) for racer in race.racers)
    race = replace(race.put(*broken), held_s=race.held_s + away_s)
    return race, (records.RaceInterrupted(race.race, away_s),)


def _fire(race: Race, event: events.Fire) -> Outcome:
    if race.phase is not Phase.RUNNING:
        return race, ()
    race, hit = RULES[race.mode.kind].shot(race, event.seat, event.at_s)
    return race, () if hit is None else (hit,)


def _ticked(race: Race, event: events.Ticked) -> Outcome:
    if race.phase is Phase.COUNTDOWN and race.starts_s is not None and event.at_s >= race.starts_s:
        return _green(race, event)
    return _judged(race, event.at_s, ())


def _stop(race: Race, event: events.Stop) -> Outcome:
    if race.phase in _OVER:
        return race, ()
    stopped = replace(race, phase=Phase.STOPPED, ended_s=event.at_s)
    return stopped, (records.RaceStopped(race.race, event.why, event.by),)


def _correct(race: Race, event: events.Correct) -> Outcome:
    old = race.result
    if old is None or why_not(race, event) is not None:
        return race, ()
    new = corrected(old, event.ranking, event.comment, event.by)
    written = records.ResultCorrected(race.race, event.by, new.comment, new.standings, new.winner)
    return replace(race, history=(*race.history, new)), (written,)


def why_not(race: Race, event: events.Correct) -> str | None:
    """Why a result may not be corrected so, in one sentence for people; None: it may."""
    return why_no_correction(race.result, event.ranking, event.comment)


def _judged(race: Race, now_s: float, said: tuple[Record, ...]) -> Outcome:
    if race.phase is not Phase.RUNNING or not RULES[race.mode.kind].is_over(race, now_s):
        return race, said
    result = result_of(race)
    race = replace(race, phase=Phase.FINISHED, ended_s=now_s, history=(result,))
    return race, (*said, records.RaceFinished(race.race, result.standings, result.winner, result.rerun))


def _is_number(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


_STEPS: dict[type[events.Event], Callable[[Race, Any], Outcome]] = {
    events.BeginCountdown: _begin,
    events.Green: _green,
    events.Lapped: _lapped,
    events.Moved: _moved,
    events.CarOut: _car_out,
    events.CarBack: _car_back,
    events.TakenOver: _taken_over,
    events.Interrupted: _interrupted,
    events.Fire: _fire,
    events.Ticked: _ticked,
    events.Stop: _stop,
    events.Correct: _correct,
}
_NUMBERS: dict[type[events.Event], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind) if field.type == "float") for kind in _STEPS
}
