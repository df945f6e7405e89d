"""The snapshot: everything every screen sees, worked out from the show when a screen needs it. Pure."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from booth.floor.steps import STEPS, title
from booth.floor.table import mark_of, set_state
from booth.race.views import race_view
from booth.seats.waits import called_s
from booth.show.batteries import is_charged, race_s, races_left
from booth.show.boards import HOUR_S, board
from booth.show.checklists import views as checklist_views
from booth.show.flow import next_race_in_s
from booth.show.modes import words_of
from booth.show.phases import RACING
from booth.show.rotating import is_waiting_to_charge
from booth.show.state import Show
from booth.show.tasks import tasks_of
from booth.show.troubles import kind_of, open_incidents
from booth.show.view import (
    CarView,
    ChangeView,
    IncidentView,
    RaceView,
    SetView,
    Snapshot,
    Stage,
    SwapView,
)
from rig.rotation.knowledge import Car, Link, Power

USUAL_SWAP_S = 120.0
_CHANGE_SHOWN_S = 1800.0


def snapshot(
    show: Show, now_s: float, *, number: int, at: str, closes_s: float | None = float("inf")
) -> Snapshot:
    """Everything, at `now_s` (loop time). `number` rises with each, `at` is UTC, ISO 8601; `closes_s` seconds until the
    opening hours end, None outside of them."""
    show = replace(show, now_s=max(now_s, show.now_s))
    kind = show.pack.mode(show.modes.chosen).kind
    latest = None if show.game.last is None else show.game.last.race
    scores = show.book.scores
    return Snapshot(
        number=number,
        at=at,
        stage=_stage(show),
        headline=headline(show),
        mode=show.modes.chosen if show.game.race is None else show.game.race.mode.name,
        modes={name: state.value for name, state in show.modes.states.items()},
        race=_race(show),
        last=_last(show),
        queue=show.people.seats.queue,
        called=called_s(show.people.seats, show.now_s),
        sets=tuple(_set(show, name) for name in show.floor.rotation.set_names),
        swap=_swap(show),
        tasks=tasks_of(show, closes_s),
        checklists=checklist_views(show),
        incidents=tuple(_incidents(show)),
        changes=tuple(_changes(show)),
        refusal=show.book.refusal,
        hour_board=board(scores, kind, show.now_s - HOUR_S, latest),
        day_board=board(scores, kind, float("-inf"), latest),
        draw=show.book.draw,
        next_race_s=next_race_in_s(show),
        uptime=_uptime(show),
        is_held="hold" in show.pauses,
    )


def headline(show: Show) -> str:
    """What happens now, in one sentence for the crew."""
    if "hold" in show.pauses:
        return "Every car is held."
    if show.pauses:
        return "The race stands until the cars are back."
    race, swap = show.game.race, show.floor.swap
    active = show.floor.rotation.active or show.floor.wanted
    waiting = len(show.people.seats.queue) + len(show.people.seats.called)
    players = 0 if race is None else sum(racer.entry.player is not None for racer in race.racers)
    crowd = f"{players} playing, {waiting} waiting"
    if show.book.draw is not None and show.stage not in RACING:
        return "The draw is on the stage."
    if show.stage is Stage.PIT_STOP and swap is not None:
        if is_waiting_to_charge(show):
            return f"Pit stop: set {swap.to_set} still charges."
        return f"Pit stop: {title(swap.step, swap.from_set, swap.to_set)}."
    number = show.game.count if race is None else race.race
    words = {
        Stage.CLOSED: "The show is closed.",
        Stage.ATTRACT: f"Waiting for players; the next race with set {active} starts by itself. {waiting} waiting.",
        Stage.LINE_UP: f"Race {number} lines up with set {active}: {crowd}.",
        Stage.COUNTDOWN: f"Race {number} starts now: {crowd}.",
        Stage.RACE: f"Race {number} is on with set {active}: {crowd}.",
        Stage.RESULT: f"Race {number} is over. {waiting} waiting.",
        Stage.PIT_STOP: "Pit stop.",
        Stage.FAULT: f"No race can be run: {show.troubles.why_stuck}.",
    }
    closing = " The show closes after this race." if show.is_closing else ""
    return words[show.stage] + closing


def _stage(show: Show) -> Stage:
    if show.book.draw is not None and show.stage not in RACING:
        return Stage.DRAW
    return show.stage


def _numbers(show: Show) -> dict[int, int]:
    return {car.identifier: car.number for group in show.pack.sets for car in group.cars}


def _race(show: Show) -> RaceView | None:
    race = show.game.race
    if race is None:
        return None
    seats = show.people.seats
    away = {one.player for one in seats.seated if not seats.is_there(one.player, show.now_s)}
    view = race_view(race, show.now_s, numbers=_numbers(show), away=away)
    if show.stage is Stage.LINE_UP:
        play = show.pack.play
        left_s = show.stage_s + play.line_up_s - show.now_s
        view = replace(view, starts_in_s=max(0.0, left_s) + play.countdown_s)
    if show.pauses and view.note is None:
        view = replace(view, note="The race stands for a moment")
    return view


def _last(show: Show) -> RaceView | None:
    last = show.game.last
    return None if last is None else race_view(last, show.now_s, numbers=_numbers(show))


def _set(show: Show, set_name: str) -> SetView:
    rotation = show.floor.rotation
    is_known = any(car.power is not Power.UNKNOWN for car in rotation.of(set_name))
    cars = tuple(_car(show, car) for car in rotation.cars if car.set_name == set_name)
    left = races_left(show, set_name) if is_known else None
    return SetView(set_name, set_state(rotation, set_name, is_charged=is_charged(show, set_name)), left, cars)


def _car(show: Show, car: Car) -> CarView:
    floor = show.floor
    drain = floor.drains.get(car.identifier)
    mark = mark_of(floor.rotation, car, is_preparing=floor.swap is not None)
    left = None
    if drain is not None and car.quarantined is None:
        left = floor.forecast.races_left(car.identifier, drain, race_s(show))
    heard_s = max(car.heard_s, floor.data_s.get(car.identifier, float("-inf")))
    silent_s = max(0.0, show.now_s - heard_s) if heard_s > -1.0 and car.power is not Power.OFF else None
    return CarView(
        car=car.identifier,
        label=car.label,
        number=show.pack.car(car.identifier).number,
        set_name=car.set_name,
        power=car.power.value,
        link={Link.UP: "connected", Link.DOWN: "free"}.get(car.link, "unknown"),
        charger=car.charger.value,
        is_low=car.low if drain is None or drain.is_low is None else drain.is_low,
        battery_mv=floor.battery_mv.get(car.identifier),
        races_left=left,
        silent_s=silent_s,
        letter=mark.letter,
        words=mark.words,
        taken_out=car.quarantined,
    )


def _swap(show: Show) -> SwapView | None:
    swap = show.floor.swap
    if swap is None:
        return None
    began_s = swap.began_s if show.floor.pit_s is None else show.floor.pit_s
    usual_s = median(show.floor.swaps_s) if show.floor.swaps_s else USUAL_SWAP_S
    steps = tuple((step.value, title(step, swap.from_set, swap.to_set)) for step in STEPS)
    return SwapView(swap.from_set, swap.to_set, steps, STEPS.index(swap.step), show.now_s - began_s, usual_s)


def _incidents(show: Show) -> list[IncidentView]:
    open_ones = set(open_incidents(show))
    ordered = sorted(show.troubles.incidents, key=lambda one: (one not in open_ones, -one.number))
    return [
        IncidentView(
            one.number,
            one.began_s - show.now_s,
            one.words,
            one.severity,
            kind_of(one).owner,
            kind_of(one).action,
            one.cured_by,
            None if one.ended_s is None else one.ended_s - show.now_s,
        )
        for one in ordered
    ]


def _changes(show: Show) -> list[ChangeView]:
    return [
        ChangeView(change.number, words_of(change), change.state)
        for change in show.modes.changes
        if change.state == "waiting"
        or (change.state == "accepted" and show.now_s - change.at_s < _CHANGE_SHOWN_S)
    ]


def _uptime(show: Show) -> dict[str, float]:
    book = show.book
    due_s = book.open_s - book.planned_s
    return {
        "share": book.playable_s / due_s if due_s > 0.0 else 1.0,
        "open_s": book.open_s,
        "races": float(book.races),
        "restarts": float(book.restarts),
        "swaps": float(book.swaps),
        "median_wait_s": median(book.waits_s) if book.waits_s else 0.0,
    }
