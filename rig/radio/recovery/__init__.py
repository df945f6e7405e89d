"""The recovery ladder: what is tried, in which order and at what cost, before a person is asked.

`rungs` says which rungs a fault has, `machine` climbs them (pure), `executor` does what the machine asks for,
`remedies` says what a radio can do about itself, and `records` keeps what every rung cost and whether it helped.
"""
