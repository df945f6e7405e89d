"""The only door to the air: scan, connect, write, notify. The one place that imports bleak.

    rig.radio.moniker   which radio a user means
    rig.radio.radio     Radio: scan, find, connect
    rig.radio.link      CarLink: frames, writes, loss
    rig.radio.errors    what can go wrong, and whose fault it is

Nothing is imported here: a command that only parses a moniker does not pay for bleak.
"""
