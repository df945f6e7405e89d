"""Two sets of cars at the booth: how long they last, and the swap guided step by step for the crew's hands. Pure.

    booth.floor.forecast    battery lives -> races left; refuses a race the set cannot finish
    booth.floor.steps       the words of a swap: its steps, its limits, tasks for hands, what the stand shows
    booth.floor.guide       what to ask of the interlock next, and what the crew's hands do now
    booth.floor.asks        the pieces the guide is made of: what one car needs to be ready, off, lined up, charging
    booth.floor.table       what is wrong with a car in one letter, and the state of a set in one word

The interlock (`rig.rotation`) decides; nothing here says that a step is safe. What no sensor shows is confirmed by
the crew or stays unknown: a car that is off tells nobody whether its charger is, and without a meter its charger
counts as off only after its advert said so, or after a crew member has looked and ticked it. Such a tick is a fact with
a source: it is written down with who gave it, and it never outvotes a car that says it is charging.
"""
