"""A verdict is PASS, FAIL or INCONCLUSIVE by the bounds, and says why in words that name car and limit."""

from __future__ import annotations

from dataclasses import replace

from rig.soak.outcome import CycleOutcome, Outcome, worst
from rig.soak.reconnect.figures import Cycle, judge_car, judge_limit
from rig.soak.reconnect.plan import Figure, Loss
from rig.soak.reconnect.plan import ReconnectLimit as Limit
from rig.statistics.quantiles import Reading

P95 = Limit(Figure.RECONNECT, 0.95, quantile=0.95, at_most_s=6.0)
FIRST = Limit(Figure.FIRST_ATTEMPT, 0.95, at_least=0.8)
SUCCESS = Limit(Figure.SUCCESS, 0.95, at_least=0.95)


def cycles(count, seconds=2.0, outcome=CycleOutcome.OK, loss=Loss.VANISH):
    return [Cycle(loss, outcome, seconds, seconds - 1.0)] * count


def test_a_limit_passes_when_its_bound_lies_inside():
    verdict = judge_limit("Skull", cycles(59), P95)
    assert verdict.outcome is Outcome.PASS
    assert (
        "Skull: P95 of reconnect is at most 2.00 s, within the limit of 6 s (95 % confidence, 59 cycles)"
        in (verdict.reason)
    )


def test_too_few_cycles_are_inconclusive_and_say_how_many_are_needed():
    verdict = judge_limit("Skull", cycles(58), P95)
    assert (verdict.outcome, verdict.needed) == (Outcome.INCONCLUSIVE, 59)
    assert "58 cycles are too few to bound it: 59 are the least that can" in verdict.reason


def test_a_limit_fails_when_its_bound_lies_outside():
    verdict = judge_limit("Thermo", cycles(50) + cycles(20, 7.5), P95)
    assert verdict.outcome is Outcome.FAIL
    assert "Thermo: P95 of reconnect is at least 7.50 s, over the limit of 6 s" in verdict.reason


def test_timeouts_are_never_dropped():
    verdict = judge_limit("Thermo", cycles(50) + cycles(20, 30.0, CycleOutcome.TIMEOUT), P95)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.value == Reading(30.0, at_least=True)
    assert "P95 of reconnect is ≥ 30.00 s" in verdict.reason


def test_between_the_bounds_is_inconclusive():
    verdict = judge_limit("Skull", cycles(96) + cycles(4, 7.0), P95)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.needed > 100
    assert "96 of 100 cycles were within the limit of 6 s, which leaves it open" in verdict.reason


def test_a_retry_is_no_success_at_the_first_attempt_but_one_in_time():
    flaky = cycles(60) + cycles(40, outcome=CycleOutcome.FLAKY)
    first, success = judge_limit("Skull", flaky, FIRST), judge_limit("Skull", flaky, SUCCESS)
    assert first.outcome is Outcome.FAIL
    assert "only 60 of 100 cycles came back at the first attempt" in first.reason
    assert success.outcome is Outcome.PASS


def test_a_car_that_could_not_be_brought_up_fails_by_its_success_rate():
    dead = [Cycle(Loss.VANISH, CycleOutcome.NOT_READY, None, None)] * 3
    verdict = judge_car("Nuke", dead, [P95, SUCCESS], None)
    assert verdict.outcome is Outcome.FAIL
    assert [limit.outcome for limit in verdict.limits] == [Outcome.INCONCLUSIVE, Outcome.FAIL]
    assert "only 0 of 3 cycles came back in time" in verdict.reasons[0]


def test_cycles_the_bench_spoiled_count_neither_way():
    void = [Cycle(Loss.VANISH, CycleOutcome.VOID, None, None)] * 50
    assert judge_limit("Skull", cycles(59) + void, P95).outcome is Outcome.PASS
    assert judge_limit("Skull", cycles(59) + void, SUCCESS).n == 59


def test_a_broken_bench_is_an_error_not_a_failure():
    verdict = judge_car("Skull", cycles(5), [P95], "the bench failed 3 times in a row (adapter gone)")
    assert verdict.outcome is Outcome.ERROR
    assert verdict.reasons[0] == "Skull: the bench failed 3 times in a row (adapter gone)"


