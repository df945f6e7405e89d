"""The plots of a battery part, as figures made of its report. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rig.report.battery.model import BatteryPart, SetReport, Trace
from rig.report.plots.limit_lines import LimitLine
from rig.report.plots.survival import AliveCurve, AliveFrom, SurvivalFigure
from rig.report.plots.traces import Panel, TracesFigure
from rig.report.plots.traces import Trace as Line
from rig.soak.battery.ends import End
from rig.soak.battery.limits import Figure


def survival_figure(part: BatteryPart) -> SurvivalFigure | None:
    """The lives of each set, and every limit on them; None before the first life has ended."""
    curves = tuple(_alive(group) for group in part.sets if group.curve.steps)
    limits = tuple(
        LimitLine(limit.name, limit.bound, 1.0 - limit.quantile)
        for limit in part.plan.limits
        if limit.figure is Figure.LIFE and limit.at_least and limit.quantile is not None
    )
    title = "sets, their cars pooled" if len(curves) > 1 else "the cars of the set pooled"
    return SurvivalFigure(title, curves, limits) if curves else None


def voltage_figures(part: BatteryPart) -> list[TracesFigure]:
    """One per set: volts over the age of each life, a panel per car."""
    return _traces(part, "volts", charge=False, unit=1000.0)


def charging_figures(part: BatteryPart) -> list[TracesFigure]:
    """One per set: the charging current over the age of each charge, a panel per car."""
    return _traces(part, "mA", charge=True, unit=1.0)


def _alive(group: SetReport) -> AliveCurve:
    steps = tuple(
        AliveFrom(step.time_s, step.survival, step.lower, step.upper, step.at_risk, step.censored)
        for step in group.curve.steps
    )
    return AliveCurve(f"set {group.name}", steps, group.curve.lives)


def _traces(part: BatteryPart, y_label: str, *, charge: bool, unit: float) -> list[TracesFigure]:
    figures = []
    for group in part.sets:
        panels = []
        for car in group.cars:
            dead = {life.life for life in car.lives.lives if life.end == End.BATTERY}
            traces: Sequence[Trace] = car.charging if charge else car.voltages
            lines = tuple(
                Line(
                    tuple((at_s, value / unit) for at_s, value in trace.points), charge or trace.life in dead
                )
                for trace in traces
            )
            panels.append(Panel(car.label, lines))
        if any(panel.traces for panel in panels):
            figures.append(TracesFigure(f"set {group.name}", y_label, tuple(panels), from_zero=charge))
    return figures
