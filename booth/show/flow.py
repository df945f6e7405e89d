"""Auto-pilot: how the show goes from phase to phase by itself, so that one person can run it."""

from __future__ import annotations

from collections.abc import Callable

from booth.race import events as of_race
from booth.seats import events as of_seats
from booth.show import records
from booth.show.batteries import car_races_left, is_charged, races_left, told_empty, why_no_race
from booth.show.driving import drive
from booth.show.phases import RACING, Cause
from booth.show.racing import (
    BY_ITSELF,
    begin_line_up,
    count_in,
    finish_rotation,
    is_counted_in,
    stop,
    tell_race,
    tell_seats,
)
from booth.show.rotating import (
    ask,
    begin_again,
    call_swap,
    end_swap,
    is_waiting_to_charge,
    swapped,
)
from booth.show.state import Show
from booth.show.troubles import why_no_races
from booth.show.turn import Turn
from booth.show.view import Stage
from rig.rotation import events
from rig.rotation.knowledge import Charger, Link, Phase, Power

STUCK_S = 20.0
"""Visitors see the fault stage after so long without a chance of a race."""
FEWEST_CARS = 2
"""A race with fewer cars is none, as long as another set may come."""
_ATTRACT_AT_MOST_S = 60.0
_DEAD_SET_S = 60.0
_LEAVE_OUT_S = 60.0


def tick(turn: Turn) -> None:
    """What time brings in the phase the show is in."""
    if not turn.show.pauses:
        _PHASES[turn.show.stage](turn)
    tell_seats(turn, of_seats.Ticked(turn.now_s))


def open_show(turn: Turn, by: str) -> None:
    """Visitors are let in; the first race sets itself up."""
    turn.write(records.Opened(by))
    turn.floor(since_s=turn.now_s, accounted_s=turn.now_s)
    turn.go(Cause.OPENED)
    _call_up(turn)


def close_show(turn: Turn, by: str) -> None:
    """No more races: everything is made safe and everybody goes home."""
    turn.put(is_closing=False)
    turn.write(records.Closed(by))
    tell_seats(turn, of_seats.SendHome(turn.now_s))
    ask(turn, events.StandDown(turn.now_s))
    end_swap(turn)
    turn.driving(going=frozenset(), wishes={})
    turn.floor(asked={}, connecting={})
    turn.troubles(stuck_s=None, why_stuck="")
    turn.go(Cause.CLOSED)


def line_up_now(turn: Turn) -> str | None:
    """Lines the next race up, if it can be: the reason in a sentence if not."""
    show = turn.show
    if refused := why_not_now(show):
        return refused
    _new_pack(turn)
    return begin_line_up(turn)


def why_not_now(show: Show) -> str:
    """Why no race can be lined up now, in a sentence; "": it can."""
    if show.book.draw is not None:
        return "the draw is on the stage: end it first"
    if why := why_no_races(show):
        return f"no race can be run: {why}"
    if show.floor.swap is not None and not is_waiting_to_charge(show):
        return "the sets are changing over: finish the swap first"
    too_long = why_no_race(show)
    if too_long is not None:
        return too_long
    if not show.floor.advice.is_over or show.floor.rotation.phase is not Phase.SET_UP:
        set_name = show.floor.rotation.active or show.floor.wanted
        return f"the race with set {set_name} is not set up yet"
    return ""


def next_race_in_s(show: Show) -> float | None:
    """Seconds until the next race lines up by itself; None: nobody knows."""
    play = show.pack.play
    match show.stage:
        case Stage.ATTRACT:
            return max(0.0, show.stage_s + play.attract_s - show.now_s)
        case Stage.RESULT:
            return max(0.0, show.stage_s + play.result_s - show.now_s) + play.attract_s
        case _:
            return None


def _attract(turn: Turn) -> None:
    if _closes(turn) or _gets_stuck(turn):
        return
    _look_at_batteries(turn)
    show = turn.show
    if _pit_stop_due(show):
        turn.floor(pit_s=turn.now_s)
        turn.go(Cause.SWAP_DUE)
        return
    _give_up_dead_set(turn)
    if show.book.draw is None:
        _call_up(turn)
    if _is_time(turn) and not why_not_now(turn.show):
        line_up_now(turn)


def _line_up(turn: Turn) -> None:
    if _nobody_left(turn):
        return
    if is_counted_in(turn):
        count_in(turn)
    drive(turn)


