"""Races and who drove them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from booth.handover.report.spans import Logged, Span, hours_of, merged, total_s, within
from booth.show.records import (
    Entry,
    LapDone,
    PlayerLeft,
    PlayerQueued,
    PlayerSeated,
    RaceFinished,
    RaceLinedUp,
    RaceStarted,
    RaceStopped,
    ResultCorrected,
    SwapCalled,
    SwapDone,
)


@dataclass(frozen=True, slots=True)
class Race:
    """A race of the day; None: it did not come so far."""

    number: int
    mode: str
    lined_up_at: datetime
    entries: tuple[Entry, ...]
    is_rerun: bool
    started_at: datetime | None = None
    ended_at: datetime | None = None
    has_result: bool = False

    @property
    def players(self) -> tuple[str, ...]:
        """The people at the wheel."""
        return tuple(entry.player for entry in self.entries if entry.player is not None)


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the show: plays and the median wait of those who took a seat in it, None: nobody did."""

    at: datetime
    races: int
    plays: int
    wait_p50_s: float | None


@dataclass(frozen=True, slots=True)
class RaceFigures:
    """What was raced. `plays` are visitors in races that went green, reruns apart; a visitor who plays twice is two plays
    and one of `unique_players`. `idle_s` is open time with no visitor at the wheel and none waiting, swaps apart. `cycle_s` is the median
    from green to green of races with visitors, no swap in between. `gave_up` left the queue before a seat was theirs."""

    races: int
    stopped: int
    corrected: int
    plays: int
    unique_players: int
    plays_per_hour: float | None
    idle_s: float
    cycle_s: float | None
    wait_p50_s: float | None
    wait_p95_s: float | None
    gave_up: int
    laps: int
    hours: tuple[Hour, ...]

    @property
    def repeat_plays(self) -> int:
        """Plays of visitors who had played before."""
        return self.plays - self.unique_players


def quantile(values: Sequence[float], q: float) -> float | None:
    """The q-quantile by nearest rank; None without values."""
    ordered = sorted(values)
    # 0.95 * 60 is a little more than 57 in binary, and must still be rank 57
    return ordered[max(1, math.ceil(len(ordered) * q - 1e-9)) - 1] if ordered else None


def race_figures(log: Sequence[Logged], opened: Sequence[Span], until: datetime) -> RaceFigures:
    """The figures of a day's log."""
    races = races_of(log)
    begun = [race for race in races if race.started_at is not None]
    played = [race for race in begun if race.players and not race.is_rerun]
    waits = [(at, record.waited_s) for at, record in log if isinstance(record, PlayerSeated)]
    busy = [Span(race.lined_up_at, race.ended_at or until) for race in races if race.players]
    swaps = swap_spans(log, until)
    open_s = total_s(opened)
    plays = sum(len(race.players) for race in played)
    every_wait = [wait_s for _, wait_s in waits]
    return RaceFigures(
        races=sum(race.has_result for race in races),
        stopped=sum(isinstance(record, RaceStopped) for _, record in log),
        corrected=sum(isinstance(record, ResultCorrected) for _, record in log),
        plays=plays,
        unique_players=len({player for race in played for player in race.players}),
        plays_per_hour=plays / open_s * 3600 if open_s else None,
        idle_s=open_s - total_s(within([*busy, *swaps, *_waiting(log)], opened)),
        cycle_s=_cycle_s(played, swaps),
        wait_p50_s=quantile(every_wait, 0.5),
        wait_p95_s=quantile(every_wait, 0.95),
        gave_up=sum(isinstance(record, PlayerLeft) and record.seat is None for _, record in log),
        laps=sum(isinstance(record, LapDone) for _, record in log),
        hours=tuple(_hour(at, begun, waits) for at in hours_of(opened)),
    )


def races_of(log: Sequence[Logged]) -> tuple[Race, ...]:
    """Every race that was lined up, in order. One without an end ended when the next was lined up."""
    made: dict[int, Race] = {}
    for at, record in log:
        if isinstance(record, RaceLinedUp):
            for number, race in made.items():
                made[number] = race if race.ended_at is not None else replace(race, ended_at=at)
            is_rerun = record.rerun_of is not None
            made[record.race] = Race(record.race, record.mode, at, record.entries, is_rerun)
        elif isinstance(record, RaceStarted) and record.race in made:
            made[record.race] = replace(made[record.race], started_at=at)
        elif isinstance(record, RaceFinished | RaceStopped) and record.race in made:
            has_result = isinstance(record, RaceFinished)
            made[record.race] = replace(made[record.race], ended_at=at, has_result=has_result)
    return tuple(made.values())


def swap_spans(log: Sequence[Logged], until: datetime) -> tuple[Span, ...]:
    """From each call of a swap to its end."""
    return merged(_swaps(log, until))


def _swaps(log: Sequence[Logged], until: datetime) -> Iterator[Span]:
    since = None
    for at, record in log:
        if isinstance(record, SwapCalled) and since is None:
            since = at
        elif isinstance(record, SwapDone):
            began = at - timedelta(seconds=record.took_s) if since is None else since
            yield Span(began, at)
            since = None
    if since is not None:
        yield Span(since, until)


def _waiting(log: Sequence[Logged]) -> Iterator[Span]:
    """Each visitor's time in the queue, whether a seat or giving up ended it."""
    since: dict[str, datetime] = {}
    for at, record in log:
        if isinstance(record, PlayerQueued):
            since[record.player] = at
        elif isinstance(record, PlayerSeated):
            since.pop(record.player, None)
            yield Span(at - timedelta(seconds=record.waited_s), at)
        elif isinstance(record, PlayerLeft) and record.player in since:
            yield Span(since.pop(record.player), at)


def _cycle_s(played: Sequence[Race], swaps: Sequence[Span]) -> float | None:
    greens = [race.started_at for race in played if race.started_at is not None]
    between = [Span(one, other) for one, other in pairwise(greens) if not within(swaps, [Span(one, other)])]
    return median(span.seconds for span in between) if between else None


def _hour(at: datetime, begun: Sequence[Race], waits: Sequence[tuple[datetime, float]]) -> Hour:
    end = at + timedelta(hours=1)
    races = [race for race in begun if race.started_at is not None and at <= race.started_at < end]
    plays = sum(len(race.players) for race in races if not race.is_rerun)
    in_hour = [wait_s for when, wait_s in waits if at <= when < end]
    return Hour(at, len(races), plays, quantile(in_hour, 0.5))