def test_a_limit_on_one_loss_looks_at_that_loss_alone():
    limit = Limit(
        Figure.RECONNECT, 0.95, quantile=0.95, at_most_s=6.0, only="after disconnect", loss=Loss.DISCONNECT
    )
    mixed = cycles(59, loss=Loss.DISCONNECT) + cycles(59, 9.0, loss=Loss.VANISH)
    assert judge_limit("Skull", mixed, limit).outcome is Outcome.PASS
    assert limit.name == "P95 reconnect after disconnect ≤ 6 s"


def test_without_cycles_nothing_is_passed():
    verdict = judge_car("Skull", [], [P95, FIRST, SUCCESS], None)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [limit.needed for limit in verdict.limits] == [59, 11, 52]


def test_outcomes_outrank_each_other_and_give_the_exit_code():
    assert worst([Outcome.PASS, Outcome.INCONCLUSIVE]) is Outcome.INCONCLUSIVE
    assert worst([Outcome.INCONCLUSIVE, Outcome.FAIL, Outcome.PASS]) is Outcome.FAIL
    assert worst([Outcome.FAIL, Outcome.ERROR]) is Outcome.ERROR
    assert worst([]) is Outcome.INCONCLUSIVE
    assert [outcome.exit_code for outcome in Outcome] == [0, 4, 1, 3, 130]


def test_a_timeout_shorter_than_a_limit_proves_nothing_against_it():
    # noticed late, a cycle may time out with a recovery below the limit: it could still have been inside
    spread = [Cycle(Loss.VANISH, CycleOutcome.TIMEOUT, 10.0, 7.0)] * 20 + cycles(60)
    limit = Limit(Figure.RECOVERY, 0.95, quantile=0.95, at_most_s=9.0)
    assert judge_limit("Skull", spread, limit).outcome is Outcome.INCONCLUSIVE
    assert judge_limit("Skull", spread, replace(limit, at_most_s=7.0)).outcome is Outcome.FAIL
    assert judge_limit("Skull", spread, replace(limit, at_most_s=6.5)).outcome is Outcome.FAIL


def test_a_car_that_was_given_up_fails_and_that_comes_first():
    verdict = judge_car(
        "Nuke", cycles(300), [P95, SUCCESS], None, given_up="could not be connected", planned=400
    )
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reasons == ("Nuke: given up: could not be connected",)


def test_a_car_short_of_cycles_has_not_passed():
    verdict = judge_car("Nuke", cycles(300), [P95, SUCCESS], None, planned=301)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reasons == ("Nuke: 1 of 301 cycles were not run",)
    assert judge_car("Nuke", cycles(300), [P95, SUCCESS], None, planned=300).outcome is Outcome.PASS


def test_under_a_broken_bench_only_what_failed_is_told_beside_it():
    lost = cycles(60, 30.0, CycleOutcome.TIMEOUT)
    verdict = judge_car("Nuke", lost, [P95, FIRST], "the adapter went away")
    assert verdict.outcome is Outcome.ERROR
    assert [reason[:22] for reason in verdict.reasons] == [
        "Nuke: the adapter went",
        "Nuke: P95 of reconnect",
        "Nuke: only 0 of 60 cyc",
    ]
    never = [Cycle(Loss.VANISH, CycleOutcome.NOT_READY, None, None)] * 60
    assert judge_car("Nuke", never, [P95, SUCCESS], "deaf").reasons == ("Nuke: deaf",)


def test_links_that_go_by_themselves_are_a_figure():
    limit = Limit(Figure.HELD, 0.95, at_least=0.95)
    dropped = [replace(cycle, held=False) for cycle in cycles(20)]
    assert judge_limit("Skull", cycles(60), limit).outcome is Outcome.PASS
    verdict = judge_limit("Skull", cycles(80) + dropped, limit)
    assert verdict.outcome is Outcome.FAIL
    assert "only 80 of 100 cycles held their link until it was broken" in verdict.reason
