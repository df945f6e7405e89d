"""Cars that leave a race: they keep what they have. Pure."""

from __future__ import annotations

from dataclasses import replace

from booth.race.standings import live_order
from booth.race.state import Phase, Race, Racer


def out_of(race: Race, racer: Racer, why: str, at_s: float) -> Racer:
    """The racer once its car is out. Whether it led on its last lap is kept: then a rerun is fair."""
    return replace(
        racer,
        out=why or "out",
        out_s=at_s,
        lost_lead=racer.lost_lead or _leads_at_last(race, racer),
        is_broken=True,
    )


def _leads_at_last(race: Race, racer: Racer) -> bool:
    if race.phase is not Phase.RUNNING or len(racer.laps) != race.mode.laps - 1:
        return False
    return live_order(race)[0].seat == racer.seat
