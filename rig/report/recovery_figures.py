"""What recoveries came to: the share that needed no person, how long it took, and what each rung was worth. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rig.radio.recovery.records import Recovery, RungState
from rig.radio.recovery.rungs import Rung
from rig.statistics.quantiles import Interval, Reading, Sample, interval, quantile
from rig.statistics.rates import Rate, exact

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class RungFigures:
    """One rung over many recoveries: how often it was tried and helped, was skipped, failed or stayed unknown,
    and its median cost in seconds (None when it was never tried)."""

    rung: Rung
    tried: int
    helped: int
    skipped: int
    failed: int
    unknown: int
    median_cost_s: float | None


@dataclass(frozen=True, slots=True)
class RecoveryFigures:
    """Many recoveries. `share` is of those that ended without a person, with its exact interval at `CONFIDENCE`;
    times to recover are of those alone, in seconds."""

    share: Rate
    median: Reading | None
    median_interval: Interval
    p95: Reading | None
    longest_s: float | None
    rungs: tuple[RungFigures, ...]

    def as_json(self) -> dict[str, Any]:
        """A JSON object."""
        bounds = self.median_interval
        return {
            "recoveries": self.share.trials,
            "recovered": self.share.successes,
            "share": None if not self.share.trials else round(self.share.value, 4),
            "share_lower": round(self.share.lower, 4),
            "share_upper": round(self.share.upper, 4),
            "confidence": CONFIDENCE,
            "median_s": _seconds(self.median),
            "median_lower_s": _seconds(bounds.lower),
            "median_upper_s": _seconds(bounds.upper),
            "p95_s": _seconds(self.p95),
            "longest_s": None if self.longest_s is None else round(self.longest_s, 3),
            "rungs": [
                {
                    "rung": rung.rung.value,
                    "tried": rung.tried,
                    "helped": rung.helped,
                    "skipped": rung.skipped,
                    "failed": rung.failed,
                    "unknown": rung.unknown,
                    "median_cost_s": None if rung.median_cost_s is None else round(rung.median_cost_s, 3),
                }
                for rung in self.rungs
            ],
        }


def figures_of(recoveries: Iterable[Recovery]) -> RecoveryFigures:
    """The figures of these recoveries."""
    all_of_them = list(recoveries)
    times = [Sample(censored=False, value_s=done.took_s) for done in all_of_them if done.recovered]
    return RecoveryFigures(
        share=exact(len(times), len(all_of_them), CONFIDENCE),
        median=quantile(times, 0.5),
        median_interval=interval(times, 0.5, CONFIDENCE),
        p95=quantile(times, 0.95),
        longest_s=max((time.value_s for time in times), default=None),
        rungs=tuple(_rung(rung, all_of_them) for rung in Rung if rung is not Rung.ASK),
    )


def _rung(rung: Rung, recoveries: Sequence[Recovery]) -> RungFigures:
    taken = [record for done in recoveries for record in done.taken if record.rung is rung]
    return RungFigures(
        rung=rung,
        tried=len(taken),
        helped=sum(record.helped is True for record in taken),
        skipped=sum(record.rung is rung for done in recoveries for record in done.skipped),
        failed=sum(record.state is RungState.FAIL for record in taken),
        unknown=sum(record.state is RungState.UNKNOWN for record in taken),
        median_cost_s=median(record.cost_s for record in taken) if taken else None,
    )


def _seconds(reading: Reading | None) -> float | None:
    return None if reading is None else round(reading.value_s, 3)