def _countdown(turn: Turn) -> None:
    if _nobody_left(turn):
        return
    tell_race(turn, of_race.Ticked(turn.now_s))
    if turn.show.stage is Stage.RACE:
        if why := why_no_race(turn.show, races=2):
            other = turn.show.floor.rotation.other(turn.show.floor.rotation.active)
            if is_charged(turn.show, other):
                call_swap(turn, why)
        _call_up(turn)
    drive(turn)


def _race(turn: Turn) -> None:
    tell_race(turn, of_race.Ticked(turn.now_s))
    drive(turn)


def _result(turn: Turn) -> None:
    if turn.show.floor.rotation.phase is Phase.RACING:
        finish_rotation(turn)
    if turn.now_s - turn.show.stage_s < turn.show.pack.play.result_s:
        return
    _look_at_batteries(turn)
    if _closes(turn):
        return
    if _pit_stop_due(turn.show):
        turn.floor(pit_s=turn.now_s)
        turn.go(Cause.SWAP_DUE)
    else:
        turn.go(Cause.SHOWN)


def _pit_stop(turn: Turn) -> None:
    if _closes(turn) or _gets_stuck(turn):
        return
    show = turn.show
    swap = show.floor.swap
    rotation = show.floor.rotation
    if swap is None:
        turn.floor(pit_s=None)
        turn.go(Cause.SWAPPED)
    elif rotation.active == swap.to_set and show.floor.advice.is_over and rotation.phase is Phase.SET_UP:
        swapped(turn, swap)
        turn.go(Cause.SWAPPED)
        _call_up(turn)
    elif is_waiting_to_charge(show):
        _leave_out_uncharged(turn, swap.to_set)
    else:
        _give_up_dead_set(turn)


def _fault(turn: Turn) -> None:
    if _closes(turn):
        return
    why = _why_stuck(turn.show)
    turn.troubles(why_stuck=why)
    if not why:
        turn.troubles(stuck_s=None)
        turn.go(Cause.MENDED)
    elif turn.show.floor.swap is None:
        _give_up_dead_set(turn)


def _closed(turn: Turn) -> None:
    _new_pack(turn)


def _closes(turn: Turn) -> bool:
    if turn.show.is_closing:
        close_show(turn, BY_ITSELF)
        return True
    return False


def _is_time(turn: Turn) -> bool:
    """Whether the next race is due: everybody called is there, or the time to attract others is up."""
    show = turn.show
    seats = show.people.seats
    passed_s = turn.now_s - show.stage_s
    if show.game.rerun_of is not None:
        return True
    if not seats.called:
        return passed_s >= (0.0 if seats.seated else show.pack.play.attract_s)
    there = all(seats.is_there(one.player, turn.now_s) for one in seats.called)
    return there or passed_s >= min(show.pack.play.attract_s + show.pack.play.call_up_s, _ATTRACT_AT_MOST_S)


def _call_up(turn: Turn) -> None:
    """The seats of the next race are filled from the queue; a mode that visitors do not play calls nobody."""
    show = turn.show
    seats: tuple[int, ...] = ()
    if show.modes.states[show.modes.chosen].value in {"verified", "default"}:
        rotation = show.floor.rotation
        up = rotation.active or show.floor.wanted
        swap = show.floor.swap
        up = up if swap is None else swap.to_set
        taking_part = {car.identifier for car in rotation.of(up)}
        group = next(group for group in show.pack.sets if group.name == up)
        numbers = sorted(car.number for car in group.cars if car.identifier in taking_part)
        seats = tuple(numbers[: show.pack.play.seats])
    if seats != show.people.seats.open_seats:
        tell_seats(turn, of_seats.CallUp(turn.now_s, seats))


def _look_at_batteries(turn: Turn) -> None:
    """A set that does not finish one more race is swapped; while the other charges, cars that can race do."""
    show = turn.show
    why = why_no_race(show)
    if why is None:
        if is_waiting_to_charge(show) and show.floor.rotation.phase is Phase.SET_UP:
            end_swap(turn)
        return
    active = show.floor.rotation.active or show.floor.wanted
    other = show.floor.rotation.other(active)
    if not is_charged(show, other):
        floor, drains = show.floor, show.drains(active)
        weak = [car for car in drains if car_races_left(show, car) < 1]
        if len(drains) - len(weak) >= FEWEST_CARS and floor.swap is None:
            for car in weak:
                words = f"{show.labels[car]}: its battery is empty and set {other} still charges"
                ask(turn, events.Quarantine(turn.now_s, car, words))
            return
    call_swap(turn, why)


