"""Swaps with simulated cars on their simulated bench, through every layer but the database."""

from __future__ import annotations

from collections import Counter

import pytest

from rig.rotation.invariants import IN_TIME, INVARIANTS
from rig.soak.swap.nemesis import FaultKind
from rig.soak.swap.steps import Blame, ResponseKind, Step, SwapOutcome
from tests.rig.soak.swap.on_bench import A1, B2, OF_SET, SETS, a_plan, run_swaps


def assert_safe_and_sound(leg):
    assert leg.live.breaches == leg.journal.breaches == ()
    assert all(leg.journal.checked[name] for name in INVARIANTS if name != IN_TIME)
    assert [strike for strike in leg.strikes if strike.met is False] == []
    assert leg.chargers_live == []
    assert leg.still_linked == []


def test_two_sets_take_turns_and_every_act_is_written_before_it_is_done():
    leg = run_swaps(a_plan(3))
    assert_safe_and_sound(leg)
    assert [(r.number, r.from_set, r.to_set, r.outcome) for r in leg.results] == [
        (1, "A", "B", SwapOutcome.OK),
        (2, "B", "A", SwapOutcome.OK),
        (3, "A", "B", SwapOutcome.OK),
    ]
    for result in leg.results:
        assert [mark.step for mark in result.marks] == list(Step)
        assert 10.0 < result.ended_s - result.began_s < 40.0
    acts = Counter((act.subject_kind, act.act) for act in leg.acts.rows)
    assert acts["car", "connect"] == 4 * 4  # a line-up before the first swap, and one in each
    assert acts["bay", "press power"] >= 3 * 4
    assert acts["bay", "charger on"] == 4 + 3 * 4  # B rests during the first race, then whoever left
    assert acts["car", "drive"] >= 4 * 4
    assert {act.state for act in leg.acts.rows} == {"ok"}


def test_the_order_in_the_journal_is_the_one_right_order():
    leg = run_swaps(a_plan(1))
    acts = [(act.act, act.subject, act.detail) for act in leg.acts.rows if act.unit == 1]
    ends = acts.index(("seen: racing", "A", "off"))
    off = [acts.index(("seen: power", f"{car.identifier:08x}", "off")) for car in SETS[0].cars]
    up = acts.index(("seen: set up", "B", "on"))
    fed = [
        acts.index(("charger on", f"A{n}", f"{car.identifier:08x}")) for n, car in enumerate(SETS[0].cars, 1)
    ]
    assert ends < min(off) <= max(off) < up < min(fed)


def test_eight_swaps_under_the_nemesis_on_the_whole_stack():
    leg = run_swaps(a_plan(8, dict.fromkeys(FaultKind, 0.2)), seed=4)
    assert_safe_and_sound(leg)
    assert len(leg.finished) == 8
    assert leg.left == []
    assert len({strike.injection.kind for strike in leg.strikes if strike.met}) >= 6


def test_a_button_that_is_never_hit_costs_its_car_and_is_given_up_in_the_end():
    def no_reach(station):
        station.plant.no_reach.add("A1")

    leg = run_swaps(a_plan(4, give_up_after=2), spoil=no_reach)
    assert_safe_and_sound(leg)
    out = [(result.number, taken.car, taken.blame) for result in leg.results for taken in result.taken_out]
    assert {(car, blame) for _, car, blame in out} == {(A1, Blame.CAR)}
    assert all(SwapOutcome.REFUSED is r.outcome for r in leg.results if r.taken_out)
    ((car, bay, why),) = leg.left
    assert (car.identifier, bay) == (A1, False)
    assert "after 3 presses of its power button" in why
    assert leg.results[-1].is_complete  # the night goes on with the other seven


def test_a_relay_that_sticks_costs_its_bay_and_never_races():
    def stick(station):
        station.bench.lines["chargers"].device.bank.stuck = frozenset({6})

    leg = run_swaps(a_plan(3), spoil=stick)
    assert leg.live.breaches == leg.journal.breaches == ()
    assert [(car.identifier, bay) for car, bay, _ in leg.left] == [(B2, True)]
    assert not any(act.act == "drive" and act.subject == f"{B2:08x}" for act in leg.acts.rows[200:])


def test_a_broken_invariant_fails_the_swap_and_makes_the_bench_safe(monkeypatch):
    """A bug is planted in the interlock: it no longer minds when a set is charged."""
    from rig.rotation import reasons
    from rig.rotation.events import Charge, EndRace

    monkeypatch.delitem(reasons._GUARDS, Charge)
    monkeypatch.delitem(reasons._GUARDS, EndRace)

    from rig.soak.swap import leg_runner

    good = leg_runner.advance

    def eager(work, state, now_s):
        work, asks = good(work, state, now_s)
        return work, (Charge(now_s, A1), *asks) if state.races and state.active == "A" else asks

    monkeypatch.setattr(leg_runner, "advance", eager)
    leg = run_swaps(a_plan(1))
    (result,) = leg.results
    assert result.outcome is SwapOutcome.FAIL
    assert "no charger is on while its set races: Skull A1" in result.reason
    assert leg.journal.breaches  # the journal accuses it as well
    assert leg.chargers_live == []
    assert leg.still_linked == []


def test_a_power_cut_forgets_everything_and_the_next_swap_begins_from_nothing():
    leg = run_swaps(a_plan(2, {FaultKind.POWER_CUT: 1.0}), seed=2)
    assert_safe_and_sound(leg)
    assert {result.outcome for result in leg.results} == {SwapOutcome.CUT}
    assert all(result.responses[-1].kind is ResponseKind.ANEW for result in leg.results)
    assert sum(act.act == "seen: forgotten" for act in leg.acts.rows) == 2


@pytest.mark.nightly
@pytest.mark.timeout(3600)  # seven minutes of processor time, on a machine that may be shared
def test_a_thousand_swaps_under_the_nemesis_on_the_whole_stack():
    leg = run_swaps(a_plan(1000, dict.fromkeys(FaultKind, 0.05), race_s=30.0), seed=9)
    assert_safe_and_sound(leg)
    assert len(leg.finished) == 1000
    met = Counter(strike.injection.kind for strike in leg.strikes if strike.met)
    assert all(met[kind] >= 10 for kind in FaultKind)
    assert set(OF_SET) >= {car.identifier for car, *_ in leg.left}
