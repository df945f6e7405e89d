"""Ten thousand swaps under the nemesis in a plain model world; then faults one by one, each met by its answer."""

from __future__ import annotations

from collections import Counter

import pytest

from rig.rotation.invariants import INVARIANTS
from rig.soak.swap.nemesis import ANSWERS, FaultKind, Injection, Strike, draw, judged
from rig.soak.swap.steps import Blame, Response, ResponseKind, Step, StepLimits, SwapOutcome
from tests.rig.soak.swap.model_world import ModelWorld

LIMITS = StepLimits()
BUDGET_S = 240.0


def only(kind, rate=1.0):
    return {kind: rate}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_2500_swaps_under_the_nemesis_break_no_invariant_and_every_fault_is_met(seed):
    world = ModelWorld(seed, rates=dict.fromkeys(FaultKind, 0.05), budget_s=BUDGET_S).run(2500)
    assert world.breaches == []
    assert all(world.witness.findings.checked[name] >= 2500 for name in INVARIANTS)
    assert [strike for strike in world.strikes if strike.met is False] == []
    met = Counter(strike.injection.kind for strike in world.strikes if strike.met)
    assert all(met[kind] >= 50 for kind in FaultKind)
    assert max(result.ended_s - result.began_s for result in world.results) < BUDGET_S


def test_faults_on_top_of_each_other_break_nothing_either():
    world = ModelWorld(5, rates=dict.fromkeys(FaultKind, 0.4), budget_s=BUDGET_S).run(400)
    assert world.breaches == []
    assert [strike for strike in world.strikes if strike.met is False] == []


def test_without_faults_every_swap_is_complete_and_its_steps_add_up():
    world = ModelWorld(1, rates={}, budget_s=BUDGET_S).run(50)
    assert {result.outcome for result in world.results} <= {SwapOutcome.OK, SwapOutcome.FLAKY}
    for number, result in enumerate(world.results, start=1):
        assert result.number == number
        assert (result.from_set, result.to_set) == (("A", "B") if number % 2 else ("B", "A"))
        assert [mark.step for mark in result.marks] == [Step.READY, Step.OFF, Step.SET_UP, Step.CHARGE]
        spent_s = sum(mark.ended_s - mark.began_s for mark in result.marks)
        assert spent_s == pytest.approx(result.ended_s - result.began_s)


def test_the_same_seed_gives_the_same_night():
    worlds = [ModelWorld(7, rates=dict.fromkeys(FaultKind, 0.1)).run(60) for _ in range(2)]
    assert worlds[0].results == worlds[1].results
    assert worlds[0].strikes == worlds[1].strikes


def strikes(kind, swaps=60):
    world = ModelWorld(3, rates=only(kind), budget_s=BUDGET_S).run(swaps)
    assert world.breaches == []
    assert all(strike.met is not False for strike in world.strikes)
    by_number = {result.number: result for result in world.results}
    struck = [strike for strike in world.strikes if strike.met]
    assert len(struck) > swaps // 4
    return [
        (strike.injection, next(r for r in by_number.values() if r.began_s <= strike.at_s <= r.ended_s))
        for strike in struck
    ]


@pytest.mark.parametrize("kind", [FaultKind.STUCK_BUTTON, FaultKind.NOT_READY, FaultKind.FLAT])
def test_a_car_that_cannot_be_swapped_is_named_and_the_rest_of_its_set_goes_on(kind):
    outs = 0
    for injection, result in strikes(kind):
        if result.outcome is SwapOutcome.REFUSED:
            outs += 1
            assert {out.car for out in result.taken_out} >= {injection.car}
            assert all(out.blame is Blame.CAR for out in result.taken_out)
            assert result.reason
            assert result.marks[-1].step is Step.CHARGE  # the swap was carried through without it
    assert outs


def test_a_button_pressed_in_vain_is_pressed_again_as_often_as_allowed():
    for injection, result in strikes(FaultKind.STUCK_BUTTON):
        taken = [out.car for out in result.taken_out]
        assert (injection.car in taken) is (injection.amount >= LIMITS.presses)


