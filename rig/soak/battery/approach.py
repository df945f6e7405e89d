"""The battery machine's way to a link: charger off, seek, connect, check the start; and back after a loss. Pure."""

# ruff: noqa: ARG001 - every rule has the one signature that TRANSITIONS calls

from __future__ import annotations

from dataclasses import replace

from rig.soak.battery import moves, road
from rig.soak.battery.ends import End, end_of_silence
from rig.soak.battery.events import (
    AskVoltage,
    Begin,
    Connect,
    Event,
    Failed,
    LetGo,
    LinkLost,
    Note,
    Seen,
    Status,
    SwitchCharger,
    Tick,
    Voltage,
)
from rig.soak.battery.state import Battery, LifeState, Outcome, Phase, Terms, others_heard

CHECK_S = 5.0
"""For status and voltage after the link is up; both come within a second or not at all."""


def begin(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """A new life: the charger goes off first, for a car on a live charger does not drive."""
    assert isinstance(event, Begin)
    fresh = LifeState(
        phase=Phase.PREPARING, life=event.life, others_ever=state.others_ever, others_s=state.others_s
    )
    if terms.can_charge:
        return fresh, [SwitchCharger(on=False)]
    return moves.bring_up(fresh, event.at_s, terms)


def unplugged(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The charger is off, so the car may be looked for."""
    return moves.bring_up(state, event.at_s, terms)


def not_unplugged(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """With a charger that may be live no life can begin."""
    assert isinstance(event, Failed)
    void = replace(state, error=event.error, bench_fault=event.error)
    return moves.finish(void, event.at_s, End.VOID, terms, charge=False)


def seen(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The car is on the air: connect to it. What its advert says of the battery counts."""
    assert isinstance(event, Seen)
    battery = replace(state.battery, low=state.battery.low or event.low)
    on_air = replace(state, phase=Phase.CONNECTING, battery=battery, heard=True)
    return on_air, [Connect(terms.timing.attempt_timeout_s)]


def attempt_failed(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """A search or a connect failed: again after a pause, unless time is up."""
    assert isinstance(event, Failed | LinkLost)
    error = event.error if isinstance(event, Failed) else f"LinkLost: {event.reason}"
    state = replace(state, error=error, bench_fault=error if event.bench else None)
    if isinstance(event, Failed):
        state = others_heard(state, event.others_s)
    if _is_over(state, event.at_s):
        return out_of_time(state, event, terms)
    pausing = replace(state, phase=Phase.PAUSING, wake_s=event.at_s + terms.timing.retry_pause_s)
    return pausing, [LetGo()]


def pause_over(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The pause between two attempts is over."""
    if _is_over(state, event.at_s):
        return out_of_time(state, event, terms)
    return moves.seek(state, terms)


def out_of_time(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The car could not be brought up, or back, in time."""
    if isinstance(event, Tick):
        state = others_heard(state, event.others_s)
    if state.under_way:
        return _gone(state, event.at_s, terms)
    if state.bench_fault is not None:
        return moves.finish(state, event.at_s, End.VOID, terms)
    if terms.can_charge and not state.precharged:  # a flat car answers nobody before it is charged
        return moves.charge_first(state, event.at_s, "not heard before its life")
    return moves.finish(
        replace(state, error=state.error or "CarNotFound"), event.at_s, End.NOT_STARTED, terms
    )


def linked(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The link is up: go on with the life, or see what it would begin with."""
    state = replace(state, bench_fault=None, deadline_s=None, wake_s=None)
    if state.under_way:
        return road.regained(state, event.at_s, terms)
    return replace(state, phase=Phase.CHECKING, wake_s=event.at_s + CHECK_S), [AskVoltage()]


def told_early(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """A car tells its status as soon as somebody listens, which is before the link counts as up."""
    assert isinstance(event, Status)
    return replace(state, battery=_with_status(state.battery, event)), []


def checked(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The car told its status or its voltage; with both, the life begins or the charger comes first."""
    battery = state.battery
    if isinstance(event, Status):
        battery = _with_status(battery, event)
    elif isinstance(event, Voltage):
        battery = replace(battery, start_mv=event.mv, last_mv=event.mv)
    state = replace(state, battery=battery)
    both = battery.told and battery.start_mv is not None
    if not both and not isinstance(event, Tick):
        return state, []
    if isinstance(event, Tick):
        state = others_heard(state, event.others_s)
    met = _start_met(battery, terms)
    if not met and terms.can_charge and not state.precharged:
        return moves.charge_first(state, event.at_s, "not full before its life")
    return road.set_out(replace(state, start_full=met), event.at_s, terms)


def lost_before_it_began(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The link went while the start was being checked."""
    assert isinstance(event, LinkLost)
    note = Note(event.at_s, f"link lost before the life began: {event.reason}")
    again, actions = attempt_failed(
        replace(state, deadline_s=event.at_s + terms.timing.ready_timeout_s), event, terms
    )
    return again, [note, *actions]


def _with_status(battery: Battery, event: Status) -> Battery:
    """A car knows of the road once it moves: before, off the track means nothing."""
    return replace(battery, low=event.low, charged=event.charged, on_track=event.on_track or None, told=True)


def _start_met(battery: Battery, terms: Terms) -> bool:
    least_mv = terms.start.least_mv
    enough = least_mv is not None and battery.start_mv is not None and battery.start_mv >= least_mv
    return enough or (terms.start.full_flag and battery.told and battery.charged)


def _gone(state: LifeState, at_s: float, terms: Terms) -> Outcome:
    """The link did not come back."""
    assert state.lost_s is not None
    end = end_of_silence(moves.silence_of(state, terms))
    if end is None:
        return moves.ask_charger(state)
    return moves.finish(state, state.lost_s, end, terms)


def _is_over(state: LifeState, at_s: float) -> bool:
    return state.deadline_s is not None and at_s >= state.deadline_s
