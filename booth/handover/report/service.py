"""How well the stand served its visitors: uptime, incidents and their cures, swaps, restarts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean, median

from booth.handover.report.spans import Found, Logged, Span, Stretch, stretches, total_s, within
from booth.show.records import (
    IncidentBegan,
    IncidentCured,
    ModeChanged,
    ProcessBegan,
    Refused,
    RestartAsked,
    SwapCalled,
    SwapDone,
)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong; `cured_by` is the rung of the ladder, None: it is not right again."""

    number: int
    at: datetime
    kind: str
    words: str
    severity: str
    car: int | None
    cured_by: str | None = None
    took_s: float | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """A change of the sets."""

    at: datetime
    to_set: str
    took_s: float
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """A mode whose state was changed."""

    at: datetime
    mode: str
    before: str
    after: str
    by: str
    state: str


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """How the stand was served. `uptime_share` is playable time of the open time, planned swaps left out of both;
    `advertised_s` is how long it should have been open, of which `missed_s` it was not. `mttr_s` is the mean time to
    recover."""

    stretches: tuple[Stretch, ...]
    open_s: float
    advertised_s: float
    missed_s: float
    playable_s: float
    planned_s: float
    down_s: float
    incidents: tuple[Incident, ...]
    mttr_s: float | None
    rungs: Mapping[str, int]
    restarts: Mapping[str, int]
    processes: int
    versions: tuple[str, ...]
    swaps: tuple[Swap, ...]
    median_swap_s: float | None
    refused: int
    changes: tuple[Change, ...]

    @property
    def uptime_share(self) -> float | None:
        """0 to 1; None while it was never open but for swaps."""
        asked_s = self.playable_s + self.down_s
        return self.playable_s / asked_s if asked_s else None


def service_figures(
    log: Sequence[Logged], opened: Sequence[Span], advertised: Sequence[Span], until: datetime
) -> ServiceFigures:
    """The figures of a day's log. `advertised` are the opening hours, up to `until`."""
    found = stretches(log, opened, until)
    incidents = incidents_of(log)
    cured = [each.took_s for each in incidents if each.took_s is not None]
    swaps = swaps_of(log)
    begun = [record for _, record in log if isinstance(record, ProcessBegan)]
    return ServiceFigures(
        stretches=found,
        open_s=total_s(opened),
        advertised_s=total_s(advertised),
        missed_s=total_s(advertised) - total_s(within(opened, advertised)),
        playable_s=_seconds(found, Found.PLAYABLE),
        planned_s=_seconds(found, Found.PLANNED),
        down_s=_seconds(found, Found.DOWN),
        incidents=incidents,
        mttr_s=fmean(cured) if cured else None,
        rungs=Counter(each.cured_by for each in incidents if each.cured_by is not None),
        restarts=Counter(record.what for _, record in log if isinstance(record, RestartAsked)),
        processes=len(begun),
        versions=tuple(dict.fromkeys(record.version for record in begun)),
        swaps=swaps,
        median_swap_s=median(each.took_s for each in swaps) if swaps else None,
        refused=sum(isinstance(record, Refused) for _, record in log),
        changes=tuple(
            Change(at, record.mode, record.before, record.after, record.by, record.state)
            for at, record in log
            if isinstance(record, ModeChanged)
        ),
    )


def incidents_of(log: Sequence[Logged]) -> tuple[Incident, ...]:
    """Every incident with its cure. A number that comes again is another incident."""
    made: list[Incident] = []
    for at, record in log:
        if isinstance(record, IncidentBegan):
            made.append(Incident(record.number, at, record.kind, record.words, record.severity, record.car))
        elif isinstance(record, IncidentCured):
            waiting = [
                place
                for place, each in enumerate(made)
                if each.number == record.number and each.cured_by is None
            ]
            if waiting:
                made[waiting[-1]] = replace(made[waiting[-1]], cured_by=record.by, took_s=record.took_s)
    return tuple(made)


def swaps_of(log: Sequence[Logged]) -> tuple[Swap, ...]:
    """Every swap that was finished."""
    made = []
    why = ""
    for at, record in log:
        if isinstance(record, SwapCalled):
            why = record.why
        elif isinstance(record, SwapDone):
            made.append(Swap(at, record.to_set, record.took_s, why))
            why = ""
    return tuple(made)


def _seconds(found: Sequence[Stretch], kind: Found) -> float:
    return total_s(each.span for each in found if each.found is kind)
