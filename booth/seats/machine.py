"""Who drives now and who comes next. Pure: `step(seats, event) -> (seats, records)`.

    nobody --Join--> waiting --CallUp--> called --seat_for_race--> seated --RaceOver--> nobody
        called --not heard of for call_up_s, or Skip--> waiting, at the end; the second time: nobody
        seated --silent beyond the grace, or Leave--> nobody; an AI drives on
        seated --Skip before green--> as called

First come, first called. Whoever is called comes by being heard of: a phone that is awake with the page open, at
hand, is enough. An event that does not fit changes nothing; `why_not` says what a person asked in vain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from booth.seats import events
from booth.seats.state import Called, Seated, Seats, Waiting
from booth.show.records import PlayerLeft, PlayerQueued, Record

Outcome = tuple[Seats, tuple[Record, ...]]

LEFT, DID_NOT_COME, SILENT, CLOSED = "left", "did not come", "silent", "closed"
_MISSES = 1
"""So often a called player may fail to come and still keeps a place, at the end."""
_REMEMBERED = 5


def step(seats: Seats, event: events.Event) -> Outcome:
    """Queue and seats after one event, and what there is to write down."""
    if not math.isfinite(event.at_s):
        return seats, ()
    return _STEPS[type(event)](seats, event)


def why_not(seats: Seats, event: events.Event) -> str | None:
    """Why somebody may not have what they ask for, in one sentence for people; None: they may."""
    match event:
        case events.Join():
            most = seats.play.races_a_day
            if event.player not in seats.players and most and seats.raced.get(event.player, 0) >= most:
                times = "once" if most == 1 else f"{most} times"
                return f"each player races {times} a day: come back tomorrow"
        case events.Skip():
            if seats.is_on and not any(called.seat == event.seat for called in seats.called):
                return "the race is on: its players keep their seats"
            if event.seat not in {*(one.seat for one in seats.called), *(one.seat for one in seats.seated)}:
                return f"nobody is called for seat {event.seat}"
        case events.Rerun():
            if seats.is_on:
                return "a race is on: it must be over or stopped before another is run again"
            if seats.last_race != event.race:
                return f"race {event.race} is not the last one, so its players have gone"
        case _:
            pass
    return None


def without(seats: Seats, player: str) -> Seats:
    """Queue and seats without a player, wherever they were."""
    return replace(
        seats,
        waiting=tuple(one for one in seats.waiting if one.player != player),
        called=tuple(one for one in seats.called if one.player != player),
        seated=tuple(one for one in seats.seated if one.player != player),
    )


def uncounted(seats: Seats) -> Seats:
    """The last race does not count for its players, because it is run again."""
    return _raced(seats, -1 if seats.last_counted else 0)


def _join(seats: Seats, event: events.Join) -> Outcome:
    if event.player in seats.players:
        return _heard(seats, events.Heard(event.at_s, event.player))
    if why_not(seats, event) is not None:
        return seats, ()
    return _call(*_queued(seats, Waiting(event.player, event.at_s)), now_s=event.at_s)


def _leave(seats: Seats, event: events.Leave) -> Outcome:
    if event.player not in seats.players:
        return seats, ()
    return _call(*_gone(seats, event.player, LEFT), now_s=event.at_s)


def _heard(seats: Seats, event: events.Heard) -> Outcome:
    called = tuple(
        replace(one, heard_s=event.at_s) if one.player == event.player else one for one in seats.called
    )
    seated = tuple(
        replace(one, heard_s=event.at_s) if one.player == event.player else one for one in seats.seated
    )
    return replace(seats, called=called, seated=seated), ()


def _call_up(seats: Seats, event: events.CallUp) -> Outcome:
    """Who was called first stays called, for another seat if need be; for whom there is none waits at the front."""
    open_seats = tuple(dict.fromkeys(event.seats))
    stay, back = seats.called[: len(open_seats)], seats.called[len(open_seats) :]
    kept = {one.seat for one in stay if one.seat in open_seats}
    free = iter([seat for seat in open_seats if seat not in kept])
    called = tuple(one if one.seat in open_seats else replace(one, seat=next(free)) for one in stay)
    returned = tuple(Waiting(one.player, one.joined_s, one.missed) for one in back)
    seats = replace(seats, open_seats=open_seats, called=called, waiting=(*returned, *seats.waiting))
    return _call(seats, (), now_s=event.at_s)


def _skip(seats: Seats, event: events.Skip) -> Outcome:
    if why_not(seats, event) is not None:
        return seats, ()
    for called in seats.called:
        if called.seat == event.seat:
            return _call(*_passed_over(seats, called), now_s=event.at_s)
    seated = next(one for one in seats.seated if one.seat == event.seat)
    missed = Called(seated.player, seated.joined_s, 0, seated.seat, event.at_s)
    return _call(*_passed_over(seats, missed), now_s=event.at_s)


def _race_on(seats: Seats, event: events.RaceOn) -> Outcome:
    if seats.race is None or seats.is_on:
        return seats, ()
    cycles_s = seats.cycles_s
    if seats.began_s is not None:
        cycles_s = (*cycles_s, event.at_s - seats.began_s)[-_REMEMBERED:]
    return replace(seats, is_on=True, began_s=event.at_s, cycles_s=cycles_s), ()


def _race_over(seats: Seats, event: events.RaceOver) -> Outcome:
    if seats.race is None:
        return seats, ()
    players = tuple((one.seat, one.player) for one in seats.seated)
    seats = replace(
        seats, seated=(), race=None, is_on=False, last_race=seats.race, last_players=players,
        last_counted=event.counts,
    )  # fmt: skip
    return _raced(seats, 1 if event.counts else 0), ()


def _rerun(seats: Seats, event: events.Rerun) -> Outcome:
    """Its players are called before anybody else; whoever was called or seated meanwhile waits at the front."""
    if why_not(seats, event) is not None:
        return seats, ()
    known = _members(seats)
    again = tuple(
        Called(player, known[player].joined_s if player in known else event.at_s, 0, seat, event.at_s)
        for seat, player in seats.last_players
    )
    seats = uncounted(seats)
    players = {one.player for one in again}
    meanwhile: tuple[Called | Seated, ...] = (*seats.seated, *seats.called)
    back = tuple(
        Waiting(one.player, one.joined_s, one.missed if isinstance(one, Called) else 0)
        for one in meanwhile
        if one.player not in players
    )
    rest = tuple(one for one in seats.waiting if one.player not in players)
    seats = replace(
        seats, called=again, seated=(), waiting=(*back, *rest), race=None, last_race=None, last_players=()
    )
    return _call(seats, (), now_s=event.at_s)


def _send_home(seats: Seats, _: events.SendHome) -> Outcome:
    said: tuple[Record, ...] = ()
    for player in seats.players:
        seats, more = _gone(seats, player, CLOSED)
        said += more
    return replace(seats, open_seats=()), said


def _new_day(seats: Seats, _: events.NewDay) -> Outcome:
    return replace(seats, raced=MappingProxyType({}), last_counted=False), ()


def _ticked(seats: Seats, event: events.Ticked) -> Outcome:
    said: tuple[Record, ...] = ()
    for one in seats.seated:
        if event.at_s - one.heard_s > seats.patience_s:
            seats, more = _gone(seats, one.player, SILENT)
            said += more
    for called in seats.called:
        last_s = called.called_s if called.heard_s is None else max(called.called_s, called.heard_s)
        if event.at_s - last_s > seats.play.call_up_s:
            seats, more = _passed_over(seats, called)
            said += more
    return _call(seats, said, now_s=event.at_s)


def _call(seats: Seats, said: tuple[Record, ...], *, now_s: float) -> Outcome:
    """Calls the first in the queue for every open seat that nobody is called for."""
    taken = {one.seat for one in seats.called}
    free = [seat for seat in seats.open_seats if seat not in taken]
    first, rest = seats.waiting[: len(free)], seats.waiting[len(free) :]
    called = tuple(
        Called(one.player, one.joined_s, one.missed, seat, now_s)
        for one, seat in zip(first, free, strict=False)
    )
    if not called:
        return seats, said
    return replace(seats, waiting=rest, called=(*seats.called, *called)), said


def _queued(seats: Seats, waiting: Waiting) -> Outcome:
    seats = replace(seats, waiting=(*seats.waiting, waiting))
    return seats, (PlayerQueued(waiting.player, len(seats.called) + len(seats.waiting)),)


def _passed_over(seats: Seats, one: Called) -> Outcome:
    if one.missed >= _MISSES:
        return _gone(seats, one.player, DID_NOT_COME)
    return _queued(without(seats, one.player), Waiting(one.player, one.joined_s, one.missed + 1))


def _gone(seats: Seats, player: str, why: str) -> Outcome:
    seat = next((one.seat for one in seats.seated if one.player == player), None)
    return without(seats, player), (PlayerLeft(player, why, seat),)


def _members(seats: Seats) -> dict[str, Waiting | Called | Seated]:
    everybody: tuple[Waiting | Called | Seated, ...] = (*seats.seated, *seats.called, *seats.waiting)
    return {one.player: one for one in everybody}


def _raced(seats: Seats, change: int) -> Seats:
    raced = dict(seats.raced)
    for _, player in seats.last_players:
        raced[player] = max(0, raced.get(player, 0) + change)
    return replace(seats, raced=MappingProxyType(raced))


_STEPS: dict[type[events.Event], Callable[[Seats, Any], Outcome]] = {
    events.Join: _join,
    events.Leave: _leave,
    events.Heard: _heard,
    events.CallUp: _call_up,
    events.Skip: _skip,
    events.RaceOn: _race_on,
    events.RaceOver: _race_over,
    events.Rerun: _rerun,
    events.SendHome: _send_home,
    events.NewDay: _new_day,
    events.Ticked: _ticked,
}
