"""Queue and seats: who comes first drives first."""

from booth.pack.model import Play, ShowCar
from booth.seats.events import CallUp, Heard, Join, RaceOn, RaceOver, Ticked
from booth.seats.machine import step
from booth.seats.seating import seat_for_race
from booth.seats.state import Seats
from booth.show.records import Entry, PlayerLeft, PlayerQueued, PlayerSeated

CARS = (ShowCar(11, "One", 1), ShowCar(12, "Two", 2))


def test_a_player_joins_comes_drives_and_falls_silent():
    seats, said = step(Seats(Play(seats=2)), Join(0.0, "p"))
    assert said == (PlayerQueued("p", 1),)
    seats, _ = step(seats, CallUp(1.0, (1, 2)))
    assert seats.queue == ()
    seats, _ = step(seats, Heard(2.0, "p"))
    seats, entries, said = seat_for_race(seats, 7, CARS, 5.0)
    assert entries == (Entry(1, 11, "p"), Entry(2, 12, None, 0.65))
    assert said == (PlayerSeated("p", 1, 7, 5.0),)
    seats, _ = step(seats, RaceOn(6.0))
    seats, said = step(seats, Ticked(30.0))
    assert said == (PlayerLeft("p", "silent", 1),)
    seats, _ = step(seats, RaceOver(60.0))
    assert seats.players == ()
