"""From reconnect cycles to the figures that limits are put on, and to the verdict on one car. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rig.soak.limits import LimitVerdict, judge_quantile, judge_rate
from rig.soak.outcome import CycleOutcome
from rig.soak.reconnect.plan import Figure, Loss, ReconnectLimit
from rig.soak.verdict import Circumstances, Verdict, verdict_of
from rig.statistics.quantiles import Sample


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a verdict needs to know of one finished cycle. Latencies are in seconds: None when there is none
    (no loss was made, or the bench failed), and "at least" that much when `outcome` is TIMEOUT. `held`: the
    link did not go by itself before it was broken."""

    loss: Loss
    outcome: CycleOutcome
    reconnect_s: float | None
    recovery_s: float | None
    held: bool = True


_RATE_WORDS = {
    Figure.FIRST_ATTEMPT: "came back at the first attempt",
    Figure.SUCCESS: "came back in time",
    Figure.HELD: "held their link until it was broken",
}
_UNITS = "cycles"


def samples_of(cycles: Iterable[Cycle], figure: Figure) -> list[Sample]:
    """The latencies of a figure; timeouts stay in, as censored."""
    samples = []
    for cycle in cycles:
        value = cycle.reconnect_s if figure is Figure.RECONNECT else cycle.recovery_s
        if value is not None:
            samples.append(Sample(cycle.outcome is CycleOutcome.TIMEOUT, value))
    return samples


def successes_of(cycles: Iterable[Cycle], figure: Figure) -> tuple[int, int]:
    """(successes, trials) of a rate; cycles the bench spoiled are no trials."""
    good = {CycleOutcome.OK} if figure is Figure.FIRST_ATTEMPT else {CycleOutcome.OK, CycleOutcome.FLAKY}
    counted = [cycle for cycle in cycles if cycle.outcome is not CycleOutcome.VOID]
    if figure is Figure.HELD:
        return sum(cycle.held for cycle in counted), len(counted)
    return sum(cycle.outcome in good for cycle in counted), len(counted)


def judge_car(
    label: str,
    cycles: Sequence[Cycle],
    limits: Sequence[ReconnectLimit],
    bench: str | None,
    *,
    given_up: str | None = None,
    planned: int | None = None,
) -> Verdict:
    """Judges one car. `bench` says why its part of the run could not be finished, if the bench failed it;
    `given_up` why the car was left alone, which fails it; `planned` how many cycles there should be, for a car
    that did not run them all has not passed."""
    heard = any(cycle.reconnect_s is not None for cycle in cycles)
    around = Circumstances(len(cycles), planned, bench, heard, given_up)
    return verdict_of(
        label, tuple(judge_limit(label, cycles, limit) for limit in limits), around, units=_UNITS
    )


def judge_limit(label: str, cycles: Sequence[Cycle], limit: ReconnectLimit) -> LimitVerdict:
    """Judges one limit over a car's cycles; the reason names the car, the figure and the limit."""
    chosen = [cycle for cycle in cycles if limit.loss is None or cycle.loss is limit.loss]
    figure = Figure(limit.figure)
    if figure.is_latency:
        return judge_quantile(label, samples_of(chosen, figure), limit, _UNITS)
    successes, trials = successes_of(chosen, figure)
    return judge_rate(label, successes, trials, limit, what=_RATE_WORDS[figure], units=_UNITS)
