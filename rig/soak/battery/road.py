"""The battery machine while a life is under way: pace, readings, troubles, the loss of the link, the end. Pure."""

# ruff: noqa: ARG001 - every rule has the one signature that TRANSITIONS calls

from __future__ import annotations

from dataclasses import replace

from rig.soak.battery.duty import pace_at
from rig.soak.battery.ends import End
from rig.soak.battery.events import (
    Action,
    AskVoltage,
    Event,
    LetGo,
    LinkLost,
    Note,
    Order,
    Read,
    Status,
    Tick,
    Voltage,
)
from rig.soak.battery.moves import finish, seek
from rig.soak.battery.state import (
    LifeState,
    Outcome,
    Phase,
    Terms,
    back_at,
    counted,
    is_dying,
    mark,
    others_heard,
)

BROWN_OUT_WITHIN_S = 20.0
"""A car whose weak battery cost it the link and that loses it again so soon after it came back is flat: a cell
recovers a little by itself, enough to boot and not to drive."""
_RESTART_AFTER_S = 1.0
_RIGHTING_LOOKS_S = 1.0
_EPSILON_S = 1e-6


def set_out(state: LifeState, at_s: float, terms: Terms) -> Outcome:
    """The life begins: the first order to drive."""
    new = replace(
        state,
        began_s=at_s,
        counted_s=at_s,
        reading_due_s=at_s + terms.timing.reading_every_s,
        deadline_s=None,
    )
    first: list[Action] = [] if new.battery.last_mv is None else [_reading(new, at_s)]
    new, actions = go(new, at_s, terms)
    return new, first + actions


def go(state: LifeState, at_s: float, terms: Terms) -> Outcome:
    """What the duty cycle wants now."""
    pace = pace_at(terms.duty, state.life_s, seed=terms.seed, car=terms.car, life=state.life)
    phase = Phase.DRIVING if pace.speed_mm_s > 0 else Phase.RESTING
    state = replace(
        state,
        phase=phase,
        ordered_mm_s=pace.speed_mm_s,
        ordered_s=at_s,
        counted_s=at_s,
        pace_ends_s=at_s + pace.until_s - state.life_s,
        trouble=None,
        trouble_at=None,
        deadline_s=None,
    )
    return _wound(state, at_s, None, terms), [Order(pace.speed_mm_s, terms.duty.accel_mm_s2)]


