"""What people ask of the show: granted, or refused in one sentence. Roles are checked before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from booth.floor.steps import placed_item, unplugged_item
from booth.race import events as of_race
from booth.race.engine import step as race_step
from booth.race.engine import why_not as why_no_correction
from booth.seats import events as of_seats
from booth.seats.machine import why_not as why_no_seat
from booth.show import actions, commands, modes, records
from booth.show.batteries import races_left
from booth.show.checklists import ITEMS, OPENING, missing
from booth.show.commands import Role
from booth.show.driving import beat, steer
from booth.show.flow import close_show, line_up_now, open_show, why_not_now
from booth.show.inputs import Asked
from booth.show.phases import RACING, Cause
from booth.show.racing import count_in, pause, resume, stop, tell_race, tell_seats
from booth.show.rotating import ask, call_swap, end_swap, sense
from booth.show.state import Show
from booth.show.turn import Turn
from booth.show.view import Stage
from rig.rotation import events
from rig.rotation.knowledge import Charger, Link

_RESTARTABLE = ("radio", "race", "screens")
_NO_START = {
    Stage.CLOSED: "the race may not start: the show is closed",
    Stage.PIT_STOP: "the race may not start: the sets are changing over",
    Stage.FAULT: "the race may not start: {why}",
    Stage.COUNTDOWN: "a race is on already",
    Stage.RACE: "a race is on already",
}
_AT_REST = frozenset({Stage.ATTRACT, Stage.RESULT, Stage.PIT_STOP, Stage.FAULT})


def asked(turn: Turn, event: Asked) -> None:
    """Somebody asks for something."""
    command = event.command
    if event.role not in type(command).roles:
        if not isinstance(command, commands.Steer | commands.Beat):
            turn.answer(event.number, f"a {event.role.value} may not ask for that")
        return
    if isinstance(command, commands.Steer):
        steer(turn, command)
        return
    if isinstance(command, commands.Beat):
        beat(turn, command)
        return
    refused = _ANSWERS[type(command)](turn, command, event.role)
    is_staff = not isinstance(command, commands.Join | commands.Leave)
    if refused is None:
        if is_staff:
            turn.book(refusal=None)
    else:
        turn.write(records.Refused(type(command).__name__, refused, _by(command)))
        if is_staff:
            turn.book(refusal=refused)
    turn.answer(event.number, refused)


def _join(turn: Turn, command: commands.Join, _: Role) -> str | None:
    if not turn.show.is_open or turn.show.is_closing:
        return "the show is closed: come back when it opens"
    event = of_seats.Join(turn.now_s, command.player)
    refused = why_no_seat(turn.show.people.seats, event)
    if refused is None:
        tell_seats(turn, event)
    return refused


def _leave(turn: Turn, command: commands.Leave, _: Role) -> str | None:
    tell_seats(turn, of_seats.Leave(turn.now_s, command.player))
    return None


def _open(turn: Turn, command: commands.OpenShow, _: Role) -> str | None:
    if turn.show.is_open:
        if not turn.show.is_closing:
            return "the show is open already"
        turn.put(is_closing=False)
        return None
    if left := missing(turn.show, OPENING):
        words = "; ".join(OPENING.items[key] for key in left[:2])
        more = f" and {len(left) - 2} more" if len(left) > 2 else ""
        return f"the show may not open: the opening checklist is not done: {words}{more}"
    open_show(turn, command.by)
    return None


def _close(turn: Turn, command: commands.CloseShow, _: Role) -> str | None:
    if not turn.show.is_open:
        return "the show is closed already"
    if turn.show.stage in _AT_REST:
        close_show(turn, command.by)
    else:
        turn.put(is_closing=True)
    return None


def _start(turn: Turn, _command: commands.StartRace, _: Role) -> str | None:
    if turn.show.pauses:
        return f"the race may not start: {_pause_words(turn.show)}"
    stage = turn.show.stage
    if stage is Stage.LINE_UP:
        count_in(turn)
        return None
    if stage in _NO_START:
        return _NO_START[stage].format(why=turn.show.troubles.why_stuck)
    if stage is Stage.RESULT and not why_not_now(turn.show):
        turn.go(Cause.SHOWN)
    return line_up_now(turn)


def _stop(turn: Turn, command: commands.StopRace, _: Role) -> str | None:
    if turn.show.stage not in RACING:
        return "no race is lined up or on, so there is none to stop"
    stop(turn, command.why or "stopped by the crew", command.by)
    for why in tuple(turn.show.pauses):
        if why != "hold":
            resume(turn, why)
    return None


def _rerun(turn: Turn, command: commands.Rerun, _: Role) -> str | None:
    if turn.show.stage in RACING:
        return "a race is on: it must be over or stopped before another is run again"
    last = turn.show.game.last
    if last is None or last.race != command.race:
        return f"race {command.race} is not the last one, so its players have gone"
    event = of_seats.Rerun(turn.now_s, command.race)
    refused = why_no_seat(turn.show.people.seats, event)
    if refused is not None:
        return refused
    tell_seats(turn, event)
    turn.game(rerun_of=command.race)
    return None


def _skip(turn: Turn, command: commands.Skip, _: Role) -> str | None:
    event = of_seats.Skip(turn.now_s, command.seat)
    refused = why_no_seat(turn.show.people.seats, event)
    if refused is None:
        tell_seats(turn, event)
    return refused


def _hold(turn: Turn, _command: commands.Hold, _: Role) -> str | None:
    pause(turn, "hold")
    return None


def _resume(turn: Turn, _command: commands.Resume, _: Role) -> str | None:
    if "hold" not in turn.show.pauses:
        return "nothing is held"
    resume(turn, "hold")
    return None


def _call_swap(turn: Turn, _command: commands.CallSwap, _: Role) -> str | None:
    if not turn.show.is_open:
        return "a swap may not be called: the show is closed"
    rotation = turn.show.floor.rotation
    other = rotation.other(rotation.active or turn.show.floor.wanted)
    if races_left(turn.show, other) < 1:
        left = [car for car in rotation.cars if car.set_name == other and car.quarantined is None]
        why = (
            "has no race in its batteries yet: leave it on its chargers"
            if left
            else "has no car left to take over"
        )
        return f"a swap may not be called: set {other} {why}"
    if turn.show.floor.swap is not None and turn.show.floor.is_forced:
        return "a swap is under way already"
    call_swap(turn, "called by the crew", is_forced=True)
    return None


def _set_up(turn: Turn, command: commands.SetUp, _: Role) -> str | None:
    if command.set_name not in turn.show.floor.rotation.set_names:
        return f"there is no set '{command.set_name}'"
    refused = ask(turn, events.SetUp(turn.now_s, command.set_name))
    swap = turn.show.floor.swap
    if refused is None and swap is not None and command.set_name == swap.from_set:
        end_swap(turn)
    return refused


def _may_charge(turn: Turn, command: commands.MayCharge, _: Role) -> str | None:
    car = command.car
    if car not in turn.show.labels:
        return _no_car(car)
    known = turn.show.floor.rotation.car(car)
    if not turn.show.is_open and known.link is Link.DOWN:
        turn.do(actions.SwitchCharger(car, on=True))  # no race is to come, so none can be disturbed
        return None
    return ask(turn, events.Charge(turn.now_s, car))


def _tick(turn: Turn, command: commands.Tick, _: Role) -> str | None:
    rotation = turn.show.floor.rotation
    placed = {placed_item(name): name for name in rotation.set_names}
    unplugged = {unplugged_item(name): name for name in rotation.set_names}
    if command.item not in ITEMS | set(placed) | set(unplugged):
        return f"no checklist has an item '{command.item}'"
    turn.write(records.ItemTicked(command.item, command.done, command.by))
    confirm(turn, command.item, is_done=command.done)
    return None


def confirm(turn: Turn, item: str, *, is_done: bool) -> None:
    """What a tick says: of a checklist, that it is done; of the floor, what the crew has seen and no sensor shows. It
    never outvotes a sensor: a car that says it charges, charges."""
    rotation = turn.show.floor.rotation
    for name in rotation.set_names:
        if item == placed_item(name):
            placed = turn.show.floor.placed - {name}
            turn.floor(placed=placed | {name} if is_done else placed)
            if is_done:
                here = {car.identifier for car in rotation.cars if car.set_name == name}
                said = turn.show.floor.on_track
                turn.floor(on_track={car: on for car, on in said.items() if car not in here or on})
            return
        if item == unplugged_item(name):
            for car in rotation.cars:
                if is_done and car.set_name == name and car.charger is Charger.UNKNOWN:
                    sense(turn, events.ChargerIs(turn.now_s, car.identifier, Charger.OFF))
            return
    ticked = turn.show.book.ticked
    turn.book(ticked=ticked | {item} if is_done else ticked - {item})


def _take_out(turn: Turn, command: commands.TakeOut, _: Role) -> str | None:
    if command.car not in turn.show.labels:
        return _no_car(command.car)
    label = turn.show.labels[command.car]
    turn.floor(kept_out=turn.show.floor.kept_out | {command.car})
    tell_race(turn, of_race.CarOut(turn.now_s, command.car, "the crew took it out"))
    return ask(turn, events.Quarantine(turn.now_s, command.car, f"{label}: {command.why or 'by the crew'}"))


def _readmit(turn: Turn, command: commands.Readmit, _: Role) -> str | None:
    if command.car not in turn.show.labels:
        return _no_car(command.car)
    if turn.show.floor.rotation.car(command.car).quarantined is None:
        return f"{turn.show.labels[command.car]} takes part already"
    # from now on circumstances may let it in, as soon as the interlock does
    turn.floor(kept_out=turn.show.floor.kept_out - {command.car})
    return ask(turn, events.Readmit(turn.now_s, command.car))


def _correct(turn: Turn, command: commands.Correct, _: Role) -> str | None:
    game = turn.show.game
    race = game.races.get(command.race)
    if race is None:
        return f"race {command.race} has no result today, so there is none to correct"
    event = of_race.Correct(turn.now_s, command.ranking, command.comment, command.by)
    refused = why_no_correction(race, event)
    if refused is not None:
        return refused
    race, written = race_step(race, event)
    turn.write(*written)
    last = race if game.last is not None and game.last.race == race.race else game.last
    turn.game(races={**game.races, race.race: race}, last=last)
    return None


def _stage_draw(turn: Turn, command: commands.StageDraw, _: Role) -> str | None:
    turn.book(draw={"step": command.step, **command.body} if command.step else None)
    turn.write(records.DrawStaged(command.step, command.body))
    return None


def _restart(turn: Turn, command: commands.Restart, _: Role) -> str | None:
    cars = {f"{car:08x}": car for car in turn.show.labels}
    cars.update({label: car for car, label in turn.show.labels.items()})
    if command.what not in _RESTARTABLE and command.what not in cars:
        return f"'{command.what}' cannot be restarted; a car can, or {', '.join(_RESTARTABLE)}"
    turn.write(records.RestartAsked(command.what, command.by))
    turn.book(restarts=turn.show.book.restarts + 1)
    if command.what in _RESTARTABLE:
        turn.do(actions.Restart(command.what))
        return None
    car = cars[command.what]
    turn.floor(restarting={**turn.show.floor.restarting, car: turn.now_s})
    tell_race(turn, of_race.CarOut(turn.now_s, car, "it is being restarted"))
    turn.do(actions.Halt(car))
    return None


def _no_car(car: int) -> str:
    return f"there is no car {car:08x} in this show"


def _pause_words(show: Show) -> str:
    if "hold" in show.pauses:
        return "every car is held: resume first"
    return "it stands until the radio and the cars are back"


def _by(command: Any) -> str:
    by: str = getattr(command, "by", "") or getattr(command, "player", "")
    return by


_ANSWERS: dict[type[Any], Callable[[Turn, Any, Role], str | None]] = {
    commands.Join: _join,
    commands.Leave: _leave,
    commands.OpenShow: _open,
    commands.CloseShow: _close,
    commands.StartRace: _start,
    commands.StopRace: _stop,
    commands.Rerun: _rerun,
    commands.Skip: _skip,
    commands.Hold: _hold,
    commands.Resume: _resume,
    commands.CallSwap: _call_swap,
    commands.SetUp: _set_up,
    commands.MayCharge: _may_charge,
    commands.Tick: _tick,
    commands.TakeOut: _take_out,
    commands.Readmit: _readmit,
    commands.Promote: lambda turn, command, _: modes.promote(turn, command),
    commands.AcceptChange: lambda turn, command, _: modes.accept(turn, command),
    commands.UndoChange: lambda turn, command, _: modes.undo(turn, command),
    commands.ChooseMode: modes.choose,
    commands.Correct: _correct,
    commands.StageDraw: _stage_draw,
    commands.Restart: _restart,
}
