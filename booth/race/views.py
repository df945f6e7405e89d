"""What screens see of a race, at any moment of its life. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType

from booth.pack.model import ModeKind
from booth.race.standings import live_order
from booth.race.state import Phase, Race, Racer
from booth.show.view import RaceView, SeatView

_NUMBERS: Mapping[int, int] = MappingProxyType({})


def race_view(
    race: Race, now_s: float, *, numbers: Mapping[int, int] = _NUMBERS, away: Container[str] = ()
) -> RaceView:
    """The race at `now_s`, loop time. `numbers` are the start numbers by car (else: the seat's), `away` the players
    whose phones are silent."""
    result = race.result
    counts_down = race.phase is Phase.COUNTDOWN and race.starts_s is not None
    runs = race.phase is Phase.RUNNING and race.ends_s is not None
    return RaceView(
        race=race.race,
        mode=race.mode.name,
        kind=race.mode.kind.value,
        set_name=race.set_name,
        laps=race.mode.laps if race.mode.kind is ModeKind.RACE else None,
        seats=seat_views(race, now_s, numbers=numbers, away=away),
        starts_in_s=max(0.0, (race.starts_s or 0.0) - now_s) if counts_down else None,
        ends_in_s=max(0.0, (race.ends_s or 0.0) - now_s) if runs else None,
        winner=None if result is None else result.winner,
        is_rerun=race.rerun_of is not None,
        corrected=result.comment if result is not None and result.comment else None,
        note=_note(race),
    )


def seat_views(
    race: Race, now_s: float, *, numbers: Mapping[int, int] = _NUMBERS, away: Container[str] = ()
) -> tuple[SeatView, ...]:
    """Every seat, in order of seats; `position` is the place in the result once there is one."""
    places = _places(race)
    ranked = sorted(race.racers, key=lambda racer: places.get(racer.seat, 0))
    return tuple(
        SeatView(
            seat=racer.seat,
            car=racer.entry.car,
            number=numbers.get(racer.entry.car, racer.seat),
            player=racer.entry.player,
            grade=racer.entry.grade,
            is_there=racer.entry.player is None or racer.entry.player not in away,
            laps=len(racer.laps),
            last_lap_s=racer.laps[-1].time_s if racer.laps else None,
            best_lap_s=racer.best_lap_s,
            gap_s=_gap_s(ranked[0], racer),
            position=places.get(racer.seat),
            progress=None if racer.spot is None else racer.spot.share,
            speed_mm_s=0 if racer.spot is None else racer.spot.speed_mm_s,
            energy=racer.fight.energy if race.mode.kind is ModeKind.BATTLE else None,
            score=racer.fight.score if race.mode.kind is ModeKind.BATTLE else None,
            is_disabled=race.phase is Phase.RUNNING and racer.is_disabled(now_s),
            out=racer.out,
        )
        for racer in race.racers
    )


def _places(race: Race) -> dict[int, int]:
    if race.result is not None:
        return {standing.seat: standing.place for standing in race.result.standings}
    if race.phase is not Phase.RUNNING:
        return {}
    return {racer.seat: place for place, racer in enumerate(live_order(race), start=1)}


def _gap_s(leader: Racer, racer: Racer) -> float | None:
    """Behind the leader at the end of the last lap both have completed."""
    if racer is leader or not racer.laps or len(leader.laps) < len(racer.laps):
        return None
    return max(0.0, racer.laps[-1].crossed_s - leader.laps[len(racer.laps) - 1].crossed_s)


def _note(race: Race) -> str | None:
    """What a visitor should know, in English."""
    if race.phase is Phase.STOPPED:
        return "This race was stopped"
    if race.result is not None:
        return race.result.rerun or None
    out = [str(racer.seat) for racer in race.racers if racer.out is not None]
    if out:
        return f"{'Car' if len(out) == 1 else 'Cars'} {', '.join(out)} left the race"
    return "The race was interrupted; its time goes on" if race.held_s else None
