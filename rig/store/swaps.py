"""The row of a finished swap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SwapRow:
    """One swap, instants in run seconds; the fields are those of `rig.soak.swap.steps.SwapResult`. The steps' columns
    hold their durations in seconds, None for a step that was not reached; `retries` what was tried again in all of
    them. `taken_out`, `responses` and `faults` are JSON (see `rig.soak.swap.row`)."""

    TABLE: ClassVar[str] = "swaps"

    leg: int
    swap: int
    from_set: str
    to_set: str
    outcome: str
    began_s: float
    ended_s: float
    ready_s: float | None
    end_s: float | None
    off_s: float | None
    set_up_s: float | None
    charge_s: float | None
    retries: int
    error: str | None
    taken_out: str
    responses: str
    faults: str

    @property
    def key(self) -> tuple[int, ...]:
        """Its number."""
        return (self.swap,)
