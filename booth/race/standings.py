"""From racers to a result, and from a result to a better one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from booth.race.modes import RULES
from booth.race.rules import Key
from booth.race.state import Race, Racer, Result
from booth.show.records import Standing


def result_of(race: Race) -> Result:
    """The result as the laps stand now."""
    rules = RULES[race.mode.kind]
    ranked = sorted(race.racers, key=lambda racer: rules.rank(race, racer))
    winner = ranked[0] if rules.has_won(race, ranked[0]) else None
    standings = tuple(_standing(race, racer, place) for place, racer in enumerate(ranked, start=1))
    return Result(standings, None if winner is None else winner.seat, rules.why_rerun(race, winner))


def live_order(race: Race) -> list[Racer]:
    """The racers from first to last as the race is on: who is in, then by how far each has come."""
    rules = RULES[race.mode.kind]

    def key(racer: Racer) -> Key:
        is_in = rules.is_done(race, racer)
        return (not is_in, 0.0 if is_in else -rules.lead(race, racer), *rules.rank(race, racer))

    return sorted(race.racers, key=key)


def corrected(result: Result, ranking: Sequence[int], comment: str, by: str) -> Result:
    """The result with the seats in this order. The first of them has won: the crew says so.

    Raises:
        ValueError: `ranking` does not name every seat once, or `comment` is empty; the message is for people.
    """
    refused = why_no_correction(result, ranking, comment)
    if refused is not None:
        raise ValueError(refused)
    by_seat = {standing.seat: standing for standing in result.standings}
    standings = tuple(replace(by_seat[seat], place=place) for place, seat in enumerate(ranking, start=1))
    return Result(standings, ranking[0], result.rerun, comment.strip(), by)


def why_no_correction(result: Result | None, ranking: Sequence[int], comment: str) -> str | None:
    """Why a result may not be corrected so, in one sentence; None: it may."""
    if result is None:
        return "the race has no result yet, so there is none to correct"
    seats = sorted(standing.seat for standing in result.standings)
    if sorted(ranking) != seats:
        return f"the ranking must name each of the seats {', '.join(map(str, seats))} once"
    if not comment.strip():
        return "a correction needs a comment that says why"
    return None


def _standing(race: Race, racer: Racer, place: int) -> Standing:
    time_s = None
    if racer.laps and race.green_s is not None:
        time_s = racer.laps[-1].crossed_s - race.green_s + racer.false_starts * race.fairness.penalty_s
    entry = racer.entry
    return Standing(
        seat=entry.seat,
        car=entry.car,
        player=entry.player,
        place=place,
        laps=len(racer.laps),
        time_s=time_s,
        best_lap_s=racer.best_lap_s,
        score=racer.fight.score,
        out=racer.out,
    )
