"""Queue and seats again, from what was written down about players. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from booth.pack.model import Play
from booth.seats.events import RaceOn, RaceOver
from booth.seats.machine import step, uncounted, without
from booth.seats.state import Seated, Seats, Waiting
from booth.show import records
from booth.show.records import Record


def seats_of(written: Iterable[tuple[float, Record]], now_s: float, play: Play) -> Seats:
    """Queue and seats as the records leave them; `written` are pairs of age in seconds and record, oldest first.

    Who was called waits at the front again: calls are not written down. Every seated player's phone counts as heard
    now, which gives it the grace to come back.
    """
    seats = Seats(play)
    for age_s, record in written:
        seats = _told(seats, record, now_s - age_s)
    return replace(seats, seated=tuple(replace(one, heard_s=now_s) for one in seats.seated))


def _told(seats: Seats, record: Record, at_s: float) -> Seats:
    tell = _TELL.get(type(record))
    return seats if tell is None else tell(seats, record, at_s)


def _queued(seats: Seats, record: records.PlayerQueued, at_s: float) -> Seats:
    before = next((one for one in seats.waiting if one.player == record.player), None)
    again = Waiting(record.player, at_s) if before is None else replace(before, missed=before.missed + 1)
    seats = without(seats, record.player)
    return replace(seats, waiting=(*seats.waiting, again))


def _left(seats: Seats, record: records.PlayerLeft, _: float) -> Seats:
    return without(seats, record.player)


def _seated(seats: Seats, record: records.PlayerSeated, at_s: float) -> Seats:
    one = Seated(record.player, record.seat, at_s - record.waited_s, at_s)
    seats = without(seats, record.player)
    seated = sorted((*seats.seated, one), key=lambda one: one.seat)
    return replace(seats, seated=tuple(seated), race=record.race)


def _lined_up(seats: Seats, record: records.RaceLinedUp, _: float) -> Seats:
    entered = {(entry.seat, entry.player) for entry in record.entries}
    seated = tuple(one for one in seats.seated if (one.seat, one.player) in entered)
    without_car = tuple(Waiting(one.player, one.joined_s) for one in seats.seated if one not in seated)
    seats = uncounted(seats) if record.rerun_of is not None else seats
    return replace(seats, race=record.race, seated=seated, waiting=(*without_car, *seats.waiting))


def _started(seats: Seats, _: records.RaceStarted, at_s: float) -> Seats:
    return step(seats, RaceOn(at_s))[0]


def _over(seats: Seats, record: records.RaceFinished | records.RaceStopped, at_s: float) -> Seats:
    return step(seats, RaceOver(at_s, counts=isinstance(record, records.RaceFinished)))[0]


_TELL: dict[type[Record], Callable[[Seats, Any, float], Seats]] = {
    records.PlayerQueued: _queued,
    records.PlayerLeft: _left,
    records.PlayerSeated: _seated,
    records.RaceLinedUp: _lined_up,
    records.RaceStarted: _started,
    records.RaceFinished: _over,
    records.RaceStopped: _over,
}
