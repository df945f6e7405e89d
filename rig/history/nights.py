"""A series of nights: runs of one plan on one bench, each reduced to its figures and what it was made with. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

from rig.errors import InputError
from rig.report.metric import Metric

FORMAT = 1
_ROUNDING = 1e-6
FLEET = "all cars"
LEAST_FLEET = 3
"""Fewer cars have no median worth the name."""


@dataclass(frozen=True, slots=True)
class Night:
    """One night of a series. `number` counts from 1; `bench` are the facts of `bench_changes.bench_of`."""

    number: int
    run_id: str
    started_at: str
    bench: Mapping[str, str]
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A run that is not part of the series, and why."""

    run_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Series:
    """One figure of one subject over the nights: `values[i]` was measured on night `nights[i]`."""

    metric: str
    subject_kind: str
    subject: str
    unit: str
    better: str
    nights: tuple[int, ...]
    values: tuple[float, ...]
    units: tuple[int, ...]
    """How many cycles, lives or swaps each value rests on."""
    covers: tuple[str, ...] = ()
    """Of a series of the whole fleet: its cars."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """Whom it is about."""
        return self.covers or (self.subject,)

    @property
    def family(self) -> str:
        """What kind of soak it comes from: `battery` of `battery.life_s`."""
        return self.metric.partition(".")[0]

    @property
    def is_share(self) -> bool:
        """Whether values are shares from 0 to 1, whose changes count in points rather than in per cent."""
        return self.unit == "share"

    @property
    def counts(self) -> bool:
        """Whether values are rates: so many of their units."""
        return self.is_share and all(
            is_count(value, n) for value, n in zip(self.values, self.units, strict=True)
        )


def is_count(share: float, n: int) -> bool:
    """Whether a share is one of `n` units, and no mean of something that is itself a share."""
    return n > 0 and abs(share * n - round(share * n)) < _ROUNDING * n


def series_of(nights: Iterable[Night]) -> tuple[Series, ...]:
    """Every figure over the nights, car by car and then of the fleet: what befell all cars shows there sooner. What
    a car has is not looked at once more for its set or for the run: the same news would be told thrice, and every
    series more asks for stronger evidence from all."""
    points: dict[tuple[str, str, str], list[tuple[int, Metric]]] = {}
    for night in sorted(nights, key=lambda night: night.number):
        for metric in night.metrics:
            key = metric.name, metric.subject_kind, metric.subject
            points.setdefault(key, []).append((night.number, metric))
    finest: dict[str, str] = {}
    for name, kind, _ in points:
        finest[name] = min(finest.get(name, kind), kind, key=("car", "set", "run").index)
    series = tuple(
        Series(
            name,
            kind,
            subject,
            each[-1][1].unit,
            each[-1][1].better,
            tuple(number for number, _ in each),
            tuple(metric.value for _, metric in each),
            tuple(metric.n for _, metric in each),
        )
        for (name, kind, subject), each in points.items()
        if kind == finest[name]
    )
    return (*series, *_fleets([each for each in series if each.subject_kind == "car"]))


def _fleets(series: Sequence[Series]) -> list[Series]:
    """The fleet's series of each figure that enough cars have on the same nights."""
    together: dict[str, list[Series]] = {}
    for each in series:
        together.setdefault(each.metric, []).append(each)
    return [
        _fleet(cars)
        for cars in together.values()
        if len(cars) >= LEAST_FLEET and len({each.nights for each in cars}) == 1
    ]


def _fleet(cars: Sequence[Series]) -> Series:
    """A figure of the whole fleet: shares over all units; of others the median car, each measured by its own
    usual value, so that one car that goes its own way moves it by little."""
    one = cars[0]
    units = tuple(sum(column) for column in zip(*(each.units for each in cars), strict=True))
    nights = list(zip(*(each.values for each in cars), strict=True))
    usual = [median(each.values) for each in cars]
    if one.is_share:
        values = [
            fmean(night, weights=weights)
            for night, weights in zip(nights, zip(*(each.units for each in cars), strict=True), strict=True)
        ]
    elif min(usual) > 0.0:
        values = [
            median(usual) * median(value / own for value, own in zip(night, usual, strict=True))
            for night in nights
        ]
    else:
        values = [median(night) for night in nights]
    covers = tuple(each.subject for each in cars)
    return Series(one.metric, "fleet", FLEET, one.unit, one.better, one.nights, tuple(values), units, covers)


def nights_document(nights: Sequence[Night]) -> list[dict[str, Any]]:
    """The nights as plain values for JSON; `nights_of_document` reads them back."""
    return [
        {
            "night": night.number,
            "run": night.run_id,
            "started_at": night.started_at,
            "bench": dict(night.bench),
            "metrics": [asdict(metric) for metric in night.metrics],
        }
        for night in nights
    ]


def nights_of_document(document: object, *, source: str) -> tuple[Night, ...]:
    """The nights of a document that `pitboard trend --json` wrote.

    Raises:
        InputError: it is no such document.
    """
    try:
        if not isinstance(document, dict) or document["format"] != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")  # noqa: TRY301 - one sentence for all of it
        return tuple(
            Night(
                int(entry["night"]),
                str(entry["run"]),
                str(entry["started_at"]),
                {str(what): str(known) for what, known in entry["bench"].items()},
                tuple(Metric(**metric) for metric in entry["metrics"]),
            )
            for entry in document["nights"]
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{source} holds no nights ({error!r}); give a file written by 'pitboard trend --json'"
        ) from error
