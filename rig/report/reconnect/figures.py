"""The plots of a reconnect part, as figures made of its report. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rig.report.plots.canvas import GREEN, GREY, ORANGE, PINK, YELLOW
from rig.report.plots.latency import LatencyCurve, LatencyFigure, Whisker, span_of
from rig.report.plots.limit_lines import LimitLine
from rig.report.plots.stages import StagesFigure
from rig.report.plots.timeline import Gap, Lane, MarkKind, Marks, TimelineFigure
from rig.report.reconnect.model import STAGES, LatencyFigures, ReconnectCar, SetReport
from rig.report.reconnect.omission import corrected_latency
from rig.soak.outcome import CycleOutcome
from rig.soak.reconnect.plan import Figure, Loss, ReconnectLimit
from rig.statistics.omission import corrected
from rig.statistics.quantiles import Reading, Sample
from rig.store.rows import GapRow

_WHISKERS = (0.5, 0.95)
_STAGE_WORDS = {"noticed": "until noticed", "retries": "failed attempts"}
_LOSS_WORDS = {Loss.DISCONNECT: "after a disconnect", Loss.VANISH: "after a car that fell silent"}
_MARKS = {
    CycleOutcome.OK: MarkKind("back at once", "|", GREEN, line=True),
    CycleOutcome.FLAKY: MarkKind("back after a retry", "^", YELLOW, 5),
    CycleOutcome.TIMEOUT: MarkKind("timed out", "X", ORANGE, 6.5),
    CycleOutcome.NOT_READY: MarkKind("not ready", "s", PINK, 5),
    CycleOutcome.VOID: MarkKind("bench failed", "o", GREY, 4.5),
}


def latency_figures(
    sets: Sequence[SetReport], limits: Sequence[ReconnectLimit], timeout_s: float
) -> list[LatencyFigure]:
    """One per set: a curve per car."""
    curves = {group.name: [_curve(car) for car in group.cars] for group in sets}
    span_s = span_of([curve for of_set in curves.values() for curve in of_set], timeout_s)
    lines = _limit_lines(limits, timeout_s)
    return [
        LatencyFigure(f"set {name}", tuple(of_set), lines, timeout_s, span_s)
        for name, of_set in curves.items()
        if any(curve.times_s or curve.timeouts for curve in of_set)
    ]


def omission_figures(sets: Sequence[SetReport], timeout_s: float) -> list[LatencyFigure]:
    """One per set: its cycles pooled, as measured and with those put back that long ones left out."""
    pooled = {
        group.name: (
            _pooled("as measured (raw)", [sample for car in group.cars for sample in car.samples]),
            _pooled("with what was left out (corrected)", [s for car in group.cars for s in _corrected(car)]),
        )
        for group in sets
    }
    span_s = span_of([curve for curves in pooled.values() for curve in curves], timeout_s)
    return [
        LatencyFigure(f"set {name}", curves, (), timeout_s, span_s, y_label="share of cycles")
        for name, curves in pooled.items()
        if all(curve.times_s or curve.timeouts for curve in curves)
    ]


def stages_figures(cars: Sequence[ReconnectCar]) -> list[StagesFigure]:
    """One per kind of loss."""
    bars = [(car, times) for car in cars for times in car.stages if times.n]
    longest_s = max((sum(times.mean_s) for _, times in bars), default=1.0)
    words = tuple(_STAGE_WORDS.get(stage, stage) for stage in STAGES)
    figures = [
        StagesFigure(
            _LOSS_WORDS.get(loss, loss.words),
            words,
            tuple((car.label, times.mean_s) for car, times in bars if times.loss is loss),
            longest_s,
        )
        for loss in Loss
    ]
    return [figure for figure in figures if figure.bars]


def timeline_figures(sets: Sequence[SetReport], gaps: Sequence[GapRow]) -> list[TimelineFigure]:
    """One per set: every cycle where it happened."""
    kinds = list(_MARKS)
    cuts = tuple(Gap(gap.from_s, gap.until_s) for gap in gaps)
    return [
        TimelineFigure(
            f"set {group.name}",
            tuple(_lane(car, kinds) for car in group.cars),
            mark_kinds=tuple(_MARKS.values()),
            gaps=cuts,
        )
        for group in sets
        if any(car.rows for car in group.cars)
    ]


def _lane(car: ReconnectCar, kinds: Sequence[CycleOutcome]) -> Lane:
    marks = (
        Marks(index, tuple(row.ended_s for row in car.rows if row.outcome == kind))
        for index, kind in enumerate(kinds)
    )
    return Lane(car.label, marks=tuple(mark for mark in marks if mark.at_s))


def _curve(car: ReconnectCar) -> LatencyCurve:
    return LatencyCurve(
        car.label,
        tuple(sample.value_s for sample in car.samples if not sample.censored),
        sum(sample.censored for sample in car.samples),
        _whiskers(car.reconnect),
    )


def _whiskers(figures: LatencyFigures) -> tuple[Whisker, ...]:
    def value(reading: Reading | None) -> float | None:
        return None if reading is None or reading.at_least else reading.value_s

    return tuple(
        Whisker(figure.q, value(figure.bounds.lower), value(figure.bounds.upper))
        for figure in figures.quantiles
        if figure.q in _WHISKERS
    )


def _corrected(car: ReconnectCar) -> list[Sample]:
    latency = corrected_latency(car.rows, car.samples, ())
    return list(car.samples) if latency is None else corrected(car.samples, latency.expected_interval_s)


def _pooled(label: str, samples: Sequence[Sample]) -> LatencyCurve:
    return LatencyCurve(
        label,
        tuple(sample.value_s for sample in samples if not sample.censored),
        sum(sample.censored for sample in samples),
    )


def _limit_lines(limits: Sequence[ReconnectLimit], timeout_s: float) -> tuple[LimitLine, ...]:
    """All that can be drawn on an axis of reconnect latency: its quantiles, and the share back in time."""
    lines = []
    for limit in limits:
        if limit.figure is Figure.RECONNECT and limit.at_most_s is not None and limit.quantile is not None:
            lines.append(LimitLine(limit.name, limit.at_most_s, limit.quantile))
        elif limit.figure is Figure.SUCCESS and limit.at_least is not None:
            lines.append(LimitLine(limit.name, timeout_s, limit.at_least))
    return tuple(lines)
