"""From stored swaps to judged limits: per set (the one that leaves), per car, and what the nemesis came to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rig.soak.limits import Limit, LimitVerdict, judge_quantile, judge_rate
from rig.soak.swap.nemesis import FaultKind, Strike
from rig.soak.swap.plan import Figure
from rig.soak.swap.row import strikes_of, taken_out_of
from rig.soak.swap.steps import Blame, SwapOutcome
from rig.statistics.quantiles import Sample
from rig.store.swaps import SwapRow

_SAYS_NOTHING = frozenset({SwapOutcome.VOID, SwapOutcome.CUT})
_COMPLETE = frozenset({SwapOutcome.OK, SwapOutcome.FLAKY})


def is_complete(row: SwapRow) -> bool:
    """Whether the whole set was swapped."""
    return SwapOutcome(row.outcome) in _COMPLETE


def is_spoiled(row: SwapRow) -> bool:
    """Whether the nemesis struck in it."""
    return any(strike.at_s is not None for strike in strikes_of(row))


def is_fair(row: SwapRow) -> bool:
    """Whether it says something about the cars: nobody spoiled it and the bench did not fail."""
    return SwapOutcome(row.outcome) not in _SAYS_NOTHING and not is_spoiled(row)


def total_samples(rows: Iterable[SwapRow]) -> list[Sample]:
    """The times of fair swaps; one that was not complete took at least its time."""
    return [Sample(not is_complete(row), row.ended_s - row.began_s) for row in rows if is_fair(row)]


def successes(rows: Iterable[SwapRow]) -> tuple[int, int]:
    """(complete, all) of the fair swaps."""
    fair = [row for row in rows if is_fair(row)]
    return sum(is_complete(row) for row in fair), len(fair)


def car_successes(rows: Iterable[SwapRow], car: int) -> tuple[int, int]:
    """(swaps it was not taken out of, all) of the fair swaps; one its bay failed says nothing of it."""
    good = trials = 0
    for row in rows:
        out = [taken for taken in taken_out_of(row) if taken.car == car]
        if is_fair(row) and not any(taken.blame is Blame.BAY for taken in out):
            trials += 1
            good += not out
    return good, trials


def faults_met(strikes: Iterable[Strike]) -> tuple[int, int]:
    """(answered rightly, all) of the faults that struck and could be answered."""
    judged = [strike.met for strike in strikes if strike.met is not None]
    return sum(judged), len(judged)


def strikes_by_kind(rows: Iterable[SwapRow]) -> dict[FaultKind, list[Strike]]:
    """What the nemesis did, kind by kind."""
    found: dict[FaultKind, list[Strike]] = {}
    for row in rows:
        for strike in strikes_of(row):
            found.setdefault(strike.injection.kind, []).append(strike)
    return {kind: found[kind] for kind in FaultKind if kind in found}


def judge_set(name: str, rows: Sequence[SwapRow], limits: Sequence[Limit]) -> tuple[LimitVerdict, ...]:
    """The limits on time and success, for the swaps in which set `name` leaves."""
    label, leaving = f"set {name}", [row for row in rows if row.from_set == name]
    verdicts = []
    for limit in limits:
        if limit.figure == Figure.TOTAL:
            verdicts.append(judge_quantile(label, total_samples(leaving), limit, "swaps"))
        elif limit.figure == Figure.SUCCESS:
            good, trials = successes(leaving)
            verdicts.append(judge_rate(label, good, trials, limit, what="were complete", units="swaps"))
    return tuple(verdicts)


def judge_car(
    label: str, rows: Sequence[SwapRow], car: int, limits: Sequence[Limit]
) -> tuple[LimitVerdict, ...]:
    """The limit on success, for one car: the swaps that did not have to take it out."""
    good, trials = car_successes(rows, car)
    return tuple(
        judge_rate(label, good, trials, limit, what="went through with it", units="swaps")
        for limit in limits
        if limit.figure == Figure.SUCCESS
    )


def judge_faults(rows: Sequence[SwapRow], limits: Sequence[Limit]) -> tuple[LimitVerdict, ...]:
    """The limit on the nemesis's faults."""
    met, trials = faults_met(strike for row in rows for strike in strikes_of(row))
    return tuple(
        judge_rate("the swap handling", met, trials, limit, what="were answered rightly", units="faults")
        for limit in limits
        if limit.figure == Figure.FAULTS_MET
    )
