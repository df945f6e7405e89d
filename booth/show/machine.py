"""The show machine: `step(show, input) -> (show, actions)`. Pure; see the package for what control owes it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from booth.race import events as of_race
from booth.show import inputs
from booth.show.actions import Action
from booth.show.asking import asked
from booth.show.batteries import told_low, told_mv
from booth.show.day import new_day
from booth.show.flow import tick
from booth.show.inputs import Input
from booth.show.playable import count
from booth.show.racing import car_lost, car_there, go_on, tell_race
from booth.show.rotating import look_after, sense
from booth.show.state import Show
from booth.show.troubles import began, cured, ear_lost, watch
from booth.show.turn import Turn
from booth.show.waking import woke
from rig.rotation import events

_RESTARTED_S = 60.0
_MINUTES = 24 * 60


def step(show: Show, event: Input) -> tuple[Show, tuple[Action, ...]]:
    """The show after one input, and what to do, in order. Never raises for what comes from outside; an input without a
    time that is a number changes nothing."""
    if not math.isfinite(event.at_s):
        return show, ()
    turn = Turn(show, event.at_s)
    _INPUTS[type(event)](turn, event)
    return turn.show, tuple(turn.actions)


def _ticked(turn: Turn, event: inputs.Ticked) -> None:
    if event.minute != turn.show.minute:
        if event.minute < turn.show.minute - _MINUTES // 2:
            new_day(turn)
        turn.put(minute=event.minute)
    turn.put(now_s=turn.now_s)
    look_after(turn)
    go_on(turn)
    watch(turn)
    tick(turn)
    count(turn)
    restarting = turn.show.floor.restarting
    if any(turn.now_s - at_s > _RESTARTED_S for at_s in restarting.values()):
        turn.floor(
            restarting={car: at_s for car, at_s in restarting.items() if turn.now_s - at_s <= _RESTARTED_S}
        )


def _sensed(turn: Turn, event: inputs.Sensed) -> None:
    fact = event.fact
    car = getattr(fact, "car", None)
    if car is not None and car not in turn.show.labels:
        return
    sense(turn, fact)
    match fact:
        case events.LinkUp(car=car):
            floor = turn.show.floor
            turn.floor(restarting={one: at_s for one, at_s in floor.restarting.items() if one != car})
            car_there(turn, car)
        case events.LinkDown(car=car):
            car_lost(turn, car, "its link is lost")
        case events.EarLost():
            ear_lost(turn)
        case _:
            pass


def _moved(turn: Turn, event: inputs.Moved) -> None:
    floor = turn.show.floor
    if event.car not in turn.show.labels:
        return
    turn.floor(data_s={**floor.data_s, event.car: event.at_s})
    if not floor.on_track.get(event.car):
        turn.floor(on_track={**floor.on_track, event.car: True})
    tell_race(
        turn,
        of_race.Moved(event.at_s, event.car, event.along_mm, event.lap_mm, event.speed_mm_s, event.lane_mm),
    )


def _lapped(turn: Turn, event: inputs.Lapped) -> None:
    tell_race(turn, of_race.Lapped(event.at_s, event.car, event.crossed_s, event.time_s, event.is_first))


def _on_track(turn: Turn, event: inputs.OnTrack) -> None:
    if event.car in turn.show.labels:
        turn.floor(on_track={**turn.show.floor.on_track, event.car: event.is_on})


def _battery(turn: Turn, event: inputs.BatteryRead) -> None:
    if event.car not in turn.show.labels:
        return
    turn.floor(data_s={**turn.show.floor.data_s, event.car: event.at_s})
    if event.battery_mv is not None:
        told_mv(turn, event.car, event.battery_mv)
    if event.is_low is not None:
        told_low(turn, event.car, is_low=event.is_low)


def _pack(turn: Turn, event: inputs.PackRead) -> None:
    """The brand, the words and the rules change between races; cars and track do not while the show runs."""
    if event.pack.sets != turn.show.pack.sets or event.pack.track != turn.show.pack.track:
        words = "The new show pack has other cars or another track: that needs a restart of the show"
        began(turn, inputs.Trouble(turn.now_s, "pack", words))
        return
    cured(turn, inputs.Cured(turn.now_s, "pack", "read again"))
    turn.put(next_pack=event.pack)


_INPUTS: dict[type[Any], Callable[[Turn, Any], None]] = {
    inputs.Asked: asked,
    inputs.Sensed: _sensed,
    inputs.OnTrack: _on_track,
    inputs.Moved: _moved,
    inputs.Lapped: _lapped,
    inputs.BatteryRead: _battery,
    inputs.Trouble: began,
    inputs.Cured: cured,
    inputs.PackRead: _pack,
    inputs.Ticked: _ticked,
    inputs.Woke: woke,
}
