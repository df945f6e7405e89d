"""Bugs on the way from cycles to a verdict. The checks are cars whose verdict is known because they were made so."""

from __future__ import annotations

from rig.soak import limits
from rig.soak.outcome import CycleOutcome, Outcome
from rig.soak.reconnect import figures
from rig.soak.reconnect.figures import Cycle, judge_car
from rig.soak.reconnect.plan import Loss, ReconnectLimit
from tests.planted.bug import PlantedBug

IN_TIME = ReconnectLimit("reconnect", 0.95, quantile=0.95, at_most_s=6.0)
COMES_BACK = ReconnectLimit("success", 0.95, at_least=0.95)
GOOD = Cycle(Loss.DISCONNECT, CycleOutcome.OK, 1.0, 0.9)
NEVER = Cycle(Loss.DISCONNECT, CycleOutcome.TIMEOUT, 30.0, 30.0)
VOID = Cycle(Loss.DISCONNECT, CycleOutcome.VOID, None, None)


def judged(cycles, limit, wanted):
    verdict = judge_car("Skull A1", cycles, [limit], None)
    return (
        None
        if verdict.outcome is wanted
        else f"{len(cycles)} cycles were judged {verdict.outcome}, not {wanted}"
    )


def car_that_stays_away() -> str | None:
    """One in five does not come back at all."""
    return judged([GOOD] * 80 + [NEVER] * 20, IN_TIME, Outcome.FAIL)


def three_good_cycles() -> str | None:
    return judged([GOOD] * 3, IN_TIME, Outcome.INCONCLUSIVE)


def three_of_three() -> str | None:
    return judged([GOOD] * 3, COMES_BACK, Outcome.INCONCLUSIVE)


def bench_that_failed() -> str | None:
    """Nothing was measured but the bench's own failures."""
    return judged([VOID] * 100, COMES_BACK, Outcome.INCONCLUSIVE)


def timeouts_dropped(patch):
    really = figures.samples_of
    patch.setattr(figures, "samples_of", lambda *a: [sample for sample in really(*a) if not sample.censored])


def percentiles_of_successes(patch):
    for name in ("quantile", "upper_bound", "lower_bound"):
        really = getattr(limits, name)

        def of_successes(samples, *more, really=really):
            return really([sample for sample in samples if not sample.censored], *more)

        patch.setattr(limits, name, of_successes)


def bound_without_n(patch):
    patch.setattr(limits, "upper_bound", lambda samples, q, _confidence: limits.quantile(samples, q))


def rate_without_bounds(patch):
    def wilson(successes, trials, confidence, **_):
        share = successes / trials
        return limits.Rate(successes, trials, share, share)

    patch.setattr(limits, "wilson", wilson)


def void_is_pass(patch):
    really = figures.successes_of

    def successes_of(cycles, figure):
        cycles = list(cycles)
        good, trials = really(cycles, figure)
        void = sum(cycle.outcome is CycleOutcome.VOID for cycle in cycles)
        return good + void, trials + void

    patch.setattr(figures, "successes_of", successes_of)


KNOWN = "cars whose verdict is known because they were made so"
BUGS = (
    PlantedBug("timeouts-dropped", "analysis", "a cycle that timed out has no latency", KNOWN,
               "judged PASS, not FAIL", timeouts_dropped, car_that_stays_away),
    PlantedBug("percentiles-of-successes", "analysis", "quantiles and their bounds are taken over those that came back", KNOWN,
               "judged PASS, not FAIL", percentiles_of_successes, car_that_stays_away),
    PlantedBug("bound-without-n", "analysis", "a quantile passes for its own bound, however few the cycles", KNOWN,
               "judged PASS, not INCONCLUSIVE", bound_without_n, three_good_cycles),
    PlantedBug("rate-without-bounds", "analysis", "a rate passes for its own bound: three of three is 100 %", KNOWN,
               "judged PASS, not INCONCLUSIVE", rate_without_bounds, three_of_three),
    PlantedBug("void-is-pass", "analysis", "a cycle that the bench spoiled counts as a success of the car", KNOWN,
               "judged PASS, not INCONCLUSIVE", void_is_pass, bench_that_failed),
)  # fmt: skip
