"""The day report's figures, from the event log and plain numbers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booth.handover.report.races import RaceFigures, race_figures
from booth.handover.report.returns import PeopleCounts, Pipeline, Returns, returns_of
from booth.handover.report.service import ServiceFigures, service_figures
from booth.handover.report.spans import Logged, Span, merged, open_spans, within
from booth.pack.model import Objective, ShowPack

LESS_IS_BETTER = ("cost_per_lead", "cost_per_qualified_lead")


@dataclass(frozen=True, slots=True)
class Target:
    """An objective written down before, and what came of it; None: it cannot be said."""

    objective: Objective
    actual: float | None

    @property
    def is_met(self) -> bool | None:
        """Whether it was reached; a cost is reached when it is not above the target."""
        if self.actual is None:
            return None
        if self.objective.key in LESS_IS_BETTER:
            return self.actual <= self.objective.target
        return self.actual >= self.objective.target


@dataclass(frozen=True, slots=True)
class LogProof:
    """What holds the log together: the last `link` of its chain, and where the chain is broken (None: it is whole)."""

    link: str
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day at the stand. `until` is the end of the day, or when the report was made; `opened` when visitors were let in;
    `proof` None: the log was not checked.
    `responsiveness_p95_ms` from a player's input to the command's write, None: not measured."""

    show: str
    client: str
    day: date
    time_zone: str
    until: datetime
    opened: tuple[Span, ...]
    advertised: tuple[Span, ...]
    races: RaceFigures
    service: ServiceFigures
    returns: Returns
    targets: tuple[Target, ...]
    responsiveness_p95_ms: float | None
    proof: LogProof | None


def day_span(day: date, time_zone: str) -> Span:
    """A day of the show, midnight to midnight in its time zone."""
    return Span(_instant(day, time.min, time_zone), _instant(day + timedelta(days=1), time.min, time_zone))


def _instant(day: date, at: time, time_zone: str) -> datetime:
    """In UTC: a difference of two times in one zone forgets that clocks change."""
    return datetime.combine(day, at, ZoneInfo(time_zone)).astimezone(UTC)


def advertised_hours(pack: ShowPack, day: date) -> tuple[Span, ...]:
    """When the pack says that visitors are let in on a day. Hours that name the day come before those of every day."""
    of_day = [each for each in pack.hours if each.day == day]
    chosen = of_day or [each for each in pack.hours if each.day is None]
    zone = pack.time_zone
    return merged(Span(_instant(day, each.opens, zone), _instant(day, each.closes, zone)) for each in chosen)


def day_report(
    pack: ShowPack,
    day: date,
    log: Sequence[Logged],
    now: datetime,
    *,
    people: PeopleCounts | None = None,
    pipeline: Pipeline | None = None,
    responsiveness_p95_ms: float | None = None,
    proof: LogProof | None = None,
) -> DayReport:
    """The figures of one day. `log` may hold other days too; `now` cuts a day that is not over."""
    whole = day_span(day, pack.time_zone)
    until = min(now, whole.end)
    of_day = [(at, record) for at, record in log if whole.start <= at < until]
    opened = open_spans(of_day, until)
    advertised = within(advertised_hours(pack, day), [Span(whole.start, until)])
    races = race_figures(of_day, opened, until)
    service = service_figures(of_day, opened, advertised, until)
    returns = returns_of(people, pack.money, races.unique_players, pipeline)
    values = _values(races, service, returns)
    return DayReport(
        show=pack.name,
        client=pack.brand.client,
        day=day,
        time_zone=pack.time_zone,
        until=until,
        opened=opened,
        advertised=advertised,
        races=races,
        service=service,
        returns=returns,
        targets=tuple(Target(each, values[each.key]) for each in pack.objectives),
        responsiveness_p95_ms=responsiveness_p95_ms,
        proof=proof,
    )


def _values(races: RaceFigures, service: ServiceFigures, returns: Returns) -> Mapping[str, float | None]:
    """The figures that an objective may name (`booth.pack.reading_business.FIGURES`)."""
    people = returns.people
    return {
        "races": races.races,
        "players": races.plays,
        "unique_players": races.unique_players,
        "leads": None if people is None else people.leads,
        "qualified_leads": None if people is None else people.qualified,
        "consented_leads": None if people is None else people.consented,
        "entries": None if people is None else people.entries,
        "calls_to_action": None if people is None else sum(people.calls_to_action.values()),
        "uptime_share": service.uptime_share,
        "cost_per_lead": returns.cost_per_lead,
        "cost_per_qualified_lead": returns.cost_per_qualified_lead,
    }
