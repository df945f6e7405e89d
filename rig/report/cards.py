"""Each car over all parts of a run: its verdicts side by side, and what to do with it in the morning. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rig.report.advice import advice
from rig.report.metric import Metric
from rig.report.model import RunReport
from rig.soak.outcome import Outcome, worst

_TELLING = {
    "reconnect": (("reconnect.p95_s", "P95"), ("reconnect.success", "back in")),
    "battery": (("battery.life_s", "life"), ("battery.charge_s", "charge")),
    "swap": (("swap.success", "went through"),),
}


@dataclass(frozen=True, slots=True)
class CardLine:
    """What one part says of a car: its verdict, and the figures that matter most in a few words."""

    part: str
    outcome: Outcome
    figure: str


@dataclass(frozen=True, slots=True)
class CarCard:
    """One car, its worst verdict, and advice."""

    label: str
    detail: str
    outcome: Outcome
    lines: tuple[CardLine, ...]
    advice: str


def cards_of(report: RunReport) -> tuple[CarCard, ...]:
    """One for each car, in the order of their sets."""
    cars = {car.identifier: car for part in report.parts for car in reversed(part.cars)}
    order = dict.fromkeys(car.identifier for part in report.parts for car in part.cars)
    cards = []
    for identifier in order:
        car = cars[identifier]
        lines, by_kind = [], dict[str, list[Outcome]]()
        for part in report.parts:
            for each in part.cars:
                if each.identifier == identifier:
                    outcome = each.verdict.outcome
                    lines.append(
                        CardLine(part.row.title, outcome, _figure(part.row.kind, part.metrics, each.label))
                    )
                    by_kind.setdefault(part.row.kind, []).append(outcome)
        judged = {kind: worst(outcomes) for kind, outcomes in by_kind.items()}
        firmware = "" if car.firmware is None else f", fw {car.firmware:04x}"
        cards.append(
            CarCard(
                car.label,
                f"set {car.set_name}, {identifier:08x}{firmware}",
                worst(judged.values()),
                tuple(lines),
                advice(judged),
            )
        )
    return tuple(cards)


def _figure(kind: str, metrics: tuple[Metric, ...], label: str) -> str:
    found = {
        metric.name: metric for metric in metrics if metric.subject_kind == "car" and metric.subject == label
    }
    return ", ".join(
        f"{words} {_value(found[name])}" for name, words in _TELLING.get(kind, ()) if name in found
    )


def _value(metric: Metric) -> str:
    if metric.unit == "share":
        return f"{metric.value * 100:.0f} % of {metric.n}"
    return f"{metric.value:.1f} s" if metric.value < 120.0 else f"{metric.value / 60.0:.1f} min"
