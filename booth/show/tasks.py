"""What the crew does next and by when: the most urgent first, and always at least one thing that leads on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from booth.floor.steps import Step
from booth.race.state import Phase as RacePhase
from booth.show import commands
from booth.show.batteries import charged_in_s, races_left
from booth.show.checklists import CLOSING, OPENING, Checklist, missing
from booth.show.commands import to_json
from booth.show.flow import next_race_in_s, why_not_now
from booth.show.modes import words_of
from booth.show.phases import RACING
from booth.show.rotating import is_waiting_to_charge
from booth.show.state import Show
from booth.show.troubles import EMPTY, UNHEARD, kind_of, open_incidents
from booth.show.view import Stage, TaskView

CREW = "crew"
_RESTART_AFTER_S = 30.0


def tasks_of(show: Show, closes_s: float | None) -> tuple[TaskView, ...]:
    """Everything to do now; `closes_s` seconds until the opening hours end, None: they have, or begin another day."""
    found = [task for part in _PARTS for task in part(show, closes_s)]
    return tuple({task.key: task for task in reversed(found)}.values())[::-1]


def _held(show: Show, _: float | None) -> Iterator[TaskView]:
    if "hold" in show.pauses:
        yield _task(
            "resume", "Resume, when everybody is safe", "Every car is held", commands.Resume(CREW), "Resume"
        )


def _changes(show: Show, _: float | None) -> Iterator[TaskView]:
    for change in show.modes.changes:
        if change.state == "waiting":
            accept = commands.AcceptChange(CREW, change.number)
            yield _task(
                f"change-{change.number}",
                words_of(change),
                "IT has made it ready for you",
                accept,
                "Yes, play it so",
            )


def _troubles(show: Show, _: float | None) -> Iterator[TaskView]:
    for incident in open_incidents(show):
        kind = kind_of(incident)
        since_s = show.now_s - incident.began_s
        button = None
        if kind.restart and since_s >= _RESTART_AFTER_S:
            button = commands.Restart(CREW, kind.restart)
        yield _task(
            f"incident-{incident.number}",
            kind.action,
            incident.words,
            button,
            f"Restart the {kind.restart}" if button else "",
            owner=kind.owner,
        )
    for car in show.floor.restarting:
        yield _task(
            f"restart-{car:08x}", f"Switch {show.labels[car]} off and on again", "It is being restarted"
        )


def _hands(show: Show, _: float | None) -> Iterator[TaskView]:
    """What the guide wants of hands."""
    owner = "stand" if show.has_hands else CREW
    swap = show.floor.swap
    by_s = None
    if swap is not None and show.stage in RACING and show.game.race is not None and show.game.race.ends_s:
        by_s = max(0.0, show.game.race.ends_s - show.now_s)
    for task in show.floor.advice.tasks:
        button = commands.Tick(CREW, task.tick) if task.tick else None
        yield TaskView(
            task.key,
            task.words,
            task.why,
            by_s if task.key.startswith(("unplug", "press", "placed")) else None,
            owner,
            None if button is None else to_json(button),
            "Done" if button else "",
        )


def _seats(show: Show, _: float | None) -> Iterator[TaskView]:
    for called in show.people.seats.called:
        if show.stage in {Stage.ATTRACT, Stage.LINE_UP} and not show.people.seats.is_there(
            called.player, show.now_s
        ):
            left_s = max(0.0, called.called_s + show.pack.play.call_up_s - show.now_s)
            skip = commands.Skip(CREW, called.seat)
            yield _task(
                f"skip-{called.seat}",
                f"Call the player of seat {called.seat} again, or let the next one play",
                "Their phone is not there yet",
                skip,
                "Next player",
                by_s=left_s,
            )


def _phase(show: Show, _: float | None) -> Iterator[TaskView]:
    yield from _BY_STAGE[show.stage](show)


def _closed(show: Show) -> Iterator[TaskView]:
    yield from _next_item(show, OPENING)
    if not missing(show, OPENING):
        yield _task("open", "Open the show", "The opening checklist is done", commands.OpenShow(CREW), "Open")
    else:
        yield from _next_item(show, CLOSING)


def _next_item(show: Show, checklist: Checklist) -> Iterator[TaskView]:
    for key in missing(show, checklist)[:1]:
        yield _task(f"tick-{key}", checklist.items[key], checklist.title, commands.Tick(CREW, key), "Done")


def _attract(show: Show) -> Iterator[TaskView]:
    left_s = next_race_in_s(show)
    why = why_not_now(show)
    if show.book.draw is not None:
        end = commands.StageDraw(CREW, "", {})
        yield _task(
            "end-draw",
            "Take the draw off the stage when it is over",
            "No race starts meanwhile",
            end,
            "Races go on",
        )
    elif why:
        yield _task("wait", "Wait: the next race sets itself up", why)
    else:
        yield _task(
            "start",
            "Invite players; the next race starts by itself",
            "",
            commands.StartRace(CREW),
            "Start now",
            by_s=left_s,
        )
    yield from _swap_ahead(show)


def _line_up(show: Show) -> Iterator[TaskView]:
    left_s = max(0.0, show.stage_s + show.pack.play.line_up_s - show.now_s)
    yield _task(
        "start",
        "Players take their phones; cars roll to the line by themselves",
        "",
        commands.StartRace(CREW),
        "Start now",
        by_s=left_s,
    )


def _racing(show: Show) -> Iterator[TaskView]:
    yield _task(
        "watch", "Watch the track; put a car back that has left it", "", commands.Hold(CREW), "Stop every car"
    )
    yield from _swap_ahead(show)


def _result(show: Show) -> Iterator[TaskView]:
    last = show.game.last
    if last is not None and last.result is not None and last.result.rerun:
        yield _task(
            "rerun", "Offer a rerun", last.result.rerun, commands.Rerun(CREW, last.race), "Run it again"
        )
    yield _task(
        "winner",
        "Congratulate the winner, ask for the contact",
        "",
        commands.StartRace(CREW),
        "Next race now",
        by_s=next_race_in_s(show),
    )


def _pit_stop(show: Show) -> Iterator[TaskView]:
    swap = show.floor.swap
    if swap is None:
        return
    if is_waiting_to_charge(show):
        left_s = charged_in_s(show, swap.to_set)
        if races_left(show, swap.to_set) < 1:
            yield _task("charging", f"Wait: set {swap.to_set} charges", swap.why, by_s=left_s)
            return
        yield _task(
            "charging",
            f"Wait: set {swap.to_set} charges",
            f"{swap.why}. Change over now for a shorter turn",
            commands.CallSwap(CREW),
            "Change over now",
            by_s=left_s,
        )
    elif swap.step is Step.OFF:
        yield _task(
            "set-up",
            f"When set {swap.from_set} is off, set {swap.to_set} is set up by itself",
            "",
            commands.SetUp(CREW, swap.to_set),
            f"Set up {swap.to_set}",
        )
    else:
        yield _task("swap", f"Set {swap.to_set} takes over", swap.why)


def _fault(show: Show) -> Iterator[TaskView]:
    if show.troubles.why_stuck == EMPTY:
        why = "Both sets are empty, and no car charges before a race is set up with the other set"
        words = "Close the show, charge both sets for ten minutes, open again"
        yield _task("empty", words, why, commands.CloseShow(CREW), "Close the show")
        return
    if show.troubles.why_stuck == UNHEARD:
        words = "Are all cars empty? Then close the show, charge both sets, open again"
        yield _task(
            "empty", words, "A car that is switched on is heard", commands.CloseShow(CREW), "Close the show"
        )
    yield _task(
        "fault",
        "Restart the radio; it takes half a minute",
        show.troubles.why_stuck,
        commands.Restart(CREW, "radio"),
        "Restart the radio",
    )


def _swap_ahead(show: Show) -> Iterator[TaskView]:
    active = show.floor.rotation.active
    if show.floor.swap is None and active is not None:
        left = races_left(show, active)
        if left <= 2:
            why = f"Set {active} has {left} {'race' if left == 1 else 'races'} left"
            yield _task("swap", "Swap the sets soon", why, commands.CallSwap(CREW), "Swap after this race")


def _last(show: Show, closes_s: float | None) -> Iterator[TaskView]:
    last = show.game.last
    if (
        last is not None
        and last.phase is RacePhase.STOPPED
        and show.stage not in RACING
        and show.is_open
        and show.game.rerun_of is None
    ):
        yield _task(
            "rerun",
            "Offer a rerun of the race that was stopped",
            "",
            commands.Rerun(CREW, last.race),
            "Run it again",
        )
    if show.is_open and not show.is_closing and closes_s is None:
        yield _task(
            "close",
            "Closing time: close the show",
            "Outside the opening hours",
            commands.CloseShow(CREW),
            "Close after this race",
        )
    elif closes_s is not None and show.is_open and closes_s < 900.0:
        yield _task(
            "close",
            "The show closes soon",
            "",
            commands.CloseShow(CREW),
            "Close after this race",
            by_s=closes_s,
        )
    if show.is_open and show.stage in RACING | {Stage.PIT_STOP}:
        yield from ()


def _task(
    key: str,
    words: str,
    why: str = "",
    command: Any = None,
    button_words: str = "",
    *,
    by_s: float | None = None,
    owner: str = CREW,
) -> TaskView:
    button = None if command is None else to_json(command)
    return TaskView(key, words, why, by_s, owner, button, button_words)


_BY_STAGE: dict[Stage, Callable[[Show], Iterator[TaskView]]] = {
    Stage.CLOSED: _closed,
    Stage.ATTRACT: _attract,
    Stage.LINE_UP: _line_up,
    Stage.COUNTDOWN: _racing,
    Stage.RACE: _racing,
    Stage.RESULT: _result,
    Stage.PIT_STOP: _pit_stop,
    Stage.FAULT: _fault,
}
_PARTS = (_held, _changes, _hands, _troubles, _seats, _phase, _last)
