"""The show as one pure machine over race, seats and floor; what may be asked of it and what screens see of it.

    show = show_of(pack, seed=7, lives=lives, has_hands=False)      # booth.show.state
    show, actions = step(show, Woke(at_s=loop.time(), records=today, away_s=0.0, minute=540))
    show, actions = step(show, Ticked(at_s=..., minute=...))        # booth.show.machine
    snapshot(show, now_s=..., number=12, at="2013-06-04T09:00:00Z")   # booth.show.views: only when screens need one

`step` never raises for what comes from outside and never waits; it returns what to do, in order. All times `at_s` are
one clock, the loop's. What `booth.control` owes the machine:

**Inputs**
* `Woke` first and once, with today's records, oldest first (empty on a fresh day), and how long nobody was watching
  (`ProcessBegan` is control's own record, written before it). Right after it `Sensed(LinkDown)` for every car to which no link is held, which after a start is each of them.
* `Ticked` ten times a second. Everything that takes time (countdown, limits, what follows a result, what is asked again)
  happens in it.
* `Asked` for every command of a socket, with the role its connection has. Each gets exactly one `Answer` with its
  number, but `Steer` and `Beat`, which get none.
* `Sensed(fact)`, facts being those of `rig.rotation.events`, whenever one is known: of an advert first
  `ChargerIs(ON or OFF)` by its charging flag, then `Heard`; at most once a second and car unless something changed.
  `LinkUp` when a connected car has sent fresh data; `LinkDown` whenever a link is gone, was closed, or could not be
  made. `Listened` at the end of every `Listen`, `heard` being the cars whose advert or data came since `since_s`.
  `EarLost` when the adapter failed, after which every link that is gone is reported too. `Pressed` only for a hand that
  pressed. `ChargerIs(UNKNOWN)` for a relay whose meter does not show what was told.
* `OnTrack` when a car says that it stands on the road or no longer does: by its advert, or its status over the link.
* `Moved` for each position, `Lapped` from the lap detector, `BatteryRead` for each answer.
* `PackRead` when the pack has changed on disk and is valid.
* `Trouble` when the recovery ladder begins on something and `Cured` when it ends, `kind` and `car` being the same. A
  link that was lost is `LinkDown` and, if the ladder works on it, `Trouble(kind="link")`. What cannot be cured any more
  stays a trouble.

**Actions**
* `Write` before anything that follows it is done. `Answer` after the writes it stands behind.
* `Connect`, `Halt`, `Drive`, `CountLaps`, `Listen`: done as they come, each reported as above. A `Connect` to a car
  that is being connected, and a `Listen` while listening, change nothing. `Drive` replaces the wish before; a car that
  is connected begins with `STAND`.
* `Press`, `SwitchCharger`, `PlaceOnTrack`: where there are hands (`has_hands`) they are done and reported; where there
  are none control leaves them, for the crew reads the same as tasks.
* `Restart`: of what, see `booth.show.actions`; it is counted by a record that was written before.

The rotation's interlock decides what may be connected, driven, pressed and charged: the machine asks it for each step
and passes on only what it grants. `docs/booth-show.md` has the phases.
"""
