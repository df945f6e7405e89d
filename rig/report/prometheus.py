"""A run's figures for those who scrape: gauges made of the same `Metric`s as every other report. Pure.

`reconnect.p95_s` of a car becomes `pitboard_reconnect_seconds{plan="…",car="…",quantile="0.95"}`, a share
`pitboard_…_ratio`. node_exporter's textfile collector takes the file as it is; a run that is over keeps its figures
until the next, so `pitboard_run_end_timestamp_seconds` says how old they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from rig.report.exposition import Gauge, exposition
from rig.report.metric import Metric, pooled
from rig.report.model import RunReport
from rig.soak.outcome import Outcome

_UNITS = {"s": "seconds", "share": "ratio", "mAh": "milliampere_hours", "mm/s": "millimetres_per_second"}
_QUANTILE = re.compile(r"p(\d+)")
_UNFIT = re.compile(r"[^a-zA-Z0-9_]+")
_HELPS = {
    "pitboard_run_outcome": "1 for the verdict of the latest run of the plan, 0 for the other verdicts.",
    "pitboard_car_outcome": "1 for the verdict of a car in the latest run of the plan, 0 for the other verdicts.",
    "pitboard_run_start_timestamp_seconds": "When the run began, in seconds since 1970.",
    "pitboard_run_end_timestamp_seconds": "When the run ended, in seconds since 1970; missing while it runs.",
    "pitboard_run_duration_seconds": "Run seconds on record; virtual ones in a simulated run.",
    "pitboard_run_gaps": "How often the run was cut short and resumed.",
    "pitboard_run_info": "Always 1; its labels name the run.",
    "pitboard_version_info": "Always 1; what the run was made with.",
    "pitboard_metric_units": "How many cycles, lives or swaps a figure rests on.",
}


def render_prometheus(report: RunReport) -> str:
    """The file, in exposition format 0.0.4."""
    helps = dict(_HELPS)
    gauges = [*_run(report), *_cars(report)]
    for metric in pooled(report.metrics):
        labels = {"plan": report.run.plan_name, **_subject(metric)}
        name, quantile = _name(metric)
        helps[name] = f"{metric.name.partition('.')[0]} figure, in {_unit(metric)}; {metric.better} is good."
        gauges.append(Gauge(name, {**labels, **quantile}, metric.value))
        gauges.append(Gauge("pitboard_metric_units", {**labels, "metric": metric.name}, metric.n))
    return exposition(helps, gauges)


def _run(report: RunReport) -> Iterator[Gauge]:
    run, plan = report.run, {"plan": report.run.plan_name}
    for outcome in Outcome:
        yield Gauge("pitboard_run_outcome", {**plan, "outcome": outcome.value}, report.outcome is outcome)
    yield Gauge("pitboard_run_start_timestamp_seconds", plan, _timestamp(run.started_at))
    if run.ended_at is not None:
        yield Gauge("pitboard_run_end_timestamp_seconds", plan, _timestamp(run.ended_at))
    yield Gauge("pitboard_run_duration_seconds", plan, report.ended_s)
    yield Gauge("pitboard_run_gaps", plan, len(report.gaps))
    about = {**plan, "run": run.run_id, "radio": run.radio, "seed": str(run.seed)}
    yield Gauge("pitboard_run_info", about, 1)
    for name, version in report.versions.items():
        yield Gauge("pitboard_version_info", {**plan, "name": name, "version": version}, 1)


def _cars(report: RunReport) -> Iterator[Gauge]:
    for car, outcome in report.car_outcomes.items():
        for each in Outcome:
            labels = {"plan": report.run.plan_name, "car": car, "outcome": each.value}
            yield Gauge("pitboard_car_outcome", labels, outcome is each)


def _name(metric: Metric) -> tuple[str, dict[str, str]]:
    """The gauge's name, and the quantile as a label where the figure is one."""
    kind, _, figure = metric.name.partition(".")
    figure = figure.removesuffix(f"_{metric.unit.lower()}")
    quantile = _QUANTILE.fullmatch(figure)
    words = ["pitboard", kind, *([] if quantile else [figure]), _unit(metric)]
    label = {"quantile": f"{int(quantile[1]) / 10 ** len(quantile[1]):g}"} if quantile else {}
    return _UNFIT.sub("_", "_".join(words)), label


def _unit(metric: Metric) -> str:
    return _UNITS.get(metric.unit, metric.unit)


def _subject(metric: Metric) -> dict[str, str]:
    return {} if metric.subject_kind == "run" else {metric.subject_kind: metric.subject}


def _timestamp(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
