"""The daily draw: declared, frozen, drawn by RFC 3797, told on the stage, proved by its bundle alone. No personal data:
ticket codes, roles and reasons from fixed lists only.

Pure:

* `rfc3797`      the algorithm: `ranking(pool, wanted, sources)`
* `sources`      how dice, a drand value and the morning secret become its sources
* `dice`, `drand`, `commitment`, `freeze`, `declaration`, `reasons`   the values
* `ceremony`     `step(ceremony, act) -> Ceremony`; refuses with a sentence (`booth.draw.errors.Refused`)
* `acts`         what may be done: Declare, Redeclare, Freeze, Correct, Throw, CorrectThrow, TakeDrand, Run, Announce,
                 Decide, Void, each inside an `Act(at, by, what)`
* `staging`      `staged(ceremony) -> (step, body)` for the show command StageDraw; `may_do(ceremony, at)` for the crew
* `bundle`       `files_of(ceremony)` and back: `ceremony_of(files)`
* `verify`       `verify(files) -> Verification`: everything recomputed, each statement with its file

Shell, small and synchronous (a few milliseconds each, for a thread):

* `store.DrawStore(folder, software)`   `folder` is HOME/booth/<show>/draws; survives a kill at any step
      .names(), .latest(day)         draws there are, oldest first: "2026-11-22", "2026-11-22-2"; the day's last or None
      .load(name)                    -> Ceremony
      .declare(pack, day, at, by, terms)             -> name; makes the morning secret; one draw a day, unless void
      .redeclare(name, pack, terms, why, at, by)     -> Ceremony; before the freeze, e.g. to close entries now
      .do(name, what, at, by)        -> Ceremony; `what` is one of `acts`, e.g. Freeze(tickets, struck)
      .run(name, at, by)             -> Ceremony; reveals the secret and ranks
      .void(name, why, at, by)       -> Ceremony; calls it off, and reveals the morning secret all the same
      .bundle(name)                  -> Path of the .zip, once the draw is closed or void
* `folders.read_bundle(path)`        the files of a bundle, .zip or folder
* `mirrors.fetch(chain, round)`      the drand value of two mirrors, online

What the screens do at closing time:

    store.do(name, Freeze(tickets=codes, struck={code: Strike.STAFF}), at, by="crew")
    store.do(name, Throw((3, 6, 1)), at, by="crew")          until ceremony.throws_missing == 0
    store.run(name, at, by="crew")
    store.do(name, Announce(), at, by="crew")                 its time runs until ceremony.deadline
    store.do(name, Decide(Outcome.CLAIMED, Reason.CAME), at, by="crew")      else Announce() the next rank
    staged(ceremony)                                          after each: step and body for StageDraw
    bundle_id(bundled(ceremony))                              at the end, on the stage and on paper

`at` is an aware datetime from `rig.clock`; `by` a role or initials, never a name. Errors: `errors.Refused` (not now; the
sentence is for the crew), `booth.errors.BadInput`, `BoothBroken`.
"""
