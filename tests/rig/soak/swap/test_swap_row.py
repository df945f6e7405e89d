"""A swap as a row and back."""

from __future__ import annotations

from rig.soak.swap.nemesis import FaultKind, Injection, Strike
from rig.soak.swap.row import responses_of, row_of, strikes_of, taken_out_of
from rig.soak.swap.steps import (
    Blame,
    Response,
    ResponseKind,
    Step,
    StepMark,
    SwapOutcome,
    SwapResult,
    TakenOut,
)

OUT = TakenOut(1, Blame.CAR, "Skull A1: it still advertises")
RESPONSE = Response(13.0, ResponseKind.OUT, "Skull A1: it still advertises", (1,))
STRIKES = (
    Strike(Injection(FaultKind.STUCK_BUTTON, Step.OFF, 1, 4.0), 12.5, met=True),
    Strike(Injection(FaultKind.ADAPTER_LOST, Step.CHARGE), None, None),
)
RESULT = SwapResult(
    number=7,
    from_set="A",
    to_set="B",
    outcome=SwapOutcome.REFUSED,
    began_s=10.0,
    ended_s=20.0,
    reason=OUT.why,
    taken_out=(OUT,),
    marks=(
        StepMark(Step.READY, 10.0, 12.0, 0),
        StepMark(Step.OFF, 12.0, 16.0, 2),
        StepMark(Step.READY, 16.0, 20.0, 1),
    ),
    responses=(RESPONSE,),
)


def test_a_swap_survives_being_stored_in_run_seconds():
    row = row_of(RESULT, STRIKES, leg=3, run_s=lambda s: s + 100.0)
    assert (row.key, row.leg, row.began_s, row.ended_s, row.retries) == ((7,), 3, 110.0, 120.0, 3)
    assert (row.ready_s, row.off_s, row.charge_s) == (6.0, 4.0, None)
    assert taken_out_of(row) == (OUT,)
    assert responses_of(row) == (Response(113.0, ResponseKind.OUT, OUT.why, (1,)),)
    assert strikes_of(row) == (Strike(STRIKES[0].injection, 112.5, met=True), STRIKES[1])
