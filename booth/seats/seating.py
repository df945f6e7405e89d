"""Who sits where in the race that is lined up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from booth.pack.model import Play, ShowCar
from booth.seats.state import Called, Seated, Seats
from booth.show.records import Entry, PlayerSeated, Record


def seat_for_race(
    seats: Seats, race: int, cars: Iterable[ShowCar], at_s: float
) -> tuple[Seats, tuple[Entry, ...], tuple[Record, ...]]:
    """Seats for a race with these cars: the called players who are there, in the order they were called, and AI drivers
    in the rest. The seat of a car is its start number.

    May be asked again for the same race until green: whoever sits keeps the seat, and who has come meanwhile gets one.
    Called players who are not there stay called for the race after.
    """
    by_seat = {car.number: car.identifier for car in cars}
    if seats.race == race and seats.is_on:
        return seats, _entries(by_seat, seats.seated, seats.play), ()
    seated = [one for one in seats.seated if one.seat in by_seat]
    stay: list[Called] = []
    said: list[Record] = []
    for one in (*_without_car(seats, by_seat, at_s), *seats.called):
        taken = {other.seat for other in seated}
        free = [seat for seat in sorted(by_seat) if seat not in taken]
        if not free or not _is_here(seats, one, at_s):
            stay.append(one)
            continue
        seat = one.seat if one.seat in free else free[0]
        seated.append(Seated(one.player, seat, one.joined_s, one.heard_s or at_s))
        said.append(PlayerSeated(one.player, seat, race, max(0.0, at_s - one.joined_s)))
    sitting = tuple(sorted(seated, key=lambda one: one.seat))
    seats = replace(seats, seated=sitting, called=_each_its_seat(stay), race=race)
    return seats, _entries(by_seat, sitting, seats.play), tuple(said)


def grade_of(play: Play, seat: int) -> float:
    """The skill of the AI that drives a seat nobody has taken."""
    return play.grades[(seat - 1) % len(play.grades)] if play.grades else 0.5


def _without_car(seats: Seats, by_seat: Mapping[int, int], at_s: float) -> tuple[Called, ...]:
    """Players who sat in a car that does not race after all: they come first for another."""
    return tuple(
        Called(one.player, one.joined_s, 0, one.seat, at_s, one.heard_s)
        for one in seats.seated
        if one.seat not in by_seat
    )


def _each_its_seat(called: Sequence[Called]) -> tuple[Called, ...]:
    """Called players with a seat each; the first keeps the one that two were called for."""
    taken: set[int] = set()
    kept = []
    for one in called:
        seat = next(seat for seat in count(one.seat) if seat not in taken)
        taken.add(seat)
        kept.append(replace(one, seat=seat))
    return tuple(kept)


def _is_here(seats: Seats, one: Called, now_s: float) -> bool:
    return one.heard_s is not None and now_s - one.heard_s <= seats.patience_s


def _entries(by_seat: Mapping[int, int], seated: Sequence[Seated], play: Play) -> tuple[Entry, ...]:
    players = {one.seat: one.player for one in seated}
    return tuple(
        Entry(seat, car, players.get(seat), None if seat in players else grade_of(play, seat))
        for seat, car in sorted(by_seat.items())
    )
