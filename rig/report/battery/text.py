"""A battery part for the terminal: one table, and what stands out about each car."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import RenderableType
from rich.table import Table

from rig.report.battery.model import BatteryCar, BatteryPart, SetReport
from rig.report.text_words import outcome_text
from rig.soak.battery.ends import End
from rig.soak.outcome import worst


def table_of(part: BatteryPart) -> Table:
    """Lives and charges, car by car under their set."""
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=0,
        caption="minutes of driving and resting from full to dead; minutes and mAh of the charge after it",
        caption_justify="left",
    )
    table.add_column("car", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for heading in ("lives", "deaths", "life", "charge", "mAh", "speed held"):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in part.sets:
        table.add_row(*_set_row(group), style="bold")
        for place, car in enumerate(group.cars, start=1):
            table.add_row(*_car_row(car), end_section=place == len(group.cars))
    return table


def remarks_of(part: BatteryPart) -> Iterator[str]:
    """What stands out."""
    for car in part.cars:
        if car.diagnosis is not None:
            yield car.diagnosis


def minutes(seconds: float | None) -> str:
    """Minutes with one digit; a dash for nothing."""
    return "-" if seconds is None else f"{seconds / 60.0:.1f}"


def _set_row(group: SetReport) -> list[RenderableType]:
    median = group.curve.quantile(0.5).value
    done = sum(car.done for car in group.cars)
    outcome = worst(car.verdict.outcome for car in group.cars)
    return [
        f"set {group.name}",
        outcome_text(outcome),
        str(done),
        str(group.curve.events),
        minutes(median),
        "",
        "",
        "",
    ]


def _car_row(car: BatteryCar) -> list[RenderableType]:
    lives = car.lives
    done = str(car.done) if car.done == car.planned else f"{car.done}/{car.planned}"
    return [
        f" {car.label}",
        outcome_text(car.verdict.outcome),
        done,
        str(lives.ends.get(End.BATTERY, 0)),
        minutes(lives.life_s),
        minutes(lives.charge_s),
        "-" if lives.charge_mah is None else f"{lives.charge_mah:.0f}",
        "-" if lives.speed_held is None else f"{lives.speed_held * 100:.1f} %",
    ]
