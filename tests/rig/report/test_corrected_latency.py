"""A long outage counts as often as a link would have broken in it."""

from __future__ import annotations

from rig.report.json_report import as_document
from rig.report.reconnect.omission import corrected_latency
from rig.report.run_report import report_of
from rig.statistics.quantiles import Sample
from tests.rig.report.synthetic_runs import make_run


def test_the_report_has_corrected_latencies_beside_the_raw_ones():
    report = report_of(make_run(broken=("Skull",)))
    for car in as_document(report)["cars"]:
        found = car["reconnect_corrected"]
        assert found["n"] >= car["reconnect"]["n"]
        assert found["expected_interval_s"] > 0
        for q, raw in car["reconnect"]["quantiles"].items():
            assert found["quantiles"][q]["s"] >= raw["value"]["s"]


def test_too_few_losses_tell_no_interval():
    rows = make_run(cycles=2).cycles[:2]
    assert corrected_latency(rows, [Sample(False, 1.0)], (0.5,)) is None
