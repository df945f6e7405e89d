"""The race engine: line-up to result, modes, drivers. Pure.

    race, written = line_up(12, mode, "A", entries)           # written: RaceLinedUp
    race, written = step(race, BeginCountdown(at_s=100.0, seconds=5.0))
    race, written = step(race, Ticked(at_s=105.0))            # RaceStarted: green
    race, written = step(race, Lapped(at_s=106.2, car=7, crossed_s=106.1, is_first=True))
    race, written = step(race, Lapped(at_s=111.0, car=7, crossed_s=110.9, time_s=4.8))    # LapDone
    race, written = step(race, CarOut(at_s=112.0, car=8, why="battery empty"))            # CarOut
    race, written = step(race, Ticked(at_s=160.0))            # RaceFinished, when the mode's rules say so
    race, written = step(race, Correct(at_s=170.0, ranking=(2, 1, 3, 4), comment="...", by="crew"))

`step` never raises for what comes from outside; what it returns beside the race are the records to write, in order.
Seats are numbered as the start numbers of the cars, from 1.

What each car is to do, at every tick:

    wish = wish_of(Driver(seed, race.race, seat, grade), motion_of(race, seat, now_s), cap)      # an AI
    wish = wish_of_wheel(wheel, now_s, cap_mm_s=cap, heartbeat_s=play.heartbeat_s)               # a player
    wish = allowed(race, seat, wish, now_s, cap)              # stands before green, disabled, out, after the end

    view = race_view(race, now_s, numbers={car: number}, away={"player-3"})

After a restart, from the records of the day, each with its age in seconds:

    races = races_of(written, now_s, pack.mode)               # by number, booth.race.resume
    race, written = step(races[12], Interrupted(at_s=now_s, away_s=away_s))     # if it runs

    booth.race.events      what comes in            booth.race.steering    a phone's words -> wish
    booth.race.state       Race, Racer, Result      booth.race.drivers     AI drivers -> wish, shots
    booth.race.rules       what a game decides      booth.race.leave       what the race lets a car do
    booth.race.standings   results, corrections     booth.race.views       what screens see
    booth.race.resume      races from records       booth.race.driving     wish -> orders (ControlLoop's policy)
    booth.race.grid        cars to the start by themselves
"""
