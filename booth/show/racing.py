"""Races in the show: line-up, countdown, green, result; what comes of a car whose link is lost, and of a pause."""

from __future__ import annotations

from dataclasses import replace

from booth.pack.model import Mode
from booth.race import events as of_race
from booth.race.engine import line_up
from booth.race.engine import step as race_step
from booth.race.events import Event
from booth.race.grid import is_on_grid
from booth.race.state import Phase as RacePhase
from booth.race.state import Race
from booth.seats import events as of_seats
from booth.seats.machine import step as seats_step
from booth.seats.seating import grade_of, seat_for_race
from booth.show import actions, records
from booth.show.batteries import write
from booth.show.boards import scores_of
from booth.show.driving import stand
from booth.show.phases import RACING, Cause
from booth.show.rotating import ask
from booth.show.turn import Turn
from booth.show.view import Stage
from rig.rotation import events
from rig.rotation.knowledge import Link, Phase

_REMEMBERED = 8
_MOST_ON_THE_WAY_S = 15.0
"""So much longer than its time a line-up waits for cars on their way to the grid."""
BY_ITSELF = "pitboard"


def tell_race(turn: Turn, event: Event) -> None:
    """One event for the race that is lined up or on, and what follows of it."""
    race = turn.show.game.race
    if race is None:
        return
    race, written = race_step(race, event)
    turn.game(race=race)
    turn.write(*written)
    for record in written:
        match record:
            case records.RaceStarted():
                turn.go(Cause.GREEN)
                tell_seats(turn, of_seats.RaceOn(turn.now_s))
            case records.RaceFinished():
                _finished(turn, race)
            case records.RaceStopped():
                _over(turn, race, counts=False)
                turn.go(Cause.STOPPED)
            case _:
                pass


def tell_seats(turn: Turn, event: of_seats.Event) -> None:
    """One event for queue and seats; a seat that is left in a race goes on with an AI driver."""
    seats, written = seats_step(turn.show.people.seats, event)
    if seats is turn.show.people.seats and not written:
        return
    turn.people(seats=seats)
    turn.write(*written)
    for record in written:
        if isinstance(record, records.PlayerLeft):
            wheels = turn.show.driving.wheels
            turn.driving(wheels={key: wheel for key, wheel in wheels.items() if key != record.player})
            if record.seat is not None:
                grade = grade_of(turn.show.pack.play, record.seat)
                tell_race(turn, of_race.TakenOver(turn.now_s, record.seat, grade))


def begin_line_up(turn: Turn) -> str | None:
    """Lines the next race up with the cars that are there; the interlock's sentence when it does not let them."""
    show = turn.show
    if show.floor.rotation.phase is Phase.SET_UP:
        refused = ask(turn, events.Start(turn.now_s))
        if refused is not None:
            return refused
    number = show.game.count + 1
    turn.game(count=number)
    _seat(turn, number)
    turn.go(Cause.LINED_UP)
    return None


def count_in(turn: Turn) -> None:
    """The countdown begins: whoever came late takes a free seat, and the laps are counted from here."""
    game = turn.show.game
    assert game.race is not None
    _seat(turn, game.race.race)
    race = turn.show.game.race
    assert race is not None
    for racer in race.racers:
        if racer.out is None:
            turn.do(actions.CountLaps(racer.entry.car))
    tell_race(turn, of_race.BeginCountdown(turn.now_s, turn.show.pack.play.countdown_s))
    stand(turn)
    turn.go(Cause.COUNTED_IN)


def is_counted_in(turn: Turn) -> bool:
    """Whether the line-up is over: its time is up and every car stands on the grid, or has had long enough."""
    show = turn.show
    race = show.game.race
    passed_s = turn.now_s - show.stage_s - show.pack.play.line_up_s
    if race is None or passed_s < 0.0:
        return False
    ready = all(racer.out is not None or is_on_grid(racer.spot) for racer in race.racers)
    return ready or passed_s >= _MOST_ON_THE_WAY_S


def car_lost(turn: Turn, car: int, why: str) -> None:
    """A car of the race has no link any more: it is out until it is back."""
    if turn.show.stage in RACING and "radio" not in turn.show.pauses and "restart" not in turn.show.pauses:
        tell_race(turn, of_race.CarOut(turn.now_s, car, why))


def car_there(turn: Turn, car: int) -> None:
    """A car of the race has a link again: if the interlock lets it, it drives on with the laps it had."""
    show = turn.show
    race = show.game.race
    if show.stage not in RACING or race is None or race.of_car(car) is None:
        return
    if not show.floor.rotation.races or ask(turn, events.Drive(turn.now_s, car)) is not None:
        return
    turn.do(actions.CountLaps(car, mid_race=show.stage is Stage.RACE))
    tell_race(turn, of_race.CarBack(turn.now_s, car))


