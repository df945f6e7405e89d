"""A swap as the row it is stored as, and what is in the row's JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from rig.soak.swap.nemesis import FaultKind, Injection, Strike
from rig.soak.swap.steps import Blame, Response, ResponseKind, Step, SwapResult, TakenOut
from rig.store.swaps import SwapRow


def row_of(
    result: SwapResult, strikes: Sequence[Strike], *, leg: int, run_s: Callable[[float], float]
) -> SwapRow:
    """The row; `run_s` turns the loop's seconds into run seconds."""
    spent: dict[Step, float] = {}
    for mark in result.marks:
        spent[mark.step] = spent.get(mark.step, 0.0) + mark.ended_s - mark.began_s

    def took(step: Step) -> float | None:
        return round(spent[step], 6) if step in spent else None

    return SwapRow(
        leg=leg,
        swap=result.number,
        from_set=result.from_set,
        to_set=result.to_set,
        outcome=result.outcome.value,
        began_s=run_s(result.began_s),
        ended_s=run_s(result.ended_s),
        ready_s=took(Step.READY),
        end_s=took(Step.END),
        off_s=took(Step.OFF),
        set_up_s=took(Step.SET_UP),
        charge_s=took(Step.CHARGE),
        retries=sum(mark.retries for mark in result.marks),
        error=result.reason or None,
        taken_out=_json([[out.car, out.blame, out.why] for out in result.taken_out]),
        responses=_json(
            [
                [run_s(response.at_s), response.kind, response.words, list(response.cars)]
                for response in result.responses
            ]
        ),
        faults=_json(
            [
                [
                    strike.injection.kind,
                    strike.injection.step,
                    strike.injection.car,
                    strike.injection.amount,
                    None if strike.at_s is None else run_s(strike.at_s),
                    strike.met,
                ]
                for strike in strikes
            ]
        ),
    )


def taken_out_of(row: SwapRow) -> tuple[TakenOut, ...]:
    """The cars taken out in a swap."""
    return tuple(TakenOut(car, Blame(blame), why) for car, blame, why in json.loads(row.taken_out))


def responses_of(row: SwapRow) -> tuple[Response, ...]:
    """What the swap did about trouble."""
    return tuple(
        Response(at_s, ResponseKind(kind), words, tuple(cars))
        for at_s, kind, words, cars in json.loads(row.responses)
    )


def strikes_of(row: SwapRow) -> tuple[Strike, ...]:
    """What the nemesis did to the swap."""
    return tuple(
        Strike(Injection(FaultKind(kind), Step(step), car, amount), at_s, met)
        for kind, step, car, amount, at_s, met in json.loads(row.faults)
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
