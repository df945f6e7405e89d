"""The figures of recoveries, on made-up ones."""

from __future__ import annotations

import pytest

from rig.radio.recovery.records import Recovery, RecoveryRecord, RungState
from rig.radio.recovery.rungs import Rung
from rig.report.recovery_figures import figures_of


def record(rung, cost_s=1.0, *, helped=False, state=RungState.OK):
    return RecoveryRecord(1, rung, "LinkLost", "Skull", "lost", 0.0, state, cost_s=cost_s, helped=helped)


def recovery(took_s, *records, recovered=True):
    return Recovery("Skull", "LinkLost", "LinkLost", recovered, 10.0, 10.0 + took_s, 2, records)


def test_without_recoveries_nothing_is_claimed():
    figures = figures_of([])
    assert (figures.share.lower, figures.share.upper) == (0.0, 1.0)
    assert figures.as_json()["share"] is None
    assert figures.as_json()["median_s"] is None


def test_share_time_and_what_each_rung_was_worth():
    skipped = record(Rung.POWER_CYCLE, 0.0, helped=None, state=RungState.SKIPPED)
    done = [
        recovery(2.0, record(Rung.RETRY, 2.0, helped=True)),
        recovery(4.0, record(Rung.RETRY, 1.0), record(Rung.BACK_OFF, 3.0, helped=True)),
        recovery(9.0, record(Rung.RETRY, 1.5), skipped, recovered=False),
        recovery(6.0, record(Rung.DROP_STALE, 6.0, helped=True, state=RungState.UNKNOWN)),
    ]
    figures = figures_of(done)
    assert (figures.share.successes, figures.share.trials) == (3, 4)
    assert figures.share.value == pytest.approx(0.75)
    assert figures.median is not None
    assert figures.median.value_s == 4.0
    assert figures.longest_s == 6.0
    by_rung = {rung.rung: rung for rung in figures.rungs}
    retry = by_rung[Rung.RETRY]
    assert (retry.tried, retry.helped, retry.median_cost_s) == (3, 1, 1.5)
    assert (by_rung[Rung.POWER_CYCLE].tried, by_rung[Rung.POWER_CYCLE].skipped) == (0, 1)
    assert by_rung[Rung.DROP_STALE].unknown == 1
    assert figures.as_json()["share_lower"] == pytest.approx(0.1941, abs=1e-4)