def tick(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """Time for a reading, another pace, or a look at whether the car moves at all."""
    assert isinstance(event, Tick)
    state = others_heard(counted(state, event.at_s), event.others_s)
    if state.life_s >= terms.limit_s - _EPSILON_S:
        return finish(state, event.at_s, End.LIMIT, terms)
    if state.phase is Phase.DRIVING and _still_s(state, event) >= terms.timing.stall_after_s - _EPSILON_S:
        return _trouble(state, event.at_s, End.STALL, terms)
    actions: list[Action] = []
    if event.at_s >= state.reading_due_s - _EPSILON_S:
        actions.append(AskVoltage())
        state = replace(state, reading_due_s=event.at_s + terms.timing.reading_every_s)
    if event.at_s >= state.pace_ends_s - _EPSILON_S:
        state, more = go(state, event.at_s, terms)
        return state, actions + more
    return _wound(state, event.at_s, event.moved_s, terms), actions


def righting_tick(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """A car in trouble gets its time to go on by itself; a stalled one is told once more to drive."""
    assert isinstance(event, Tick)
    state = others_heard(counted(state, event.at_s), event.others_s)
    assert state.trouble_at is not None
    assert state.trouble is not None
    if event.moved_s is not None and event.moved_s > state.ordered_s:
        return go(state, event.at_s, terms)
    if state.deadline_s is not None and event.at_s >= state.deadline_s:
        return finish(back_at(state, state.trouble_at), state.trouble_at.at_s, state.trouble, terms)
    actions: list[Action] = []
    if state.trouble is End.STALL and state.ordered_mm_s == 0:
        pace = pace_at(terms.duty, state.life_s, seed=terms.seed, car=terms.car, life=state.life)
        speed_mm_s = pace.speed_mm_s or terms.duty.least_mm_s
        state = replace(state, ordered_mm_s=speed_mm_s, ordered_s=event.at_s)
        actions.append(Order(speed_mm_s, terms.duty.accel_mm_s2))
    return replace(state, wake_s=event.at_s + _RIGHTING_LOOKS_S), actions


def status(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The car told its flags: battery, track and charger."""
    assert isinstance(event, Status)
    before = state.battery
    state = counted(state, event.at_s)
    low_s = before.low_s if before.low_s is not None or not event.low else state.life_s
    battery = replace(
        before, low=event.low, low_s=low_s, charged=event.charged, on_track=event.on_track, told=True
    )
    state = replace(state, battery=battery)
    if event.on_charger:  # its own charger is off: somebody put it on another, or switched by hand
        return finish(replace(state, error="on a live charger"), event.at_s, End.TAKEN_OFF, terms)
    if state.phase is Phase.RIGHTING:
        if event.on_track and state.trouble in {End.OFF_TRACK, End.TAKEN_OFF}:
            return go(state, event.at_s, terms)
        return state, []
    if before.on_track and not event.on_track:
        moving = state.phase is Phase.DRIVING
        return _trouble(state, event.at_s, End.OFF_TRACK if moving else End.TAKEN_OFF, terms)
    return state, []


def voltage(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The car told its voltage: keep it."""
    assert isinstance(event, Voltage)
    state = counted(state, event.at_s)
    battery = replace(state.battery, last_mv=event.mv, start_mv=state.battery.start_mv or event.mv)
    state = replace(state, battery=battery)
    return state, [_reading(state, event.at_s)]


def delocalised(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The car lost the road while it drove."""
    return _trouble(counted(state, event.at_s), event.at_s, End.OFF_TRACK, terms)


def lost(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The link is gone: look for the car. Up to when it was last heard the life counts."""
    assert isinstance(event, LinkLost)
    state = counted(state, event.heard_s)
    dying = is_dying(state, terms)
    soon = state.back_s is not None and event.heard_s - state.back_s <= BROWN_OUT_WITHIN_S
    if dying and soon and state.dying_loss is not None:
        first = state.dying_loss
        return finish(back_at(state, first), first.at_s, End.BATTERY, terms)
    note = Note(event.at_s, f"link lost: {event.reason}")
    missing = replace(
        state,
        lost_s=event.heard_s,
        heard=False,
        dying_loss=mark(state, event.heard_s) if dying else None,
        gaps=state.gaps + 1,
        deadline_s=event.at_s + terms.timing.regain_s,
        trouble=None,
        trouble_at=None,
        bench_fault=event.reason if event.bench else None,
    )
    missing, actions = seek(missing, terms)
    return missing, [note, LetGo(), *actions]


def regained(state: LifeState, at_s: float, terms: Terms) -> Outcome:
    """The link is back: the life goes on, and the gap is noted."""
    assert state.lost_s is not None
    back = replace(
        state,
        gap_s=state.gap_s + at_s - state.lost_s,
        lost_s=None,
        back_s=at_s,
        reading_due_s=at_s,
        battery=replace(state.battery, on_track=None),
    )
    return go(back, at_s, terms)


def _trouble(state: LifeState, at_s: float, what: End, terms: Terms) -> Outcome:
    """The car does not go on as it should. A stalled one is stopped first; one that lost the road finds it only
    while it moves."""
    since_s = max(0.0, at_s - terms.timing.stall_after_s) if what is End.STALL else at_s
    state = counted(state, since_s)
    righting = replace(
        state,
        phase=Phase.RIGHTING,
        counted_s=since_s,
        trouble=what,
        trouble_at=mark(state, since_s),
        deadline_s=at_s + terms.timing.righting_s,
        wake_s=at_s + _RESTART_AFTER_S,
        ordered_s=at_s,
        stalls=state.stalls + (what is End.STALL),
        off_tracks=state.off_tracks + (what is End.OFF_TRACK),
    )
    actions: list[Action] = [Note(at_s, what.value)]
    if what is End.STALL:
        righting = replace(counted(righting, at_s), ordered_mm_s=0)
        actions.append(Order(0, terms.duty.accel_mm_s2))
    return righting, actions


def _still_s(state: LifeState, event: Tick) -> float:
    moved_s = state.ordered_s if event.moved_s is None else max(event.moved_s, state.ordered_s)
    return event.at_s - moved_s


def _wound(state: LifeState, at_s: float, moved_s: float | None, terms: Terms) -> LifeState:
    """The machine wound up for whatever is next."""
    due = [state.pace_ends_s, state.reading_due_s, at_s + terms.limit_s - state.life_s]
    if state.phase is Phase.DRIVING:
        last_s = state.ordered_s if moved_s is None else max(moved_s, state.ordered_s)
        due.append(last_s + terms.timing.stall_after_s)
    return replace(state, wake_s=min(due))


def _reading(state: LifeState, at_s: float) -> Read:
    assert state.battery.last_mv is not None
    battery = state.battery
    return Read(
        at_s, state.life_s, state.battery.last_mv, state.ordered_mm_s == 0, battery.low, battery.charged
    )