def _pit_stop_due(show: Show) -> bool:
    return show.floor.swap is not None


def _gets_stuck(turn: Turn) -> bool:
    """Whether no race can be run and has not been for a while: then visitors see a calm branded fault."""
    why = _why_stuck(turn.show)
    troubles = turn.show.troubles
    if not why:
        if troubles.stuck_s is not None:
            turn.troubles(stuck_s=None, why_stuck="")
        return False
    if troubles.stuck_s is None:
        turn.troubles(stuck_s=turn.now_s, why_stuck=why)
        return False
    turn.troubles(why_stuck=why)
    if turn.now_s - troubles.stuck_s < STUCK_S:
        return False
    turn.go(Cause.STUCK)
    return True


def _why_stuck(show: Show) -> str:
    """Why no race can be run; a fault is over only once one can."""
    if why := why_no_races(show):
        return why
    rotation = show.floor.rotation
    is_up = rotation.phase in {Phase.SET_UP, Phase.RACING, Phase.DYING}
    waits_s = show.now_s - show.floor.since_s
    is_late = show.stage is Stage.FAULT or waits_s >= STUCK_S + show.floor.limits.line_up_s
    if show.floor.swap is None and not is_up and is_late:
        return f"set {rotation.active or show.floor.wanted} is not set up"
    return ""


def _give_up_dead_set(turn: Turn) -> None:
    """Nothing of the set that is being set up has come for long: the other takes over if it has races in it."""
    floor = turn.show.floor
    rotation = floor.rotation
    is_leaving = floor.swap is not None and rotation.active != floor.swap.to_set
    if rotation.phase is not Phase.SETTING_UP or rotation.active is None or is_leaving:
        return
    since_s = floor.since_s if floor.swap is None else floor.swap.step_s
    cars = list(rotation.of(rotation.active))
    limit_s = _DEAD_SET_S if floor.swap is None else _DEAD_SET_S + floor.limits.set_up_s
    if any(car.link is Link.UP for car in cars) or turn.now_s - since_s < limit_s:
        return
    for car in cars:
        if car.power is Power.OFF:
            told_empty(turn, car.identifier)
    other = rotation.other(rotation.active)
    if races_left(turn.show, other) > 0:
        begin_again(turn, rotation.active, other, f"nothing of set {rotation.active} comes")
    elif not cars:
        begin_again(turn, rotation.active, rotation.active, "")


def _leave_out_uncharged(turn: Turn, set_name: str) -> None:
    """While the other set charges: cars of it that nobody has put on their chargers hold nobody up."""
    show = turn.show
    swap = show.floor.swap
    if swap is None or turn.now_s - swap.began_s < _LEAVE_OUT_S:
        return
    cars = list(show.floor.rotation.of(set_name))
    idle = [car for car in cars if car.charger is not Charger.ON and car_races_left(show, car.identifier) < 1]
    if idle and len(cars) - len(idle) >= FEWEST_CARS:
        charged = [car for car in cars if car not in idle and car_races_left(show, car.identifier) >= 1]
        if len(charged) == len(cars) - len(idle):
            for car in idle:
                words = f"{car.label}: it was not put on its charger and its battery is empty"
                ask(turn, events.Quarantine(turn.now_s, car.identifier, words))


def _nobody_left(turn: Turn) -> bool:
    """Whether every car of the race is out before it began."""
    race = turn.show.game.race
    if race is not None and any(racer.out is None for racer in race.racers):
        return False
    stop(turn, "every car was out before the start", BY_ITSELF)
    return True


def _new_pack(turn: Turn) -> None:
    if turn.show.next_pack is not None and turn.show.stage not in RACING:
        turn.show = turn.show.with_pack(turn.show.next_pack)


_PHASES: dict[Stage, Callable[[Turn], None]] = {
    Stage.CLOSED: _closed,
    Stage.ATTRACT: _attract,
    Stage.LINE_UP: _line_up,
    Stage.COUNTDOWN: _countdown,
    Stage.RACE: _race,
    Stage.RESULT: _result,
    Stage.PIT_STOP: _pit_stop,
    Stage.FAULT: _fault,
}
