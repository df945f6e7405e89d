"""A stored run as a comparison sees it: figures, samples, lives and verdicts by car. Pure."""

from __future__ import annotations

from rig.history.bench_changes import bench_of
from rig.history.comparison import RunFigures
from rig.report.battery.model import BatteryPart
from rig.report.metric import pooled
from rig.report.reconnect.model import ReconnectPart
from rig.report.run_report import report_of
from rig.statistics.survival import Observation
from rig.store.queries import StoredRun


def figures_of(stored: StoredRun) -> RunFigures:
    """What one run brings to a comparison."""
    report = report_of(stored)
    latencies: dict[str, list[float]] = {}
    lives: dict[str, list[Observation]] = {}
    for part in report.parts:
        if isinstance(part, BatteryPart):
            for battery in part.cars:
                lives.setdefault(battery.label, []).extend(battery.observations)
        if isinstance(part, ReconnectPart):
            for car in part.cars:
                # a timeout counts as long as it was waited: it can only be longer
                latencies.setdefault(car.label, []).extend(sample.value_s for sample in car.samples)
    return RunFigures(
        stored.run.run_id,
        report.outcome,
        pooled(report.metrics),
        bench_of(stored),
        report.car_outcomes,
        {"reconnect": latencies},
        lives,
    )
