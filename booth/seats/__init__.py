"""Seats and queue: who drives now, who comes next. Pure.

    seats = Seats(pack.play)
    seats, written = step(seats, Join(at_s=1.0, player="p1"))             # PlayerQueued
    seats, written = step(seats, CallUp(at_s=2.0, seats=(1, 2, 3, 4)))    # while the race before is on, or at its end
    seats, written = step(seats, Heard(at_s=3.0, player="p1"))            # every Beat and Steer: p1 has come
    seats, entries, written = seat_for_race(seats, 12, cars, at_s=10.0)   # PlayerSeated; AI in the empty seats
    seats, written = step(seats, RaceOn(at_s=15.0))                       # at green
    seats, written = step(seats, Ticked(at_s=20.0))                       # PlayerLeft(..., "silent", seat=2)
    seats, written = step(seats, RaceOver(at_s=80.0))

When a `PlayerLeft` with a seat is written while a race is lined up or on, an AI drives on: tell the race
`TakenOver(at_s, seat, grade_of(play, seat))`. What a person asks in vain is told by `why_not(seats, event)`.

After a restart, from the records of the day, each with its age in seconds: `seats_of(written, now_s, pack.play)`.

    booth.seats.events    what comes in                 booth.seats.seating    who sits where
    booth.seats.state     queue, called, seated         booth.seats.waits      estimates for screens
    booth.seats.machine   step, why_not                 booth.seats.resume     from records
"""
