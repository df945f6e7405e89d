"""What several phases of the battery machine do alike: look for the car, put it to charge, end its life. Pure."""

from __future__ import annotations

from dataclasses import replace

from rig.soak.battery.ends import End, Silence
from rig.soak.battery.events import Action, Keep, LetGo, LifeResult, Note, Seek, SwitchCharger
from rig.soak.battery.state import Battery, LifeState, Outcome, Phase, Terms, is_dying

_OFF_ITS_BAY = frozenset({End.TAKEN_OFF, End.OFF_TRACK})
"""After these the car is not where its charger could reach it."""


def seek(state: LifeState, terms: Terms) -> Outcome:
    """One search."""
    return replace(state, phase=Phase.SEEKING, wake_s=None), [Seek(terms.timing.attempt_timeout_s)]


def bring_up(state: LifeState, at_s: float, terms: Terms) -> Outcome:
    """Looks for the car, within the time there is to get it ready; what it said before no longer counts."""
    return seek(replace(state, deadline_s=at_s + terms.timing.ready_timeout_s, battery=Battery()), terms)


def charge_first(state: LifeState, at_s: float, why: str) -> Outcome:
    """Before the life begins: a car that is not full, or does not answer, is charged."""
    waiting, actions = plug_in(replace(state, precharged=True, charging_first=True))
    return waiting, [Note(at_s, f"charged first: {why}"), LetGo(), *actions]


def ask_charger(state: LifeState) -> Outcome:
    """Why the car fell silent, only its charger can tell."""
    waiting, actions = plug_in(replace(state, undecided=True))
    return waiting, [LetGo(), *actions]


def plug_in(state: LifeState) -> tuple[LifeState, list[Action]]:
    """The charger on; the car holds no link any more."""
    waiting = replace(state, phase=Phase.PLUGGING, wake_s=None, deadline_s=None, charge=None)
    return waiting, [SwitchCharger(on=True)]


def finish(state: LifeState, ended_s: float, end: End, terms: Terms, *, charge: bool = True) -> Outcome:
    """The life is over: let go of the car, keep the result, charge it back where that can be done."""
    actions: list[Action] = [LetGo(), Keep(result_of(state, ended_s, end, terms))]
    if charge and terms.can_charge and end not in _OFF_ITS_BAY:
        state, more = plug_in(state)
        return state, actions + more
    return done(state), actions


def silence_of(state: LifeState, terms: Terms) -> Silence:
    """What is known of a car whose link went and did not come back."""
    assert state.lost_s is not None
    return Silence(
        low=state.battery.low,
        last_mv=state.battery.last_mv,
        dying_mv=terms.dying_mv,
        heard=state.heard,
        others_heard=state.others_s is not None and state.others_s >= state.lost_s,
        others_expected=state.others_ever,
        can_charge=terms.can_charge,
        bench_fault=state.bench_fault is not None,
    )


def result_of(state: LifeState, ended_s: float, end: End, terms: Terms) -> LifeResult:
    """What there is to keep of a life. A car that stands although it was told to drive, with a battery about to
    give out, has died of it."""
    if end is End.STALL and is_dying(state, terms):
        end = End.BATTERY
    battery = state.battery
    return LifeResult(
        life=state.life,
        end=end,
        began_s=ended_s if state.began_s is None else state.began_s,
        ended_s=ended_s,
        start_mv=battery.start_mv,
        end_mv=battery.last_mv,
        start_full=state.start_full,
        drive_s=state.drive_s,
        rest_s=state.rest_s,
        low_s=battery.low_s,
        gaps=state.gaps if state.lost_s is None else state.gaps - 1,  # the last one was the end, no gap
        gap_s=state.gap_s,
        stalls=state.stalls,
        off_tracks=state.off_tracks,
        error=state.error if end in {End.VOID, End.NOT_STARTED, End.TAKEN_OFF, End.RADIO_LOSS} else None,
    )


def done(state: LifeState) -> LifeState:
    """Ready for the next life; who else is on the air is not forgotten."""
    return LifeState(
        phase=Phase.DONE, life=state.life, others_ever=state.others_ever, others_s=state.others_s
    )
