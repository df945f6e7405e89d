"""What goes wrong, in words: how grave it is, whose move it is, and the one thing to do. Incidents are written down with
what cured them; "restart it" is the last rung and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from booth.pack.model import ModeState
from booth.race import events as of_race
from booth.show import inputs, records
from booth.show.batteries import are_all_empty
from booth.show.phases import RACING
from booth.show.racing import BY_ITSELF, car_lost, pause, resume, stop, tell_race
from booth.show.rotating import ask
from booth.show.state import Incident, Show
from booth.show.turn import Turn
from rig.rotation import events
from rig.rotation.knowledge import Link, Phase

VISITORS = "visitors notice"
STAFF = "only staff notice"
NOBODY = "nobody notices yet"

RADIO_PATIENCE_S = 25.0
"""So long a race stands and waits for the radio before it is given up and a rerun offered."""
RESTART_PATIENCE_S = 60.0
BACK_S = 10.0
"""So long a race that stood waits for cars that are not back while others are."""
EMPTY = "both sets are empty"
UNHEARD = "no car is heard at all"
UNHEARD_S = 40.0
_SHOWN = 12
_KEPT_S = 900.0


class Kind(NamedTuple):
    """A kind of trouble: whose move it is, the one thing to do, and what to restart when nothing else has helped."""

    owner: str
    action: str
    restart: str = ""


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "link": Kind("pitboard", "Nothing: it is being connected again"),
        "silent": Kind("pitboard", "Nothing: it is being asked again; look whether it stands on the track"),
        "off-road": Kind("crew", "Put the car back on the track, behind the others"),
        "radio": Kind("crew", "Wait half a minute; if it stays, restart the radio", "radio"),
        "screens": Kind("pitboard", "Nothing: the screens come back by themselves", "screens"),
        "log": Kind("it", "Results cannot be written: free space on the disk, then restart", "race"),
        "pack": Kind("crew", "Keep the pack as it was, or close the show and start again with the new one"),
    }
)
_OTHER = Kind("it", "Tell IT what the crew screen says")
_STOPS_RACES = {"radio", "log"}


def kind_of(incident: Incident) -> Kind:
    """Whose move an incident is and what to do about it."""
    return KINDS.get(incident.kind, _OTHER)


def began(turn: Turn, event: inputs.Trouble) -> None:
    """Something failed. The same that is open already says nothing new."""
    if _open(turn.show, event.kind, event.car) is not None:
        return
    if event.car is not None and event.car not in turn.show.labels:
        return
    count = turn.show.troubles.count + 1
    severity = _severity(turn.show, event)
    incident = Incident(count, event.kind, event.car, event.words, severity, turn.now_s)
    turn.troubles(count=count, incidents=(*turn.show.troubles.incidents, incident)[-_SHOWN:])
    turn.write(records.IncidentBegan(count, event.kind, event.car, event.words, severity))
    if event.kind == "radio":
        turn.troubles(ear_lost_s=turn.now_s)
        _stand_for_the_radio(turn)
    elif event.car is not None and event.kind == "off-road":
        car_lost(turn, event.car, "it left the road")


def cured(turn: Turn, event: inputs.Cured) -> None:
    """It is right again."""
    incident = _open(turn.show, event.kind, event.car)
    if incident is not None:
        took_s = turn.now_s - incident.began_s
        done = replace(incident, cured_by=event.by, ended_s=turn.now_s)
        _keep(turn, done)
        turn.write(records.IncidentCured(incident.number, event.by, took_s))
    if event.kind == "radio":
        turn.troubles(ear_lost_s=None)
    elif event.kind == "off-road" and event.car is not None and event.car in turn.show.driving.going:
        tell_race(turn, of_race.CarBack(turn.now_s, event.car))


def ear_lost(turn: Turn) -> None:
    """The radio failed, whatever the ladder says of it."""
    _stand_for_the_radio(turn)


def watch(turn: Turn) -> None:
    """At every tick: races that stood for the radio or a restart go on, or are given up; old incidents are let go."""
    for why, patience_s in (("radio", RADIO_PATIENCE_S), ("restart", RESTART_PATIENCE_S)):
        began_s = turn.show.pauses.get(why)
        if began_s is None:
            continue
        _take_race_up(turn)
        if turn.show.stage not in RACING or _is_back(turn, began_s):
            resume(turn, why)
        elif turn.now_s - began_s >= patience_s:
            said = "the radio failed" if why == "radio" else "the cars did not come back after a restart"
            stop(turn, said, BY_ITSELF)
            resume(turn, why)
    kept = tuple(
        one
        for one in turn.show.troubles.incidents
        if one.ended_s is None or turn.now_s - one.ended_s < _KEPT_S
    )
    if len(kept) != len(turn.show.troubles.incidents):
        turn.troubles(incidents=kept)


def open_incidents(show: Show) -> tuple[Incident, ...]:
    """What is not right yet."""
    return tuple(one for one in show.troubles.incidents if one.ended_s is None)


def why_no_races(show: Show) -> str:
    """Why no race can be run at all, in plain words; "": races can be run."""
    for incident in open_incidents(show):
        if incident.kind in _STOPS_RACES:
            return incident.words
    reasons = {
        "the radio shows nothing": show.troubles.ear_lost_s is not None,
        EMPTY: are_all_empty(show),
        UNHEARD: _hears_nobody(show),
        "no car takes part any more": not any(True for _ in show.floor.rotation.taking_part()),
        "no mode is the default": ModeState.DEFAULT not in show.modes.states.values(),
    }
    return next((words for words, holds in reasons.items() if holds), "")


def _hears_nobody(show: Show) -> bool:
    floor = show.floor
    if floor.listened_s < floor.since_s or any(car.link is Link.UP for car in floor.rotation.cars):
        return False
    heard_s = max((*(car.heard_s for car in floor.rotation.cars), *floor.data_s.values()))
    return show.now_s - max(heard_s, floor.since_s) >= UNHEARD_S


def _take_race_up(turn: Turn) -> None:
    """A race that stands while its set is set up anew: for the interlock it has not begun yet."""
    show = turn.show
    race, rotation = show.game.race, show.floor.rotation
    is_ours = race is not None and race.set_name == rotation.active
    if show.stage in RACING and is_ours and rotation.phase is Phase.SET_UP:
        ask(turn, events.Start(turn.now_s))


def _is_back(turn: Turn, began_s: float) -> bool:
    show = turn.show
    if show.troubles.ear_lost_s is not None or not show.floor.rotation.races:
        return False
    race = show.game.race
    if race is None:
        return True
    cars = [show.floor.rotation.car(racer.entry.car) for racer in race.racers]
    wanted = [car for car in cars if car.quarantined is None]
    there = [car for car in wanted if car.link is Link.UP]
    return bool(there) and (len(there) == len(wanted) or turn.now_s - began_s >= BACK_S)


def _stand_for_the_radio(turn: Turn) -> None:
    if turn.show.stage in RACING:
        pause(turn, "radio")


def _severity(show: Show, event: inputs.Trouble) -> str:
    if event.kind in {"radio", "screens"}:
        return VISITORS
    if event.car is not None:
        race = show.game.race
        races = show.stage in RACING and race is not None and race.of_car(event.car) is not None
        return VISITORS if races else NOBODY
    return STAFF


def _open(show: Show, kind: str, car: int | None) -> Incident | None:
    return next((one for one in open_incidents(show) if one.kind == kind and one.car == car), None)


def _keep(turn: Turn, incident: Incident) -> None:
    turn.troubles(
        incidents=tuple(
            incident if one.number == incident.number else one for one in turn.show.troubles.incidents
        )
    )
