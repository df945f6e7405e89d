"""Simulated twins of the bench fixtures: pure state machines that speak the wire protocol byte for byte.

A `Device` is the board, a `Line` the cable to it with its latency and faults. Time is handed in. What a board
switches and measures is the `Plant`'s business; the built-in one is `rig.bench.twins.plant.BenchPlant`.
`rig.bench.twins.pty_mount` hangs a line on a real pseudo-terminal.
"""