def test_a_charger_that_cannot_be_trusted_is_its_bays_fault():
    for kind in (FaultKind.LEFT_ON_CHARGER, FaultKind.DEAD_CHARGER):
        for injection, result in strikes(kind):
            if injection.amount >= LIMITS.charges:
                assert result.outcome is SwapOutcome.VOID
                assert {out.blame for out in result.taken_out} == {Blame.BAY}


def test_a_stray_car_of_the_resting_set_stops_the_line_up_until_it_is_off_again():
    for injection, result in strikes(FaultKind.WRONG_SET_ON):
        words = [
            r.words for r in result.responses if r.kind is ResponseKind.REFUSED and injection.car in r.cars
        ]
        assert any("is on and of the wrong set" in word for word in words)
        assert result.is_complete


def test_a_dead_watcher_leaves_a_cut_swap_and_begins_anew():
    for _, result in strikes(FaultKind.POWER_CUT):
        assert result.outcome is SwapOutcome.CUT
        assert not result.is_complete


def test_the_nemesis_draws_by_its_seed_alone_and_never_twice_the_same_car_of_a_set():
    rates = dict.fromkeys(FaultKind, 0.5)
    draws = [
        draw(rates, LIMITS, seed=9, number=n, leaving=[1, 2, 3, 4], coming=[11, 12, 13, 14])
        for n in range(200)
    ]
    again = draw(rates, LIMITS, seed=9, number=17, leaving=[1, 2, 3, 4], coming=[11, 12, 13, 14])
    assert again == draws[17]
    assert {injection.kind for drawn in draws for injection in drawn} == set(FaultKind)
    for drawn in draws:
        cars = [injection.car for injection in drawn if injection.car is not None]
        assert len(cars) == len(set(cars))
    assert draw({}, LIMITS, seed=9, number=1, leaving=[1], coming=[11]) == ()


def test_a_set_without_a_free_car_is_spared():
    drawn = draw(dict.fromkeys(FaultKind, 1.0), LIMITS, seed=1, number=1, leaving=[1], coming=[])
    assert {injection.car for injection in drawn} == {1, None}


STUCK = Injection(FaultKind.STUCK_BUTTON, Step.OFF, 1, amount=1)


@pytest.mark.parametrize(
    ("injection", "responses", "outcome", "met"),
    [
        (STUCK, [Response(11.0, ResponseKind.AGAIN, "", (1,))], SwapOutcome.FLAKY, True),
        (STUCK, [Response(9.0, ResponseKind.AGAIN, "", (1,))], SwapOutcome.FLAKY, False),  # before it struck
        (STUCK, [Response(11.0, ResponseKind.AGAIN, "", (2,))], SwapOutcome.FLAKY, False),  # another car
        (STUCK, [Response(11.0, ResponseKind.REFUSED, "", (1,))], SwapOutcome.OK, False),  # the wrong answer
        (STUCK, [], SwapOutcome.CUT, None),
        (
            Injection(FaultKind.STUCK_BUTTON, Step.OFF, 1, amount=3),
            [Response(11.0, ResponseKind.AGAIN, "", (1,))],
            SwapOutcome.FLAKY,
            False,
        ),
        (Injection(FaultKind.POWER_CUT, Step.OFF), [], SwapOutcome.CUT, False),
    ],
)
def test_only_the_right_answer_for_the_right_car_at_the_right_time_meets_a_fault(
    injection, responses, outcome, met
):
    assert judged(injection, 10.0, LIMITS, responses, outcome) == Strike(injection, 10.0, met)


def test_a_fault_that_never_took_effect_was_not_to_be_met():
    assert judged(STUCK, None, LIMITS, [], SwapOutcome.OK) == Strike(STUCK, None, None)


def test_every_fault_has_an_answer_in_words():
    assert set(ANSWERS) == set(FaultKind)
    assert all(answer.fault and answer.words for answer in ANSWERS.values())