def go_on(turn: Turn) -> None:
    """A race that is on although its set had to be set up anew, after a restart: its cars may be driven again."""
    race = turn.show.game.race
    if race is None or turn.show.floor.rotation.phase is not Phase.SET_UP:
        return
    if ask(turn, events.Start(turn.now_s)) is not None:
        return
    for racer in race.racers:
        if racer.entry.car in turn.show.driving.going:
            turn.do(actions.CountLaps(racer.entry.car, mid_race=turn.show.stage is Stage.RACE))
            tell_race(turn, of_race.CarBack(turn.now_s, racer.entry.car))


def stop(turn: Turn, why: str, by: str) -> None:
    """Ends the race without a result; every car stands."""
    tell_race(turn, of_race.Stop(turn.now_s, why, by))


def pause(turn: Turn, why: str) -> None:
    """Everything stands, for one more reason."""
    if why not in turn.show.pauses:
        turn.put(pauses={**turn.show.pauses, why: turn.now_s})
        stand(turn)


def resume(turn: Turn, why: str) -> None:
    """One reason less to stand; with the last of them the race goes on as much later as it stood."""
    pauses = dict(turn.show.pauses)
    if why not in pauses:
        return
    began_s = min(pauses.values())
    del pauses[why]
    turn.put(pauses=pauses)
    if pauses:
        return
    away_s = turn.now_s - began_s
    turn.put(stage_s=min(turn.now_s, turn.show.stage_s + away_s))
    if turn.show.stage in RACING:
        tell_race(turn, of_race.Interrupted(turn.now_s, away_s))
        rotation = turn.show.floor.rotation
        race = turn.show.game.race
        for racer in () if race is None else race.racers:
            if rotation.car(racer.entry.car).link is Link.UP:
                if racer.entry.car not in turn.show.driving.going:
                    car_there(turn, racer.entry.car)
            elif racer.out is None:
                tell_race(turn, of_race.CarOut(turn.now_s, racer.entry.car, "its link is lost"))


def finish_rotation(turn: Turn) -> None:
    """The race is over for the interlock too, unless the set goes on to its swap."""
    if turn.show.floor.rotation.phase is Phase.RACING and turn.show.floor.swap is None:
        ask(turn, events.Finish(turn.now_s))
        turn.floor(since_s=turn.now_s)
        turn.driving(going=frozenset(), wishes={})


def _seat(turn: Turn, number: int) -> None:
    """The race with whoever is there, written down when it is another than before."""
    show = turn.show
    rotation = show.floor.rotation
    there = {car.identifier for car in rotation.of(rotation.active) if car.link is Link.UP}
    before = show.game.race if show.game.race is not None and show.game.race.race == number else None
    if before is not None:
        there |= {racer.entry.car for racer in before.racers}
    group = next(group for group in show.pack.sets if group.name == rotation.active)
    cars = [car for car in group.cars if car.identifier in there]
    seats, entries, written = seat_for_race(show.people.seats, number, cars, turn.now_s)
    turn.people(seats=seats)
    turn.write(*written)
    turn.book(
        waits_s=(
            *show.book.waits_s,
            *(record.waited_s for record in written if isinstance(record, records.PlayerSeated)),
        )[-500:]
    )
    if before is not None and tuple(racer.entry for racer in before.racers) == entries:
        return
    rerun_of = show.game.rerun_of
    race, lined_up = line_up(number, _mode(turn), group.name, entries, rerun_of=rerun_of)
    if before is not None:
        race = race.put(
            *(
                replace(now, spot=was.spot, out=was.out, out_s=was.out_s)
                for now in race.racers
                if (was := before.of_car(now.entry.car)) is not None
            )
        )
    turn.game(race=race)
    turn.write(*lined_up)


def _mode(turn: Turn) -> Mode:
    return turn.show.pack.mode(turn.show.modes.chosen)


def _finished(turn: Turn, race: Race) -> None:
    game, mode = turn.show.game, race.mode.name
    if race.green_s is not None:
        took_s = turn.now_s - race.green_s - race.held_s
        turn.game(took_s=(*game.took_s, (mode, took_s))[-_REMEMBERED:])
    turn.game(races={**game.races, race.race: race})
    turn.book(
        races=turn.show.book.races + 1,
        scores=(*turn.show.book.scores, *scores_of(race, turn.now_s)),
    )
    _over(turn, race, counts=True)
    turn.go(Cause.FINISHED)


def _over(turn: Turn, race: Race, *, counts: bool) -> None:
    stand(turn)
    turn.game(race=None, last=race, rerun_of=None)
    tell_seats(turn, of_seats.RaceOver(turn.now_s, counts=counts))
    for racer in race.racers:
        write(turn, racer.entry.car)
    finish_rotation(turn)


def is_running(race: Race | None) -> bool:
    """Whether a race is on."""
    return race is not None and race.phase is RacePhase.RUNNING
