"""Byte-exact codecs of the bench fixtures: pure, declared with construct, no ports and no clock.

Each module declares one protocol's frames and offers two directions for both ends: the driver encodes requests
and takes replies, the simulated twin takes requests and encodes replies, so that a mistake in the declaration
cannot hide by being made twice: `fixtures/bench/vectors.jsonl` holds the vendors' own bytes.

A `take_…` function looks for one frame in a buffer of received bytes: it removes and returns it, drops what
can never become one, and returns None while more bytes are needed. It never raises on garbage.
"""
