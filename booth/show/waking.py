"""After a restart: the show again from what was written down. Nothing is known of the cars, and they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from booth.floor.forecast import Drain
from booth.pack.model import ModeState
from booth.race import events as of_race
from booth.race.resume import races_of
from booth.race.state import Phase as RacePhase
from booth.race.state import Race
from booth.seats import events as of_seats
from booth.seats.machine import step as seats_step
from booth.seats.resume import seats_of
from booth.show import inputs, records
from booth.show.asking import confirm
from booth.show.boards import scores_of
from booth.show.modes import apply_change, revert
from booth.show.racing import BY_ITSELF, tell_race
from booth.show.state import Change, Incident
from booth.show.turn import Turn
from booth.show.view import Stage
from rig.rotation.events import Restarted
from rig.rotation.interlock import step as rotation_step

Written = Sequence[tuple[float, records.Record]]
"""Pairs of age in seconds and record, oldest first."""


def woke(turn: Turn, event: inputs.Woke) -> None:
    """Rebuilds the show of the day from its records; the process that wrote them is gone."""
    now_s, written = event.at_s, event.records
    turn.put(now_s=now_s, minute=event.minute, stage_s=now_s)
    rotation, _ = rotation_step(turn.show.floor.rotation, Restarted(now_s))
    turn.floor(rotation=rotation, since_s=now_s, accounted_s=now_s)
    _people(turn, written)
    _modes(turn, written)
    _floor(turn, written)
    _book(turn, written)
    _incidents(turn, written)
    _races(turn, written, event.away_s)


def _people(turn: Turn, written: Written) -> None:
    turn.people(seats=seats_of(written, turn.now_s, turn.show.pack.play))


def _races(turn: Turn, written: Written, away_s: float) -> None:
    races = races_of(written, turn.now_s, turn.show.pack.mode)
    done = {number: race for number, race in races.items() if race.result is not None}
    scores = [score for race in done.values() for score in scores_of(race, race.ended_s or turn.now_s)]
    numbers = [record.race for _, record in written if isinstance(record, records.RaceLinedUp)]
    ended = [race for race in races.values() if race.phase in {RacePhase.FINISHED, RacePhase.STOPPED}]
    took = [
        (race.mode.name, race.ended_s - race.green_s - race.held_s)
        for race in done.values()
        if race.ended_s is not None and race.green_s is not None
    ]
    turn.game(
        races=done,
        count=max(numbers, default=0),
        last=max(ended, key=lambda race: race.race, default=None),
        took_s=tuple(took[-8:]),
    )
    turn.book(scores=tuple(sorted(scores, key=lambda score: score.at_s)), races=len(done))
    open_ones = [race for race in races.values() if race.phase is RacePhase.RUNNING]
    running = max(open_ones, key=lambda race: race.race, default=None)
    if running is not None and running.race == max(numbers, default=0):
        _resumed(turn, running, away_s)
        return
    waiting = races.get(max(numbers, default=0))
    if waiting is not None and waiting.phase is RacePhase.LINED_UP:
        _lined_up_again(turn, waiting)
    if _is_open(written):
        turn.put(stage=Stage.ATTRACT)


def _resumed(turn: Turn, race: Race, away_s: float) -> None:
    """The race goes on once its cars are back; whoever is not back by then is out until it is."""
    turn.put(stage=Stage.RACE, pauses={"restart": turn.now_s})
    turn.game(race=race)
    turn.floor(wanted=race.set_name)
    tell_race(turn, of_race.Interrupted(turn.now_s, away_s))


def _lined_up_again(turn: Turn, race: Race) -> None:
    """A race that had not begun is lined up anew, its players first."""
    turn.write(records.RaceStopped(race.race, "the race process was restarted before the start", BY_ITSELF))
    seats, _ = seats_step(turn.show.people.seats, of_seats.RaceOver(turn.now_s, counts=False))
    seats, _ = seats_step(seats, of_seats.Rerun(turn.now_s, race.race))
    turn.people(seats=seats)


def _is_open(written: Written) -> bool:
    for _, record in reversed(written):
        if isinstance(record, records.Opened):
            return True
        if isinstance(record, records.Closed):
            return False
    return False


def _modes(turn: Turn, written: Written) -> None:
    for age_s, record in written:
        if isinstance(record, records.ModeChosen) and record.mode in turn.show.modes.states:
            turn.put(modes=replace(turn.show.modes, chosen=record.mode))
        elif isinstance(record, records.ModeChanged):
            _changed(turn, record, turn.now_s - age_s)


def _changed(turn: Turn, record: records.ModeChanged, at_s: float) -> None:
    modes = turn.show.modes
    if record.mode not in modes.states or record.after not in {state.value for state in ModeState}:
        return
    known = next((change for change in modes.changes if change.number == record.change), None)
    change = known or Change(record.change, record.mode, record.after, record.evidence, {}, at_s=at_s)
    if record.state == "accepted":
        apply_change(turn, change)
    elif record.state == "undone" and change.state == "accepted":
        revert(turn, change)
    else:
        others = tuple(other for other in modes.changes if other.number != change.number)
        turn.put(modes=replace(modes, changes=(*others, replace(change, state=record.state))))


def _floor(turn: Turn, written: Written) -> None:
    drains: dict[int, Drain] = {}
    millivolts: dict[int, int] = {}
    out: dict[int, str] = {}
    for _, record in written:
        match record:
            case records.Battery() if record.car in turn.show.labels:
                drains[record.car] = Drain(record.driven_s, record.is_low)
                if record.battery_mv is not None:
                    millivolts[record.car] = record.battery_mv
            case records.CarTakenOut() if record.car in turn.show.labels:
                out[record.car] = record.why
            case records.CarReadmitted():
                out.pop(record.car, None)
            case records.ItemTicked() if not record.item.startswith(_SEEN):
                confirm(turn, record.item, is_done=record.done)
            case _:
                pass
    rotation = turn.show.floor.rotation
    for car, why in out.items():
        rotation = rotation.with_car(replace(rotation.car(car), quarantined=why))
    swaps = tuple(record.took_s for _, record in written if isinstance(record, records.SwapDone))
    driven = {car: drain.driven_s for car, drain in drains.items()}
    turn.floor(
        rotation=rotation,
        drains=drains,
        battery_mv=millivolts,
        written=driven,
        wanted=_wanted(turn, written),
        swaps_s=swaps[-5:],
    )
    turn.book(swaps=len(swaps))


_SEEN = ("placed-", "unplugged-")
"""Where cars stand is seen anew; what a checklist says holds for the day."""


def _wanted(turn: Turn, written: Written) -> str:
    """The set that raced last, or that was to take over."""
    rotation, wanted = turn.show.floor.rotation, turn.show.floor.wanted
    for _, record in written:
        match record:
            case records.RaceLinedUp(set_name=name) | records.SwapDone(to_set=name):
                wanted = name
            case records.SwapCalled(from_set=name) if name in rotation.set_names:
                wanted = rotation.other(name)
            case _:
                pass
    return wanted if wanted in rotation.set_names else turn.show.floor.wanted


def _book(turn: Turn, written: Written) -> None:
    waits = [record.waited_s for _, record in written if isinstance(record, records.PlayerSeated)]
    draw = None
    open_s = playable_s = planned_s = 0.0
    is_open, found, since = False, (False, False), None
    for age_s, record in (*written, (0.0, None)):
        if since is not None and is_open:
            took_s = max(0.0, since - age_s)
            open_s += took_s
            playable_s += took_s if found[0] else 0.0
            planned_s += took_s if found[1] else 0.0
        since = age_s
        match record:
            case records.Opened():
                is_open = True
            case records.Closed():
                is_open = False
            case records.ProcessBegan():
                found = (False, False)
            case records.PlayableChanged():
                found = (record.is_playable, record.is_planned and not record.is_playable)
            case records.DrawStaged():
                draw = {"step": record.step, **record.body} if record.step else None
            case _:
                pass
    turn.book(
        draw=draw,
        open_s=open_s,
        playable_s=playable_s,
        planned_s=planned_s,
        playable=(False, False),
        counted_s=turn.now_s,
        waits_s=tuple(waits[-500:]),
        restarts=sum(isinstance(record, records.RestartAsked) for _, record in written),
    )


def _incidents(turn: Turn, written: Written) -> None:
    """What was not cured is not known to go on: whoever watches it says so again."""
    found: dict[int, Incident] = {}
    for age_s, record in written:
        if isinstance(record, records.IncidentBegan):
            found[record.number] = Incident(
                record.number, record.kind, record.car, record.words, record.severity, turn.now_s - age_s
            )
        elif isinstance(record, records.IncidentCured) and record.number in found:
            known = found[record.number]
            found[record.number] = replace(known, cured_by=record.by, ended_s=turn.now_s - age_s)
    for number, incident in found.items():
        if incident.ended_s is None:
            took_s = turn.now_s - incident.began_s
            turn.write(records.IncidentCured(number, "restarted", took_s))
            found[number] = replace(incident, cured_by="restarted", ended_s=turn.now_s)
    turn.troubles(incidents=tuple(found.values())[-12:], count=max(found, default=0))
