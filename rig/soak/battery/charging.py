"""The battery machine at the charger: on, until full or the limit, off again. Pure."""

# ruff: noqa: ARG001 - every rule has the one signature that TRANSITIONS calls

from __future__ import annotations

from dataclasses import replace

from rig.soak.battery import moves
from rig.soak.battery.ends import ChargeEnd, End, end_told_by_charger
from rig.soak.battery.events import (
    Action,
    ChargeResult,
    Current,
    Event,
    Failed,
    Keep,
    KeepCharge,
    Listen,
    ReadCharge,
    Seen,
    SwitchCharger,
    Tick,
)
from rig.soak.battery.state import Charge, LifeState, Outcome, Phase, Terms, others_heard

WAKE_LIMIT_S = 30.0
"""For a car to be heard after its charger came on."""
FALLEN_SHARE = 0.05
"""Of the largest current: less, twice in a row, and the charge is over, whatever the flags say."""
_FALLEN_LOOKS = 2


def plugged(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """Current flows: look now and then until it is done."""
    charging = replace(
        state,
        phase=Phase.CHARGING,
        charge=Charge(event.at_s),
        deadline_s=event.at_s + terms.charge_limit_s,
        wake_s=event.at_s + terms.timing.charge_reading_every_s,
    )
    return charging, [Listen()]


def bench_failed(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The charger cannot be switched, or not be proven to be."""
    assert isinstance(event, Failed)
    state, actions = _decided(state, event.at_s, terms, woke=False, low=False)
    if state.charging_first:
        void = replace(state, error=event.error, bench_fault=event.error)
        over, more = moves.finish(void, event.at_s, End.VOID, terms, charge=False)
        return over, actions + more
    began_s = event.at_s if state.charge is None else state.charge.began_s
    result = _result(state, ChargeEnd.VOID, began_s, event.at_s, event.error)
    return moves.done(state), [*actions, KeepCharge(result)]


def seen(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The car is on the air and tells its flags."""
    assert isinstance(event, Seen)
    assert state.charge is not None
    state, actions = _decided(state, event.at_s, terms, woke=True, low=event.low)
    if not event.charged:
        return state, actions
    assert state.charge is not None
    reading = ReadCharge(event.at_s, event.at_s - state.charge.began_s, None, charged=True)
    over, more = _unplug(state, ChargeEnd.FULL, event.at_s)
    return over, [*actions, reading, *more]


def measured(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The meter was read: what flowed since the last look, and whether it has all but stopped."""
    assert isinstance(event, Current)
    assert state.charge is not None
    reading = ReadCharge(event.at_s, event.at_s - state.charge.began_s, event.ma, charged=False)
    if event.ma is None:  # a silence is never a zero: the next look bridges it
        return state, [reading]
    charge = _with_current(state.charge, event, event.ma)
    state = replace(state, charge=charge)
    if charge.fell >= _FALLEN_LOOKS:
        over, more = _unplug(state, ChargeEnd.CURRENT, event.at_s)
        return over, [reading, *more]
    return state, [reading]


def tick(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """Time for another look, or time is up."""
    assert isinstance(event, Tick)
    state = others_heard(state, event.others_s)
    assert state.charge is not None
    actions: list[Action] = []
    if event.at_s - state.charge.began_s >= WAKE_LIMIT_S:
        state, actions = _decided(state, event.at_s, terms, woke=False, low=False)
    if state.deadline_s is not None and event.at_s >= state.deadline_s:
        over, more = _unplug(state, ChargeEnd.LIMIT, event.at_s)
        return over, actions + more
    wake_s = event.at_s + terms.timing.charge_reading_every_s
    return replace(state, wake_s=wake_s), [*actions, Listen()]


def unplugged(state: LifeState, event: Event, terms: Terms) -> Outcome:
    """The charger is off again: keep the charge, or get on with the life it was for."""
    if state.charging_first:
        return moves.bring_up(replace(state, charge=None, charging_first=False), event.at_s, terms)
    assert state.charge is not None
    assert state.charge.ended is not None
    end, ended_s = state.charge.ended
    return moves.done(state), [KeepCharge(_result(state, end, state.charge.began_s, ended_s, None))]


def _unplug(state: LifeState, end: ChargeEnd, at_s: float) -> Outcome:
    """The charge is over: the charger off."""
    assert state.charge is not None
    ended = replace(state.charge, ended=(end, at_s))
    over = replace(state, phase=Phase.UNPLUGGING, charge=ended, wake_s=None, deadline_s=None)
    return over, [SwitchCharger(on=False)]


def _decided(
    state: LifeState, at_s: float, terms: Terms, *, woke: bool, low: bool
) -> tuple[LifeState, list[Action]]:
    """With the end of a car that fell silent decided, if it was open."""
    if not state.undecided:
        return state, []
    assert state.lost_s is not None
    end = end_told_by_charger(moves.silence_of(state, terms), woke=woke, low=low)
    result = moves.result_of(state, state.lost_s, end, terms)
    return replace(state, undecided=False), [Keep(result)]


def _with_current(charge: Charge, event: Current, ma: float) -> Charge:
    """With one more look: what flowed by the meter's own counters, else by the current between two looks."""
    mah, mwh = charge.charge_mah, charge.energy_mwh
    if charge.current is not None:
        before_s, before_ma, before_mv = charge.current
        moved_mah = (ma + before_ma) / 2.0 * (event.at_s - before_s) / 3600.0
        mah += moved_mah
        if event.mv is not None and before_mv is not None:
            mwh += moved_mah * (event.mv + before_mv) / 2000.0
    first_mah, first_mwh = charge.counted or (event.counter_mah, event.counter_mwh)
    if first_mah is not None and event.counter_mah is not None:
        mah = event.counter_mah - first_mah
    if first_mwh is not None and event.counter_mwh is not None:
        mwh = event.counter_mwh - first_mwh
    peak = ma if charge.peak_ma is None else max(charge.peak_ma, ma)
    return replace(
        charge,
        current=(event.at_s, ma, event.mv),
        counted=(first_mah, first_mwh),
        charge_mah=mah,
        energy_mwh=mwh,
        peak_ma=peak,
        fell=charge.fell + 1 if ma < FALLEN_SHARE * peak else 0,
    )


def _result(
    state: LifeState, end: ChargeEnd, began_s: float, ended_s: float, error: str | None
) -> ChargeResult:
    charge = state.charge
    metered = charge is not None and charge.peak_ma is not None
    return ChargeResult(
        life=state.life,
        end=end,
        began_s=began_s,
        ended_s=ended_s,
        charge_mah=charge.charge_mah if charge is not None and metered else None,
        energy_mwh=(charge.energy_mwh or None) if charge is not None and metered else None,
        peak_ma=charge.peak_ma if charge is not None else None,
        error=error,
    )
