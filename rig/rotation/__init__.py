"""Two sets of cars take turns: an interlock that grants each step of a swap or refuses it, and says why.

    rig.rotation.knowledge    what is known of each car, where "unknown" is a state of its own
    rig.rotation.events       facts that sensors report, and requests that people or programs make
    rig.rotation.interlock    step(state, event) -> (state, actions); TRANSITIONS is the whole machine
    rig.rotation.reasons      why a request is refused, naming the cars, in plain words
    rig.rotation.invariants   what must never happen, as folds over a history of timed facts
    rig.rotation.diagram      docs/rotation.md, drawn from the table

    state = rotation_of([Car(1, "Skull A1", "A"), Car(2, "Nuke B1", "B")])
    state, actions = step(state, Charge(at_s=12.0, car=1))
    actions  # (Refused(... "Skull A1 may not be charged: no race is set up with set B yet"),)

Pure throughout: no clock, no radio, no files. Whoever executes the actions reports what came of them as facts.
"""
