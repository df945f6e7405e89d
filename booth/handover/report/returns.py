"""What came of it for the client: leads, what they cost, what they return. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from booth.pack.model import Money


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """People as numbers. `entries` are tickets of the day's draw; `lead_players` leads who had raced; `calls_to_action`
    scans by code."""

    entries: int = 0
    leads: int = 0
    lead_players: int = 0
    consented: int = 0
    qualified: int = 0
    calls_to_action: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What sales says of its pipeline, in the pack's currency: worth `before` and `after` the show, and the share of it
    that is usually won, 0 to 1."""

    before: float
    after: float
    win_rate: float


@dataclass(frozen=True, slots=True)
class Returns:
    """Leads and money. None where it cannot be said: nobody counted, nothing to divide by, no value given.

    `roi` is (return - cost) / cost, the return being qualified leads times what one is worth. `pipeline_gain` is
    (after - before) x win rate - cost, in `currency`."""

    people: PeopleCounts | None
    currency: str
    cost: float
    cost_per_lead: float | None
    cost_per_qualified_lead: float | None
    value: float | None
    roi: float | None
    pipeline_gain: float | None
    conversion_share: float | None


def returns_of(
    people: PeopleCounts | None, money: Money, unique_players: int, pipeline: Pipeline | None
) -> Returns:
    """The figures of a day. `money` is the day's share of the show."""
    cost = sum(each.amount for each in money.costs)
    leads = 0 if people is None else people.leads
    qualified = 0 if people is None else people.qualified
    worth = money.value_per_qualified_lead
    value = None if people is None or not worth else qualified * worth
    return Returns(
        people=people,
        currency=money.currency,
        cost=cost,
        cost_per_lead=cost / leads if cost and leads else None,
        cost_per_qualified_lead=cost / qualified if cost and qualified else None,
        value=value,
        roi=(value - cost) / cost if cost and value is not None else None,
        pipeline_gain=None
        if pipeline is None
        else (pipeline.after - pipeline.before) * pipeline.win_rate - cost,
        conversion_share=people.lead_players / unique_players
        if people is not None and unique_players
        else None,
    )
