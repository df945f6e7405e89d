"""The day report for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from booth.handover.report.model import DayReport
from booth.handover.report.words import UNKNOWN, count, figure_of, money, share, span, verdict


def day_text(report: DayReport) -> str:
    """Both views, one after the other."""
    return "\n".join(
        [f"{report.show}, {report.day}: {headline(report)}", "", *_account(report), "", *_it(report)]
    )


def headline(report: DayReport) -> str:
    """The day in one sentence."""
    races, people = report.races, report.returns.people
    leads = "" if people is None else f", {count(people.leads)} leads"
    if not report.opened:
        return "visitors were not let in"
    return (
        f"{count(races.plays)} plays in {count(races.races)} races{leads};"
        f" the stand worked {share(report.service.uptime_share)} of the time it was open"
    )


def _account(report: DayReport) -> Iterator[str]:
    races, returns = report.races, report.returns
    people = returns.people
    yield "For account service"
    yield f"  plays          {count(races.plays)} by {count(races.unique_players)} visitors, {count(races.repeat_plays)} repeats"
    yield f"  an hour        {count(races.plays_per_hour)} plays; cycle {span(races.cycle_s)}"
    yield f"  races          {count(races.races)} with a result, {count(races.stopped)} given up"
    yield f"  waiting        half {span(races.wait_p50_s)}, one in twenty over {span(races.wait_p95_s)}"
    yield f"  quiet          {span(races.idle_s)} with no visitor at the wheel or waiting"
    if people is not None:
        yield f"  leads          {count(people.leads)}: {count(people.qualified)} qualified, {count(people.consented)} opted in"
        yield f"  in the draw    {count(people.entries)}"
        yield f"  conversion     {share(returns.conversion_share)} of the visitors who played"
        for code, scans in people.calls_to_action.items():
            yield f"  call to action {code}: {count(scans)}"
    yield f"  cost           {money(returns.cost, returns.currency)}"
    yield f"    per lead     {money(returns.cost_per_lead, returns.currency)}"
    yield f"    qualified    {money(returns.cost_per_qualified_lead, returns.currency)}"
    yield f"  ROI            {share(returns.roi)} (return - cost) / cost"
    if returns.pipeline_gain is not None:
        yield f"  pipeline       {money(returns.pipeline_gain, returns.currency)} (after - before) x win rate - cost"
    for target in report.targets:
        objective = target.objective
        actual = figure_of(target, target.actual, returns.currency)
        wanted = figure_of(target, objective.target, returns.currency)
        yield f"  objective      {objective.words or objective.key}: {actual} of {wanted}, {verdict(target)}"


def _it(report: DayReport) -> Iterator[str]:
    service, zone = report.service, ZoneInfo(report.time_zone)
    yield "For IT"
    yield f"  uptime         {share(service.uptime_share)}; down {span(service.down_s)}, planned swaps {span(service.planned_s)} apart"
    yield f"  open           {span(service.open_s)}; {span(service.missed_s)} of {span(service.advertised_s)} advertised missed"
    p95 = UNKNOWN if report.responsiveness_p95_ms is None else f"P95 {report.responsiveness_p95_ms:.1f} ms"
    yield f"  responsiveness {p95}"
    yield f"  incidents      {len(service.incidents)}, mean time to recover {span(service.mttr_s)}"
    for each in service.incidents:
        cure = "not right yet" if each.cured_by is None else f"{each.cured_by}, {span(each.took_s)}"
        yield f"    {each.at.astimezone(zone):%H:%M:%S}  {each.words} ({each.severity}): {cure}"
    restarts = ", ".join(f"{what} {times}" for what, times in service.restarts.items()) or "none"
    yield f"  restarts       {restarts}; race process begun {service.processes} times"
    yield f"  swaps          {len(service.swaps)}, median {span(service.median_swap_s)}"
    yield f"  refused        {service.refused}, for what was asked may not be"
    yield f"  laps           {count(report.races.laps)}"
    if report.proof is not None:
        yield f"  log            {report.proof.fault or f'whole, last link {report.proof.link}'}"
    yield f"  versions       {', '.join(service.versions) or 'none'}"
