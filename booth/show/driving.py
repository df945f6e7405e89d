"""Who drives a car now and what is wanted of it: players, AI drivers, the way to the grid, standing."""

from __future__ import annotations

from booth.pack.model import ModeKind
from booth.race import events as of_race
from booth.race.drivers import Driver, fires, motion_of
from booth.race.drivers import wish_of as wish_of_driver
from booth.race.engine import step as race_step
from booth.race.grid import wish_to_grid
from booth.race.leave import allowed
from booth.race.state import Race, Racer
from booth.race.steering import Wheel, beaten, steered, wish_of_wheel
from booth.race.wish import STAND, Wish
from booth.seats import events as of_seats
from booth.seats.machine import step as seats_step
from booth.seats.state import Called, Seated
from booth.show import actions
from booth.show.commands import Beat, Steer
from booth.show.state import Show
from booth.show.turn import Turn
from booth.show.view import Stage

_NO_WHEEL = Wheel()
_TELL_SEATS_S = 0.2


def steer(turn: Turn, command: Steer) -> None:
    """A player's latest word, which goes to the car at once. Whoever is not called or seated is not heard.

    This is the one path that must be quick: nothing is looked at here but the player's own seat.
    """
    show, now_s, player = turn.show, turn.now_s, command.player
    if not _hear(turn, player):
        return
    before = show.driving.wheels.get(player, _NO_WHEEL)
    wheel = steered(
        before,
        now_s,
        number=command.number,
        throttle=command.throttle,
        lane=command.lane,
        heartbeat_s=show.pack.play.heartbeat_s,
    )
    turn.driving(wheels={**show.driving.wheels, player: wheel})
    race = show.game.race
    if race is None or show.stage is not Stage.RACE or show.pauses:
        return
    racer = next((racer for racer in race.racers if racer.entry.player == player), None)
    if racer is None:
        return
    if command.fire and wheel.number != before.number:
        race = _fire(turn, race, racer.seat)
    _send(turn, racer.entry.car, _wish_in_race(turn.show, race, racer, now_s))


def beat(turn: Turn, command: Beat) -> None:
    """A player's phone is there."""
    if _hear(turn, command.player):
        wheels = turn.show.driving.wheels
        wheel = beaten(wheels.get(command.player, _NO_WHEEL), turn.now_s)
        turn.driving(wheels={**wheels, command.player: wheel})


def drive(turn: Turn) -> None:
    """At every tick: what is wanted of every car of the race. Shots of AI drivers fall here."""
    race = turn.show.game.race
    if race is None or turn.show.pauses:
        return
    if turn.show.stage is Stage.RACE and race.mode.kind is ModeKind.BATTLE:
        for racer in race.racers:
            grade = racer.entry.grade
            if grade is not None and fires(_driver(turn.show, race, racer, grade), race, turn.now_s):
                race = _fire(turn, race, racer.seat)
    for racer in race.racers:
        if racer.entry.car in turn.show.driving.going:
            _send(turn, racer.entry.car, _wish(turn.show, race, racer, turn.now_s))


def stand(turn: Turn) -> None:
    """Every car that may drive stands, at once."""
    for car in sorted(turn.show.driving.going):
        _send(turn, car, STAND)


def _wish(show: Show, race: Race, racer: Racer, now_s: float) -> Wish:
    if show.stage is Stage.LINE_UP:
        return wish_to_grid(racer.seat, racer.spot, show.pack.play.speed_cap_mm_s)
    if show.stage is not Stage.RACE:
        return STAND
    return _wish_in_race(show, race, racer, now_s)


def _wish_in_race(show: Show, race: Race, racer: Racer, now_s: float) -> Wish:
    play = show.pack.play
    player, grade = racer.entry.player, racer.entry.grade
    if player is not None:
        wheel = show.driving.wheels.get(player, _NO_WHEEL)
        wish = wish_of_wheel(wheel, now_s, cap_mm_s=play.speed_cap_mm_s, heartbeat_s=play.heartbeat_s)
    else:
        driver = _driver(show, race, racer, 0.5 if grade is None else grade)
        wish = wish_of_driver(driver, motion_of(race, racer.seat, now_s), play.speed_cap_mm_s)
    return allowed(race, racer.seat, wish, now_s, play.speed_cap_mm_s)


def _driver(show: Show, race: Race, racer: Racer, grade: float) -> Driver:
    return Driver(show.seed, race.race, racer.seat, grade)


def _send(turn: Turn, car: int, wish: Wish) -> None:
    """Wants something of a car that the interlock lets be driven, when it is something else than before."""
    driving = turn.show.driving
    if car in driving.going and driving.wishes.get(car) != wish:
        turn.driving(wishes={**driving.wishes, car: wish})
        turn.do(actions.Drive(car, wish))


def _fire(turn: Turn, race: Race, seat: int) -> Race:
    race, written = race_step(race, of_race.Fire(turn.now_s, seat))
    turn.game(race=race)
    turn.write(*written)
    return race


def _hear(turn: Turn, player: str) -> bool:
    """Whether the player is called or seated; the seats are told that the phone is there, not with every word."""
    seats = turn.show.people.seats
    known: tuple[Seated | Called, ...] = (*seats.seated, *seats.called)
    for one in known:
        if one.player == player:
            if one.heard_s is None or turn.now_s - one.heard_s >= _TELL_SEATS_S:
                seats, _ = seats_step(seats, of_seats.Heard(turn.now_s, player))
                turn.people(seats=seats)
            return True
    return False
